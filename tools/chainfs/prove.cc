// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/history/prove.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "tools/chainfs/commands.h"
#include "tools/common/files.h"
#include "tools/common/open_vault.h"
#include "tools/common/size_text.h"

namespace chainfs::tools {
namespace {

using nlohmann::json;

constexpr uint64_t kMaxNumber = ~uint64_t{0};

struct Made {
  std::string file;
  json about;                 // what it proves
  std::optional<Bytes> blob;  // of an object that is still in the store
};

Failure ProofFailure(const Error& error, const std::string& vault) {
  // What is not there cannot be proven: a number that is none.
  if (error.code == ErrorCode::kNotFound) return {ExitCode::kUsage, vault + ": " + error.message};
  return VaultFailure(error, vault);
}

Outcome<Made> MakeProof(const OpenVault& vault, const ProveOptions& options) {
  const std::string& text = options.record.empty() ? options.object : options.record;
  const auto number = ParseNumber(text, kMaxNumber);
  if (!number) return Failure{ExitCode::kUsage, "'" + text + "' is no number"};
  auto txn = vault.store->BeginRead();
  if (!txn) return VaultFailure(txn.error(), vault.path);
  if (!options.record.empty()) {
    auto file = fs::ProveRecord(*txn, vault.head, Sequence(*number));
    if (!file) return ProofFailure(file.error(), vault.path);
    return Made{*std::move(file), {{"kind", "record"}, {"record", *number}}, {}};
  }
  auto proof = fs::ProveObject(*txn, vault.head, ObjectId(*number));
  if (!proof) return ProofFailure(proof.error(), vault.path);
  Made made{std::move(proof->file), {{"kind", "object"}, {"object", *number}}, {}};
  const auto blob = txn->FindObject(ObjectId(*number));
  if (blob) made.blob = Bytes(blob->begin(), blob->end());
  made.about["record"] = proof->record.value;
  made.about["in_store"] = blob.has_value();
  return made;
}

}  // namespace

Outcome<void> Prove(const std::string& vault, const ProveOptions& options) {
  if (options.record.empty() == options.object.empty()) {
    return Failure{ExitCode::kUsage, "give either --record N or --object ID"};
  }
  if (!options.blob_file.empty() && options.object.empty()) {
    return Failure{ExitCode::kUsage, "--blob goes with --object: a record has no blob"};
  }
  auto opened = OpenForReading(vault, Crashes::kExplained);
  if (!opened) return opened.error();
  auto made = MakeProof(*opened, options);
  if (!made) return made.error();
  if (!options.blob_file.empty() && !made->blob) {
    return Failure{ExitCode::kUsage, opened->path + ": object " + options.object +
                                         " has been reaped: its birth can be proven (without "
                                         "--blob), its content is gone"};
  }
  if (!options.blob_file.empty()) {
    if (auto written = WriteNewFile(options.blob_file, *made->blob); !written) return written;
  }
  if (!options.output.empty()) {
    if (auto written = WriteNewFile(options.output, AsBytes(made->file)); !written) return written;
  }
  if (options.json) {
    if (options.output.empty()) made->about["proof"] = made->file;
    std::printf("%s\n", made->about.dump(2).c_str());
  } else if (options.output.empty()) {
    std::fwrite(made->file.data(), 1, made->file.size(), stdout);
  }
  if (auto printed = FlushOutput(); !printed) return printed;
  if (!made->about.value("in_store", true)) {
    std::fprintf(stderr, "chainfs: object %s has been reaped: the proof is of its birth\n",
                 options.object.c_str());
  }
  return {};
}

}  // namespace chainfs::tools
