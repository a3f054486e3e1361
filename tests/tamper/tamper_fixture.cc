// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tamper/tamper_fixture.h"

#include <algorithm>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tests/tools/run_program.h"

namespace chainfs::tamper {
namespace {

using nlohmann::json;

// How names fall into leaves is the key's doing, and differs from one run to the next: so do
// numbers that hang on it.
constexpr size_t kMostCounted = 3;

char LetterOf(const std::string& verdict) {
  static const std::map<std::string, char> letters = {{"OK", 'o'},          {"FAILED", 'F'},
                                                      {"NOT CHECKED", '-'}, {"UNANCHORED", 'u'},
                                                      {"SELF-SIGNED", 's'}, {"SUPERSEDED", 'x'}};
  return letters.at(verdict);
}

// "kind, kind 2" of those that `of` has and `without` has not.
std::string Join(const std::multiset<std::string>& of, const std::multiset<std::string>& without) {
  std::multiset<std::string> left;
  std::set_difference(of.begin(), of.end(), without.begin(), without.end(),
                      std::inserter(left, left.end()));
  std::string text;
  for (auto at = left.begin(); at != left.end(); at = left.upper_bound(*at)) {
    text += (text.empty() ? "" : ", ") + *at;
    const size_t count = left.count(*at);
    if (count > 1) text += count > kMostCounted ? " n" : " " + std::to_string(count);
  }
  return text;
}

std::string Words(std::istringstream& line, int count) {
  std::string all, word;
  while (count-- > 0 && line >> word) all += (all.empty() ? "" : " ") + word;
  return all;
}

}  // namespace

TamperTest::TamperTest(const char* table) {
  scratch_.File("passphrase", "a test\n");
  scratch_.File("head", Vaults::Get().head);
  std::istringstream lines(table);
  for (std::string text; std::getline(lines, text);) {
    std::istringstream line(text);
    const std::string key = Words(line, 3);
    if (key.empty()) continue;
    EXPECT_TRUE(expected_.emplace(key, Words(line, 1000)).second) << "twice: " << key;
  }
}

void TamperTest::TearDown() {
  for (const auto& [key, told] : expected_) ADD_FAILURE() << "not tried: " << key;
  if (HasFailure()) std::cout << "what fsck says:\n" << actual_;
}

void TamperTest::Expect(const std::string& what, const std::string& entry,
                        const std::string& tampering, const Tampering& tamper) {
  const auto vault = Vaults::Get().newest->CopyAsAfterACrash();
  tamper(*vault);
  const Told owner = Fsck(vault->directory(), true), stranger = Fsck(vault->directory(), false);
  const std::string findings = FindingsOf(owner, stranger);
  const std::string key = what + " " + entry + " " + tampering;
  const std::string told =
      owner.verdicts + " " + stranger.verdicts + (findings.empty() ? "" : " ") + findings;
  std::ostringstream line;
  line << std::left << std::setw(8) << what << std::setw(18) << entry << std::setw(19) << tampering
       << owner.verdicts << " " << stranger.verdicts << "  " << findings << "\n";
  actual_ += line.str();
  EXPECT_EQ(expected_[key], told) << key << "\n" << owner.text << stranger.text;
  expected_.erase(key);
}

void TamperTest::Add(const nlohmann::json& finding, Told& told) {
  const std::string kind = finding["kind"];
  if (finding["pass"] == "STRUCTURE" && told.kinds.contains(kind)) return;
  told.kinds.insert(kind);
}

TamperTest::Told TamperTest::Fsck(const std::string& vault, bool owner) const {
  std::vector<std::string> arguments = {tools::kFsckProgram, "--json", "-j", "1", vault};
  if (owner) {
    arguments.insert(arguments.end(), {"--passfile", scratch_ / "passphrase"});
    arguments.insert(arguments.end(), {"--anchor", scratch_ / "head"});
  } else {
    arguments.push_back("--no-key");
  }
  const tools::ProgramResult result = tools::RunProgram(arguments);
  Told told{{}, {}, result.out + result.err};
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) {
    const json object = json::parse(line, nullptr, false);
    if (object.contains("finding")) Add(object["finding"], told);
    if (object.contains("verdict")) told.verdicts += LetterOf(object["verdict"]);
  }
  if (told.verdicts.empty()) told.verdicts = "exit" + std::to_string(result.code);
  const bool failed = told.verdicts.find('F') != told.verdicts.npos;
  if (told.verdicts.size() == 6) {
    EXPECT_EQ(result.code, failed ? 4 : 0) << told.text;
  }
  return told;
}

std::string TamperTest::FindingsOf(const Told& owner, const Told& stranger) {
  std::multiset<std::string> both;
  std::set_intersection(owner.kinds.begin(), owner.kinds.end(), stranger.kinds.begin(),
                        stranger.kinds.end(), std::inserter(both, both.end()));
  std::string text = Join(both, {});
  const auto add = [&](const char* mark, const std::string& more) {
    if (!more.empty()) text += (text.empty() ? "" : " ") + std::string(mark) + " " + more;
  };
  add("+", Join(owner.kinds, both));
  add("/", Join(stranger.kinds, both));
  return text;
}

}  // namespace chainfs::tamper
