// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/finding_json.h"

#include <gtest/gtest.h>

#include "tools/common/check_printer.h"

namespace chainfs::tools {
namespace {

using namespace fs::check;  // NOLINT: what is checked here
using nlohmann::json;

Finding Everything() {
  Finding finding{.pass = Pass::kStructure, .kind = FindingKind::kUnreadableData};
  finding.what = "bytes 0 to 9 cannot be read";
  finding.advice = "restore it";
  finding.path = "/a/b";
  finding.inode = InodeNumber(7);
  finding.bytes = {0, 10};
  finding.object = ObjectId(~uint64_t{0});
  finding.record = Sequence(0);
  finding.page = 3;
  return finding;
}

TEST(FindingJsonTest, ComesBackAsItWas) {
  const json all = FindingAsJson(Everything());
  const auto finding = FindingFromJson(json::parse(all.dump()));
  ASSERT_TRUE(finding);
  EXPECT_EQ(FindingAsJson(*finding), all);
  EXPECT_EQ(FindingAsText(*finding), FindingAsText(Everything()));
  EXPECT_EQ(all["finding"].size(), 11u) << all;
  const json bare = FindingAsJson(
      {.pass = Pass::kHistory, .kind = FindingKind::kBadTile, .severity = Severity::kNotice});
  EXPECT_EQ(bare["finding"].size(), 4u) << bare;
  EXPECT_EQ(FindingAsJson(*FindingFromJson(bare)), bare);
}

TEST(FindingJsonTest, EveryNameComesBack) {
  for (int kind = 0; kind <= static_cast<int>(FindingKind::kDeadButReachable); ++kind) {
    Finding finding = Everything();
    finding.kind = static_cast<FindingKind>(kind);
    EXPECT_EQ(FindingFromJson(FindingAsJson(finding)).value().kind, finding.kind);
  }
  for (int pass = 0; pass <= static_cast<int>(Pass::kStructure); ++pass) {
    for (int verdict = 0; verdict <= static_cast<int>(Verdict::kNotChecked); ++verdict) {
      const PassResult result{static_cast<Pass>(pass), static_cast<Verdict>(verdict), "why"};
      const auto back = PassFromJson(PassAsJson(result));
      ASSERT_TRUE(back);
      EXPECT_EQ(back->pass, result.pass);
      EXPECT_EQ(back->verdict, result.verdict);
      EXPECT_EQ(back->reason, "why");
    }
  }
  const auto progress = ProgressFromJson(ProgressAsJson({Pass::kIntegrity, 5, 9, true}));
  ASSERT_TRUE(progress);
  EXPECT_EQ(progress->pass, Pass::kIntegrity);
  EXPECT_EQ(progress->done, 5u);
  EXPECT_EQ(progress->total, 9u);
  EXPECT_TRUE(progress->total_is_items);
}

TEST(FindingJsonTest, AnythingElseIsNothing) {
  const json damaged[] = {json::object(),
                          {{"finding", 3}},
                          {{"finding", json::object()}},
                          {{"progress", {{"pass", "DANCE"}}}},
                          {{"pass", 3}},
                          {{"pass", "HISTORY"}, {"verdict", "MAYBE"}}};
  for (const json& message : damaged) {
    EXPECT_FALSE(FindingFromJson(message)) << message;
    EXPECT_FALSE(PassFromJson(message)) << message;
    EXPECT_FALSE(ProgressFromJson(message)) << message;
  }
  for (const char* key : {"inode", "object", "record", "page", "bytes", "what"}) {
    json message = FindingAsJson(Everything());
    message["finding"][key] = json::object();
    EXPECT_FALSE(FindingFromJson(message)) << message;
  }
}

}  // namespace
}  // namespace chainfs::tools
