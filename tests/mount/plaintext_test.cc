// SPDX-License-Identifier: GPL-3.0-or-later
// Nothing of what is stored can be read in the vault's directory: no name, no 16 bytes of content.
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <unordered_map>

#include "tests/mount/mounted_vault.h"

namespace chainfs::mount_test {
namespace {

constexpr size_t kSlice = 16;

// Finds known text in bytes: every 16-byte slice of it, at any place.
class Scanner {
 public:
  // REQUIRES: at least 16 bytes.
  void Know(const std::string& what, const std::string& text) {
    for (size_t at = 0; at + kSlice <= text.size(); ++at) {
      slices_.emplace(text.substr(at, kSlice), what);
    }
  }
  // What was found first, or nothing.
  std::string Find(const std::string& bytes) const {
    for (size_t at = 0; at + kSlice <= bytes.size(); ++at) {
      const auto found = slices_.find(std::string(bytes, at, kSlice));
      if (found != slices_.end()) return found->second + " at " + std::to_string(at);
    }
    return {};
  }

 private:
  std::unordered_map<std::string, std::string> slices_;
};

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

class PlaintextTest : public MountedVault {
 protected:
  void ExpectNothingFound(const Scanner& scanner, const char* when) {
    size_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(vault_)) {
      if (!entry.is_regular_file()) continue;
      const std::string content = Content(entry.path());
      bytes += content.size();
      EXPECT_EQ(scanner.Find(content), "") << entry.path() << ", " << when;
      EXPECT_EQ(scanner.Find(entry.path().filename()), "") << when;
    }
    EXPECT_GT(bytes, 100000u) << "the vault is empty: nothing was scanned";
  }
};

TEST_P(PlaintextTest, NoSliceOfItIsInTheVault) {
  std::mt19937_64 random(7);
  const auto words = [&](size_t size) {
    std::string text;
    while (text.size() < size) text += "word" + std::to_string(random()) + " ";
    text.resize(size);
    return text;
  };
  Scanner scanner;
  const std::vector<size_t> sizes = {40, 500, 4096, 5000, 131072, 300001};
  for (const size_t size : sizes) {
    const std::string name = "a-known-name-of-" + words(30), content = words(size);
    Write(name, content);
    scanner.Know("name", name);
    scanner.Know("content of " + std::to_string(size), content);
  }
  const std::string xattr = words(3000), key = "user.a-known-attribute-name";
  Write("file", "");
  ASSERT_EQ(setxattr(In("file").c_str(), key.c_str(), xattr.data(), xattr.size(), 0), 0);
  const std::string target = "/a/known/target/" + words(200), directory = "directory-" + words(40);
  ASSERT_EQ(symlink(target.c_str(), In("link").c_str()), 0);
  std::filesystem::create_directory(In(directory));
  scanner.Know("xattr", xattr);
  scanner.Know("xattr name", key);
  scanner.Know("link target", target);
  scanner.Know("directory", directory);
  scanner.Know("passphrase and more", std::string(tools::kPassphrase) + " 0123456789");

  ASSERT_EQ(Chainfs({"sync", mount_point_}).code, 0);
  ExpectNothingFound(scanner, "while mounted");
  // Rewritten, moved and removed: none of that may leave something behind either.
  Shell("for f in a-known*; do echo more >> \"$f\"; done; mv \"" + directory + "\" d2; rm link");
  UnmountVault();
  ExpectNothingFound(scanner, "after the unmount");

  // The scanner itself can find things.
  EXPECT_NE(scanner.Find("some bytes, then" + xattr.substr(1234, 16) + " and others"), "");
}

CHAINFS_ON_BOTH_TRANSPORTS(PlaintextTest);

}  // namespace
}  // namespace chainfs::mount_test
