// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/tlog_proof.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ledger/proof.h"
#include "tests/ledger/example_log.h"

namespace chainfs::ledger {
namespace {

TlogProof Example() {
  TlogProof proof;
  proof.extra = Bytes{1, 2, 3, 4};
  proof.index = 73'894;
  proof.inclusion = {ExampleLog::Counting<32>(0), ExampleLog::Counting<32>(1)};
  proof.checkpoint = ExampleLog().note;
  return proof;
}

constexpr char kHead[] =
    "c2sp.org/tlog-proof@v1\n"
    "extra AQIDBA==\n"
    "index 73894\n"
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\n"
    "\n";

TEST(TlogProofTest, IsTheTextOfTheSpecification) {
  EXPECT_EQ(EncodeTlogProof(Example()), kHead + Example().checkpoint);
  EXPECT_EQ(DecodeTlogProof(kHead + Example().checkpoint), Example());
}

TEST(TlogProofTest, ExtraAndHashesMayBeMissing) {
  TlogProof proof = Example();
  proof.extra.reset();
  EXPECT_EQ(DecodeTlogProof(EncodeTlogProof(proof)), proof);
  proof.extra = Bytes();
  EXPECT_EQ(DecodeTlogProof(EncodeTlogProof(proof)), proof);
  proof.inclusion.clear();
  EXPECT_EQ(DecodeTlogProof(EncodeTlogProof(proof)), proof);
}

TEST(TlogProofTest, TheLimitsAreWhereTheHeaderPutsThem) {
  TlogProof proof = Example();
  proof.extra = Bytes(kMaxExtraBytes, 7);
  proof.inclusion.assign(kMaxInclusionHashes, Digest{});
  proof.index = kMaxTreeSize - 1;
  EXPECT_EQ(DecodeTlogProof(EncodeTlogProof(proof)), proof);

  std::string text = EncodeTlogProof(Example());
  const auto with = [&](std::string_view what, const std::string& instead) {
    std::string changed = text;
    return changed.replace(changed.find(what), what.size(), instead);
  };
  EXPECT_FALSE(DecodeTlogProof(with("73894", std::to_string(kMaxTreeSize))));
  std::string hashes;
  for (size_t i = 0; i <= kMaxInclusionHashes; ++i) {
    hashes += "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
  }
  EXPECT_FALSE(DecodeTlogProof(with("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", hashes)));
  EXPECT_FALSE(
      DecodeTlogProof(with("AQIDBA==", std::string((kMaxExtraBytes + 1 + 2) / 3 * 4, 'A'))));
}

TEST(TlogProofTest, EveryTruncationIsRefused) {
  const std::string good = EncodeTlogProof(Example());
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(DecodeTlogProof(good.substr(0, size))) << size;
  }
}

TEST(TlogProofTest, RefusesEveryOtherForm) {
  const std::string note = Example().checkpoint;
  const std::string first = "c2sp.org/tlog-proof@v1\n";
  ASSERT_TRUE(DecodeTlogProof(first + "index 0\n\n" + note));
  const std::vector<std::string> forms = {"c2sp.org/tlog-proof@v2\nindex 0\n\n" + note,
                                          "\n" + first + "index 0\n\n" + note,
                                          first + "index 00\n\n" + note,
                                          first + "index -1\n\n" + note,
                                          first + "index \n\n" + note,
                                          first + "index  1\n\n" + note,
                                          first + "index 1\n" + note,
                                          first + "Index 1\n\n" + note,
                                          first + "extra\nindex 1\n\n" + note,
                                          first + "extra A\nindex 1\n\n" + note,
                                          first + "extra AA==\n\n" + note,
                                          first + "index 1\nextra AA==\n\n" + note,
                                          first + "extra AA==\nextra AA==\nindex 1\n\n" + note,
                                          first + "\nindex 1\n\n" + note,
                                          first + "index 1\nAA==\n\n" + note,
                                          first + "index 1\n\n\n" + note,
                                          first + "index 1\n\n" + note + "\n",
                                          first + "index 1\n\n",
                                          first + "index 1\n\ntext\n\n— log AAAAAAAA\n"};
  for (const std::string& bad : forms) {
    EXPECT_FALSE(DecodeTlogProof(bad)) << bad;
  }
}

}  // namespace
}  // namespace chainfs::ledger
