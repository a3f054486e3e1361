// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/fsck/known_to_fsck.h"

#include "ledger/verifier_key.h"
#include "tools/common/known_heads.h"
#include "tools/common/vkey_argument.h"

namespace chainfs::tools {
namespace {

// The key that an anchor names, if it names one.
void AddKeyOf(const std::string& vkey, const std::string& source, KnownToFsck* known) {
  if (vkey.empty()) return;
  if (auto key = ledger::DecodeVerifierKey(vkey)) known->keys.push_back({source, key->key});
}

}  // namespace

std::string AddWhatIsKept(const std::string& vault, const VolumeId& volume, KnownToFsck* known) {
  const AnchorPlace place = FindAnchorPlace(vault, {});
  if (!place.directory) return {};
  auto kept = place.directory->Find(volume);
  if (!kept) {
    const bool none = kept.error().code == ErrorCode::kNotDirectory;
    return none ? std::string() : kept.error().message;
  }
  if (!*kept) return {};
  const std::string file = place.directory->FileOf(volume);
  AddKeyOf((*kept)->vkey, "the anchor " + file, known);
  known->heads.push_back({file, std::move((*kept)->note), (*kept)->time_ns});
  return {};
}

Outcome<KnownToFsck> FindWhatIsNamed(const FsckArguments& arguments) {
  KnownToFsck known;
  for (const std::string& file : arguments.anchors) {
    auto anchor = ReadAnchorFile(file);
    if (!anchor) return anchor.error();
    AddKeyOf(anchor->vkey, "the anchor " + anchor->head.source, &known);
    known.heads.push_back(std::move(anchor->head));
  }
  if (!arguments.vkey.empty()) {
    auto key = ReadVkeyArgument(arguments.vkey);
    if (!key) return key.error();
    known.keys.push_back({"--vkey", key->key});
  }
  if (!arguments.since.empty()) {
    auto since = ReadAnchorFile(arguments.since);
    if (!since) return since.error();
    known.since = std::move(since->head);
  }
  return known;
}

}  // namespace chainfs::tools
