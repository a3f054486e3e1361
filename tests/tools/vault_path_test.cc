// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/vault_path.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/tools/scratch_directory.h"

namespace chainfs::tools {
namespace {

class FindVaultTest : public testing::Test {
 protected:
  FindVaultTest() {
    search_.fstab = scratch_ / "no-fstab";
    search_.environment = [this](const char* name) -> std::optional<std::string> {
      auto found = environment_.find(name);
      if (found == environment_.end()) return {};
      return found->second;
    };
  }
  std::string Find(const std::string& mount_point) {
    auto choice = FindVault(mount_point, search_);
    return choice ? choice->vault : "none";
  }

  ScratchDirectory scratch_;
  std::map<std::string, std::string> environment_;
  VaultSearch search_;
};

TEST_F(FindVaultTest, FstabComesFirst) {
  environment_["CHAINFS_VAULT"] = "/from/environment";
  search_.fstab = scratch_.File("fstab",
                                "# a comment\n"
                                "/dev/vda / ext4 defaults 0 1\n"
                                "/other /mnt/b ext4 defaults 0 0\n"
                                "/vaults/with\\040space /mnt/b chainfs ro,passfile=/k 0 0\n");
  auto choice = FindVault("/mnt/b/", search_);
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->vault, "/vaults/with space");
  EXPECT_EQ(choice->fstab_options, "ro,passfile=/k");
}

TEST_F(FindVaultTest, ThenTheEnvironment) {
  environment_["CHAINFS_VAULT"] = "/from/environment";
  environment_["XDG_DATA_HOME"] = "/data";
  EXPECT_EQ(Find("/mnt/b"), "/from/environment");
}

TEST_F(FindVaultTest, ThenTheDefaultPlaceNamedForTheMountPoint) {
  environment_["HOME"] = "/home/u";
  EXPECT_EQ(Find("/mnt/secrets/"), "/home/u/.local/share/chainfs/secrets");
  environment_["XDG_DATA_HOME"] = "/data";
  EXPECT_EQ(Find("/mnt/secrets"), "/data/chainfs/secrets");
  search_.is_root = true;
  EXPECT_EQ(Find("/mnt/secrets"), "/var/lib/chainfs/secrets");
}

TEST_F(FindVaultTest, ARelativeDataHomeIsNoPlace) {
  environment_["XDG_DATA_HOME"] = "data";
  environment_["HOME"] = "/home/u";
  EXPECT_EQ(Find("/mnt/b"), "/home/u/.local/share/chainfs/b");
}

TEST_F(FindVaultTest, FindsNothingWithoutAHome) {
  EXPECT_EQ(Find("/mnt/b"), "none");
  search_.is_root = true;
  EXPECT_EQ(Find("/"), "none");
}

TEST(CanonicalPathTest, ResolvesLinksAndDots) {
  ScratchDirectory scratch;
  scratch.Directory("real/deep");
  std::filesystem::create_symlink("real", scratch / "link");
  std::filesystem::create_symlink("deep", scratch / "real/last");
  std::string real = std::filesystem::canonical(scratch / "real");
  EXPECT_EQ(CanonicalPath(scratch / "link/deep"), real + "/deep");
  EXPECT_EQ(CanonicalPath(scratch / "link/deep/"), real + "/deep");
  EXPECT_EQ(CanonicalPath(scratch / "link/./deep/../new"), real + "/new");
  EXPECT_EQ(CanonicalPath(scratch / "real/last"), real + "/deep");
  EXPECT_EQ(CanonicalPath("/"), "/");
}

TEST(IsInsideTest, ComparesWholeNames) {
  EXPECT_TRUE(IsInside("/a/b", "/a"));
  EXPECT_TRUE(IsInside("/a", "/a"));
  EXPECT_TRUE(IsInside("/a", "/"));
  EXPECT_FALSE(IsInside("/ab", "/a"));
  EXPECT_FALSE(IsInside("/a", "/a/b"));
}

}  // namespace
}  // namespace chainfs::tools
