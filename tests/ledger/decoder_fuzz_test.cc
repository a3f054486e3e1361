// SPDX-License-Identifier: GPL-3.0-or-later
// A hundred thousand changed inputs for each decoder: it refuses them, or they are exactly what
// encoding its answer gives.
#include <gtest/gtest.h>

#include <functional>

#include "crypto/base64.h"
#include "ledger/text.h"
#include "ledger/tlog_proof.h"
#include "tests/ledger/example_log.h"
#include "tests/ledger/mutator.h"

namespace chainfs::ledger {
namespace {

constexpr int kInputs = 100'000;

// Decodes and encodes again; nullopt: refused.
using RoundTrip = std::function<std::optional<std::string>(std::string_view)>;

std::string Text(ByteView bytes) { return std::string(TextOf(bytes)); }

// Takes its inputs from the seeds and from those of their descendants that decoded.
void Fuzz(std::vector<std::string> seeds, const RoundTrip& round_trip) {
  for (const std::string& seed : seeds) ASSERT_EQ(round_trip(seed), seed);
  Mutator mutator(20'260'101);
  constexpr size_t kMaxSeeds = 200;
  for (int i = 0; i < kInputs; ++i) {
    const std::string input = mutator.Mutate(seeds[mutator.Below(seeds.size())]);
    std::optional<std::string> again = round_trip(input);
    if (!again) continue;
    ASSERT_EQ(*again, input) << "input " << i;
    if (seeds.size() < kMaxSeeds && input.size() < 4096) seeds.push_back(input);
  }
}

TEST(DecoderFuzzTest, Base64) {
  Fuzz({"", "Zg==", "Zm8=", "Zm9vYmFy"}, [](std::string_view text) -> std::optional<std::string> {
    std::optional<Bytes> bytes = crypto::DecodeBase64(text);
    if (!bytes) return std::nullopt;
    return crypto::EncodeBase64(*bytes);
  });
}

TEST(DecoderFuzzTest, Records) {
  ExampleLog log;
  std::vector<std::string> seeds = {Text(log.encoded)};
  for (RecordType type : {RecordType::kRollbackAccepted, RecordType::kRepair}) {
    log.record.type = type;
    seeds.push_back(Text(EncodeRecord(log.record)));
  }
  Fuzz(seeds, [](std::string_view text) -> std::optional<std::string> {
    std::optional<Record> record = DecodeRecord(BytesOf(text));
    if (!record) return std::nullopt;
    return Text(EncodeRecord(*record));
  });
}

TEST(DecoderFuzzTest, Lists) {
  CommitLists lists;
  lists.births = ExampleLog().births;
  lists.deaths = {{ObjectId(5), 4112}};
  Fuzz({Text(EncodeLists(lists))}, [](std::string_view text) -> std::optional<std::string> {
    std::optional<CommitLists> decoded = DecodeLists(BytesOf(text));
    if (!decoded) return std::nullopt;
    return Text(EncodeLists(*decoded));
  });
}

TEST(DecoderFuzzTest, VerifierKeys) {
  Fuzz({EncodeVerifierKey(ExampleLog().key),
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"},
       [](std::string_view text) -> std::optional<std::string> {
         Result<VerifierKey> key = DecodeVerifierKey(text);
         if (!key) return std::nullopt;
         return EncodeVerifierKey(*key);
       });
}

TEST(DecoderFuzzTest, Origins) {
  Fuzz({ExampleLog().checkpoint.origin}, [](std::string_view text) -> std::optional<std::string> {
    std::optional<Origin> origin = DecodeOrigin(text);
    if (!origin) return std::nullopt;
    return EncodeOrigin(*origin);
  });
}

// Extension lines are not kept: what they follow must be as it is encoded.
TEST(DecoderFuzzTest, Checkpoints) {
  const std::string text = EncodeCheckpoint(ExampleLog().checkpoint);
  Fuzz({text, text + "extension\n"}, [](std::string_view input) -> std::optional<std::string> {
    std::optional<Checkpoint> checkpoint = DecodeCheckpoint(input);
    if (!checkpoint) return std::nullopt;
    std::string encoded = EncodeCheckpoint(*checkpoint);
    return encoded.append(input.substr(std::min(input.size(), encoded.size())));
  });
}

TEST(DecoderFuzzTest, TlogProofs) {
  ExampleLog log;
  Fuzz({log.RecordProof(), log.ObjectProof()},
       [](std::string_view text) -> std::optional<std::string> {
         std::optional<TlogProof> proof = DecodeTlogProof(text);
         if (!proof) return std::nullopt;
         return EncodeTlogProof(*proof);
       });
}

// Whatever is done to a note, it is refused or says what was signed.
TEST(DecoderFuzzTest, NotesNeverSayWhatWasNotSigned) {
  ExampleLog log;
  const std::string text = EncodeCheckpoint(log.checkpoint);
  const std::string cosigned = log.note + "— witness.example AAAAAAAA\n";
  Mutator mutator(3);
  size_t opened = 0;
  for (int i = 0; i < kInputs; ++i) {
    Result<std::string> said = OpenNote(mutator.Mutate(i % 2 ? log.note : cosigned), log.key);
    if (!said) continue;
    ASSERT_EQ(*said, text) << "input " << i;
    ++opened;
  }
  EXPECT_GT(opened, 0u) << "changes of the witness's signature do no harm";
}

// The same for a proof, whose extra is changed underneath its base64 too.
TEST(DecoderFuzzTest, ProofsNeverProveWhatIsNotSo) {
  ExampleLog log;
  const TlogProof good = *DecodeTlogProof(log.ObjectProof());
  const std::string extra = Text(*good.extra);
  Mutator mutator(4);
  for (int i = 0; i < kInputs; ++i) {
    const std::string changed = mutator.Mutate(extra);
    TlogProof proof = good;
    proof.extra = Bytes(changed.begin(), changed.end());
    Result<ProvenObject> proven = VerifyObjectProof(EncodeTlogProof(proof), log.key);
    ASSERT_TRUE(!proven || changed == extra) << "input " << i;
  }
}

}  // namespace
}  // namespace chainfs::ledger
