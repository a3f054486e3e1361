// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/anchor/anchor_codec.h"

#include <algorithm>

#include "fs/anchor/checkpoint_head.h"
#include "fs/anchor/text.h"

namespace chainfs::fs::anchor {
namespace {

constexpr std::string_view kAnchorHeading = "chainfs anchor ";
constexpr std::string_view kPathHeading = "chainfs anchor path ";
constexpr std::string_view kFormat = "1";

bool IsVaultPath(std::string_view path) {
  return path.starts_with('/') && path.size() <= kMaxVaultPathBytes &&
         path.find('\0') == std::string_view::npos;
}

bool IsVkey(std::string_view vkey) {
  return !vkey.empty() && vkey.size() <= kMaxVkeyBytes &&
         std::all_of(vkey.begin(), vkey.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool IsNote(std::string_view note) { return HeadOf(note) && note.ends_with('\n'); }

// A text taken line by line. The first line that is not as it must be is the error, and from then
// on there are no lines.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  // The next line, which begins with `keyword`; what follows that.
  std::string_view Field(std::string_view keyword) {
    ++number_;
    const size_t end = rest_.find('\n');
    if (end == std::string_view::npos || !rest_.substr(0, end).starts_with(keyword)) {
      Refuse("no line \"" + std::string(keyword) + "...\"");
      return {};
    }
    const std::string_view value = rest_.substr(keyword.size(), end - keyword.size());
    rest_.remove_prefix(end + 1);
    return value;
  }
  void Heading(std::string_view heading) {
    const std::string_view format = Field(heading);
    if (error_ || format == kFormat) return;
    if (ParseDecimal(format)) {
      error_ = Error{ErrorCode::kUnknownFormat,
                     "its format number is " + std::string(format) + ", made by a newer chainfs"};
    }
    Refuse("no format number");
  }
  VolumeId Volume() {
    VolumeId volume{};
    Require(ParseHex(Field("volume "), volume), "not a volume id");
    return volume;
  }
  std::string Vault() {
    const std::optional<std::string> path = PercentDecode(Field("vault "));
    Require(path && IsVaultPath(*path), "not an absolute path, percent-encoded");
    return path.value_or("");
  }
  void EmptyLine() { Require(Field("").empty(), "not empty"); }
  std::string Rest() {
    ++number_;
    return std::string(std::exchange(rest_, {}));
  }
  void AtEnd() {
    ++number_;
    Require(rest_.empty(), "more than there should be");
  }
  void Require(bool holds, const std::string& otherwise) {
    if (!holds) Refuse(otherwise);
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  void Refuse(const std::string& why) {
    if (!error_) {
      error_ = Error{ErrorCode::kDamaged, "line " + std::to_string(number_) + ": " + why};
    }
    rest_ = {};
  }

  std::string_view rest_;
  int number_ = 0;
  std::optional<Error> error_;
};

std::string Heading(std::string_view heading) {
  return std::string(heading) + std::string(kFormat) + "\n";
}

}  // namespace

Result<std::string> EncodeAnchor(const Anchor& anchor) {
  if (!IsVkey(anchor.vkey)) return Error{ErrorCode::kInvalid, "not a vkey: " + anchor.vkey};
  if (!IsVaultPath(anchor.vault)) {
    return Error{ErrorCode::kInvalid, "not an absolute path: " + anchor.vault};
  }
  if (!IsNote(anchor.note)) return Error{ErrorCode::kInvalid, "the note is no checkpoint"};
  std::string text = Heading(kAnchorHeading) + "volume " + ToHex(anchor.volume) + "\nvkey " +
                     anchor.vkey + "\ngenesis " + ToHex(anchor.genesis) + "\ntime " +
                     std::to_string(anchor.time_ns) + "\nvault " + PercentEncode(anchor.vault) +
                     "\n\n" + anchor.note;
  if (text.size() > kMaxAnchorBytes) return Error{ErrorCode::kInvalid, "longer than 64 KiB"};
  return text;
}

Result<Anchor> DecodeAnchor(std::string_view text) {
  if (text.size() > kMaxAnchorBytes) return Error{ErrorCode::kDamaged, "longer than 64 KiB"};
  Lines lines(text);
  Anchor anchor;
  lines.Heading(kAnchorHeading);
  anchor.volume = lines.Volume();
  anchor.vkey = lines.Field("vkey ");
  lines.Require(IsVkey(anchor.vkey), "not a vkey");
  lines.Require(ParseHex(lines.Field("genesis "), anchor.genesis), "not a link");
  const std::optional<uint64_t> time = ParseDecimal(lines.Field("time "));
  lines.Require(time.has_value(), "not a number of nanoseconds");
  anchor.time_ns = time.value_or(0);
  anchor.vault = lines.Vault();
  lines.EmptyLine();
  anchor.note = lines.Rest();
  lines.Require(IsNote(anchor.note), "not a checkpoint");
  if (lines.error()) return *lines.error();
  return anchor;
}

Result<std::string> EncodePathEntry(const PathEntry& entry) {
  if (!IsVaultPath(entry.vault)) {
    return Error{ErrorCode::kInvalid, "not an absolute path: " + entry.vault};
  }
  return Heading(kPathHeading) + "volume " + ToHex(entry.volume) + "\nvault " +
         PercentEncode(entry.vault) + "\n";
}

Result<PathEntry> DecodePathEntry(std::string_view text) {
  if (text.size() > kMaxAnchorBytes) return Error{ErrorCode::kDamaged, "longer than 64 KiB"};
  Lines lines(text);
  PathEntry entry;
  lines.Heading(kPathHeading);
  entry.volume = lines.Volume();
  entry.vault = lines.Vault();
  lines.AtEnd();
  if (lines.error()) return *lines.error();
  return entry;
}

}  // namespace chainfs::fs::anchor
