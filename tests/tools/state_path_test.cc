// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/state_path.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/tools/scratch_directory.h"

namespace chainfs::tools {
namespace {

std::string Find(const std::map<std::string, std::string>& environment, bool is_root = false) {
  VaultSearch search;
  search.is_root = is_root;
  search.environment = [&](const char* name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    if (found == environment.end()) return {};
    return found->second;
  };
  return FindAnchorDirectory(search).value_or("none");
}

TEST(FindAnchorDirectoryTest, IsTheStateHomeOrTheOneBelowHome) {
  EXPECT_EQ(Find({{"HOME", "/home/u"}}), "/home/u/.local/state/chainfs");
  EXPECT_EQ(Find({{"HOME", "/home/u"}, {"XDG_STATE_HOME", "/state"}}), "/state/chainfs");
  EXPECT_EQ(Find({{"XDG_STATE_HOME", "/state"}}), "/state/chainfs");
}

TEST(FindAnchorDirectoryTest, RootsIsTheSystemsWhateverTheEnvironment) {
  EXPECT_EQ(Find({{"HOME", "/root"}, {"XDG_STATE_HOME", "/home/u/state"}}, true),
            "/var/lib/chainfs/anchors");
  EXPECT_EQ(Find({}, true), "/var/lib/chainfs/anchors");
}

TEST(FindAnchorDirectoryTest, IsTheOneThatIsChosenForRootToo) {
  const std::map<std::string, std::string> chosen = {{"HOME", "/home/u"},
                                                     {"CHAINFS_ANCHORS", "/mine/../anchors/"}};
  EXPECT_EQ(Find(chosen), "/anchors");
  EXPECT_EQ(Find(chosen, true), "/anchors");
  const auto here = std::filesystem::canonical(std::filesystem::current_path());
  EXPECT_EQ(Find({{"CHAINFS_ANCHORS", "anchors"}}, true), (here / "anchors").string());
}

TEST(FindAnchorDirectoryTest, RelativePathsAreNoPlace) {
  EXPECT_EQ(Find({{"HOME", "/home/u"}, {"XDG_STATE_HOME", "state"}}),
            "/home/u/.local/state/chainfs");
  EXPECT_EQ(Find({{"HOME", "home"}, {"XDG_STATE_HOME", "./state"}}), "none");
  EXPECT_EQ(Find({}), "none");
}

class PlaceForAnchorsTest : public testing::Test {
 protected:
  PlaceForAnchorsTest() {
    scratch_.Directory("home/vault");
    scratch_.Directory("home/mnt");
    scratch_.Directory("home/mnt2");
  }
  bool IsPlace(const std::string& directory) {
    return !WhyNoPlaceForAnchors(scratch_ / directory, scratch_ / "home/vault",
                                 scratch_ / "home/mnt");
  }
  ScratchDirectory scratch_;
};

TEST_F(PlaceForAnchorsTest, IsOutsideTheVaultAndItsMount) {
  EXPECT_TRUE(IsPlace("home/.local/state/chainfs"));
  EXPECT_TRUE(IsPlace("home/mnt2/chainfs"));
  EXPECT_FALSE(IsPlace("home/vault"));
  EXPECT_FALSE(IsPlace("home/vault/state/chainfs"));
  EXPECT_FALSE(IsPlace("home/mnt/.local/state/chainfs"));
}

TEST_F(PlaceForAnchorsTest, LinksDoNotHideWhereItIs) {
  std::filesystem::create_symlink("vault", scratch_ / "home/state");
  std::filesystem::create_symlink("../../home/state", scratch_ / "home/mnt2/again");
  EXPECT_FALSE(IsPlace("home/state"));
  EXPECT_FALSE(IsPlace("home/state/chainfs"));
  EXPECT_FALSE(IsPlace("home/mnt2/again/chainfs"));
}

TEST_F(PlaceForAnchorsTest, LinksToWhatComesWithTheMountDoNotEither) {
  std::filesystem::create_symlink("mnt/local", scratch_ / "home/.local");
  std::filesystem::create_symlink(scratch_ / "home/.local/x", scratch_ / "home/mnt2/state");
  std::filesystem::create_symlink("loop", scratch_ / "home/loop");
  EXPECT_FALSE(IsPlace("home/.local"));
  EXPECT_FALSE(IsPlace("home/.local/state/chainfs"));
  EXPECT_FALSE(IsPlace("home/mnt2/state/chainfs"));
  EXPECT_TRUE(IsPlace("home/loop/chainfs"));
}

TEST_F(PlaceForAnchorsTest, AHomeThatIsItselfMountedIsNoPlaceBelowIt) {
  EXPECT_TRUE(WhyNoPlaceForAnchors("/home/u/.local/state/chainfs", "/vaults/u", "/home/u"));
  EXPECT_FALSE(WhyNoPlaceForAnchors("/var/lib/chainfs/anchors", "/vaults/u", "/home/u"));
}

}  // namespace
}  // namespace chainfs::tools
