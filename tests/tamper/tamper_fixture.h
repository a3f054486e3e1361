// SPDX-License-Identifier: GPL-3.0-or-later
// Tampers with a copy of the vault, lets chainfs-fsck look at it twice, and compares what it says
// with a table that has one line a case:
//
//   objects  piece  flip  ooFooF osFou-  digest-mismatch + unreadable-data
//
// The verdicts are those of PAGES, HISTORY, INTEGRITY, COMPLETENESS, FRESHNESS, STRUCTURE: o OK,
// F FAILED, - NOT CHECKED, u UNANCHORED, s SELF-SIGNED, x SUPERSEDED; or "exit8", where nothing
// could be checked. First comes what the owner is told, who has the key and the newest head, then
// what a stranger is told, who has nothing but the vault.
//
// Findings: those of both; after + the owner's alone, after / the stranger's alone. A number is how
// many of them there are, n more than three. Those of STRUCTURE are not counted.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tests/tamper/tampered_vault.h"
#include "tests/tools/scratch_directory.h"

namespace chainfs::tamper {

class TamperTest : public ::testing::Test {
 protected:
  using Tampering = std::function<void(const fs::TestVault& vault)>;

  // Every case that is tried has to be in the table, and every one in the table has to be tried.
  explicit TamperTest(const char* table);
  void TearDown() override;

  void Expect(const std::string& what, const std::string& entry, const std::string& tampering,
              const Tampering& tamper);

 private:
  struct Told {
    std::string verdicts;
    std::multiset<std::string> kinds;
    std::string text;
  };
  static void Add(const nlohmann::json& finding, Told& told);
  Told Fsck(const std::string& vault, bool owner) const;
  static std::string FindingsOf(const Told& owner, const Told& stranger);

  tools::ScratchDirectory scratch_;
  std::map<std::string, std::string> expected_;  // by "what entry tampering"
  std::string actual_;                           // the table as it should be, if it is not
};

}  // namespace chainfs::tamper
