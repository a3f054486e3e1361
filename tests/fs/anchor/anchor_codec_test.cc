// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/anchor/anchor_codec.h"

#include <random>

#include "tests/fs/anchor/anchor_fixture.h"

namespace chainfs::fs::anchor {
namespace {

// The fenced example of docs/format-anchor.md that begins with `heading`.
std::string DocumentedExample(const std::string& heading) {
  const std::string document = ReadAll(FORMAT_ANCHOR_DOCUMENT);
  const size_t begin = document.find("```\n" + heading + "\n");
  const size_t end = document.find("```", begin + 4);
  if (end == std::string::npos) throw std::runtime_error("no such example: " + heading);
  return document.substr(begin + 4, end - begin - 4);
}

// What decodes encodes to the same bytes. Returns whether it decoded.
bool DecodesToItself(const std::string& text) {
  const Result<Anchor> anchor = DecodeAnchor(text);
  if (!anchor) {
    EXPECT_FALSE(anchor.error().message.empty());
    return false;
  }
  EXPECT_EQ(Take(EncodeAnchor(*anchor)), text);
  return true;
}

TEST(AnchorCodecTest, EncodesToTheExampleOfTheFormatDocument) {
  const std::string example = DocumentedExample("chainfs anchor 1");
  Anchor anchor = Take(DecodeAnchor(example));
  EXPECT_EQ(anchor.volume, Counting<16>(0xa0));
  EXPECT_EQ(anchor.genesis, Counting<32>(0xc0));
  EXPECT_EQ(anchor.time_ns, 1717771234567890123u);
  EXPECT_EQ(anchor.vault, "/home/ada/my vault\u00e9");
  EXPECT_TRUE(
      anchor.vkey.starts_with("chainfs/a0a1a2a3a4a5a6a7a8a9aaabacadaeaf/c0c1c2c3c4c5c6c7+"));
  EXPECT_EQ(SizeOf(anchor), 20852163u);
  EXPECT_EQ(Take(EncodeAnchor(anchor)), example);
}

TEST(AnchorCodecTest, PathEntryEncodesToTheExampleOfTheFormatDocument) {
  const std::string example = DocumentedExample("chainfs anchor path 1");
  const PathEntry entry{Counting<16>(0xa0), "/home/ada/my vault\u00e9"};
  EXPECT_EQ(Take(EncodePathEntry(entry)), example);
  EXPECT_EQ(Take(DecodePathEntry(example)), entry);
}

TEST(AnchorCodecTest, DecodesWhatItEncodes) {
  for (const char* vault : {"/", "/a b", "/100%", "/%41", "/new\nline\t\x01\x7f\xff", "/\u00e9"}) {
    Anchor anchor = AnchorOf(7);
    anchor.vault = vault;
    EXPECT_EQ(Take(DecodeAnchor(Take(EncodeAnchor(anchor)))), anchor);
    const PathEntry entry{anchor.volume, anchor.vault};
    EXPECT_EQ(Take(DecodePathEntry(Take(EncodePathEntry(entry)))), entry);
  }
}

TEST(AnchorCodecTest, EveryTruncationIsRefusedOrIsAnotherAnchor) {
  const std::string text = Take(EncodeAnchor(AnchorOf(7)));
  size_t decoded = 0;
  for (size_t n = 0; n < text.size(); ++n) decoded += DecodesToItself(text.substr(0, n));
  EXPECT_EQ(decoded, 2u) << "where the note ends with the root's line or the empty one";
}

TEST(AnchorCodecTest, EveryChangedByteIsRefusedOrIsAnotherAnchor) {
  const std::string text = Take(EncodeAnchor(AnchorOf(7)));
  size_t decoded = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    for (int flip = 1; flip < 256; ++flip) {
      std::string bad = text;
      bad[at] = static_cast<char>(bad[at] ^ flip);
      decoded += DecodesToItself(bad);
    }
    DecodesToItself(text.substr(0, at) + text.substr(at + 1));
    DecodesToItself(text.substr(0, at) + "\n" + text.substr(at));
  }
  EXPECT_GT(decoded, 1000u) << "the note's signature may be anything";
}

TEST(AnchorCodecTest, RandomDamageIsRefusedOrIsAnotherAnchor) {
  std::mt19937_64 random(20240608);
  const std::string text = Take(EncodeAnchor(AnchorOf(7)));
  for (int round = 0; round < 20000; ++round) {
    std::string bad = text;
    for (uint64_t edits = 1 + random() % 4; edits > 0; --edits) {
      const size_t from = random() % bad.size(), to = random() % bad.size();
      switch (random() % 3) {
        case 0:
          bad[from] = static_cast<char>(random());
          break;
        case 1:
          bad.insert(from, bad.substr(to, random() % 80));
          break;
        default:
          bad.erase(from, 1 + random() % 20);
          if (bad.empty()) bad = text;
      }
    }
    DecodesToItself(bad);
  }
}

TEST(AnchorCodecTest, SaysWhichLineIsWrong) {
  const std::string text = Take(EncodeAnchor(AnchorOf(7)));
  struct Change {
    const char *from, *to, *line;
  };
  const Change changes[] = {
      {"chainfs anchor 1", "chainfs anker 1", "line 1: no line \"chainfs anchor ...\""},
      {"chainfs anchor 1", "chainfs anchor one", "line 1: no format number"},
      {"volume a0", "volume A0", "line 2: not a volume id"},
      {"volume a0", "volume a0a", "line 2: not a volume id"},
      {"vkey chainfs", "vkey chain fs", "line 3: not a vkey"},
      {"vkey ", "key ", "line 3: no line \"vkey ...\""},
      {"genesis a0", "genesis 0", "line 4: not a link"},
      {"time 7000", "time 07000", "line 5: not a number of nanoseconds"},
      {"time 7000", "time 18446744073709551616", "line 5: not a number of nanoseconds"},
      {"vault /", "vault ", "line 6: not an absolute path"},
      {"vault /", "vault /%00", "line 6: not an absolute path"},
      {"of%20", "of ", "line 6: not an absolute path"},
      {"\n\n", "\n", "line 7: not empty"},
      {"\n7\n", "\n07\n", "line 8: not a checkpoint"},
  };
  for (const Change& change : changes) {
    std::string bad = text;
    bad.replace(bad.find(change.from), std::string(change.from).size(), change.to);
    const Result<Anchor> anchor = DecodeAnchor(bad);
    ASSERT_EQ(CodeOf(anchor), ErrorCode::kDamaged) << change.to;
    EXPECT_TRUE(anchor.error().message.starts_with(change.line)) << anchor.error().message;
  }
  EXPECT_EQ(CodeOf(DecodeAnchor("")), ErrorCode::kDamaged);
  EXPECT_EQ(CodeOf(DecodeAnchor(std::string(5000, '\0'))), ErrorCode::kDamaged);
}

TEST(AnchorCodecTest, ANewerFormatIsNotDamage) {
  std::string text = Take(EncodeAnchor(AnchorOf(7)));
  text.replace(0, 16, "chainfs anchor 2");
  EXPECT_EQ(CodeOf(DecodeAnchor(text)), ErrorCode::kUnknownFormat);
  EXPECT_EQ(CodeOf(DecodePathEntry("chainfs anchor path 12\nwhatever")), ErrorCode::kUnknownFormat);
}

TEST(AnchorCodecTest, AnchorsAndPathEntriesAreNotTakenForEachOther) {
  const Anchor anchor = AnchorOf(7);
  EXPECT_EQ(CodeOf(DecodePathEntry(Take(EncodeAnchor(anchor)))), ErrorCode::kDamaged);
  EXPECT_EQ(CodeOf(DecodeAnchor(Take(EncodePathEntry({anchor.volume, anchor.vault})))),
            ErrorCode::kDamaged);
}

TEST(AnchorCodecTest, PathEntryRefusesEveryTruncationAndAnythingBehindIt) {
  const std::string text = Take(EncodePathEntry({Counting<16>(1), "/v"}));
  for (size_t n = 0; n < text.size(); ++n) EXPECT_FALSE(DecodePathEntry(text.substr(0, n))) << n;
  EXPECT_FALSE(DecodePathEntry(text + "\n"));
}

TEST(AnchorCodecTest, AFileOf64KiBIsTheLongest) {
  Anchor anchor = AnchorOf(7);
  const size_t room = kMaxAnchorBytes - Take(EncodeAnchor(anchor)).size();
  anchor.note += std::string(room - 1, 's') + "\n";
  const std::string longest = Take(EncodeAnchor(anchor));
  EXPECT_EQ(longest.size(), kMaxAnchorBytes);
  EXPECT_EQ(Take(DecodeAnchor(longest)), anchor);
  anchor.note += "\n";
  EXPECT_EQ(CodeOf(EncodeAnchor(anchor)), ErrorCode::kInvalid);
  EXPECT_EQ(CodeOf(DecodeAnchor(longest + "\n")), ErrorCode::kDamaged);
}

TEST(AnchorCodecTest, EncodesNothingThatWouldNotDecode) {
  const auto refuses = [](auto change) {
    Anchor anchor = AnchorOf(7);
    change(anchor);
    return CodeOf(EncodeAnchor(anchor)) == ErrorCode::kInvalid;
  };
  EXPECT_TRUE(refuses([](Anchor& a) { a.vkey = ""; }));
  EXPECT_TRUE(refuses([](Anchor& a) { a.vkey += "\ngenesis "; }));
  EXPECT_TRUE(refuses([](Anchor& a) { a.vkey.resize(kMaxVkeyBytes + 1, 'x'); }));
  EXPECT_TRUE(refuses([](Anchor& a) { a.vault = ""; }));
  EXPECT_TRUE(refuses([](Anchor& a) { a.vault = "relative"; }));
  EXPECT_TRUE(refuses([](Anchor& a) { a.vault += '\0'; }));
  EXPECT_TRUE(refuses([](Anchor& a) { a.vault.resize(kMaxVaultPathBytes + 1, 'x'); }));
  EXPECT_TRUE(refuses([](Anchor& a) { a.note = ""; }));
  EXPECT_TRUE(refuses([](Anchor& a) { a.note = "not a checkpoint\n"; }));
  EXPECT_TRUE(refuses([](Anchor& a) { a.note.pop_back(); }));
  EXPECT_FALSE(refuses([](Anchor& a) { a.vault.resize(kMaxVaultPathBytes, '\xff'); }));
  EXPECT_EQ(CodeOf(EncodePathEntry({{}, "relative"})), ErrorCode::kInvalid);
}

}  // namespace
}  // namespace chainfs::fs::anchor
