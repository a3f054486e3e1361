// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/vault_directory.h"

#include <sys/stat.h>

#include <fstream>

#include "tests/fs/store/helpers.h"

namespace chainfs::fs::store {
namespace {

class VaultDirectoryTest : public ::testing::Test {
 protected:
  static mode_t ModeOf(const std::string& path) {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  }
  void Put(const std::string& name, const std::string& text) {
    std::ofstream(directory_ / name) << text;
  }

  TemporaryDirectory directory_;
};

TEST_F(VaultDirectoryTest, MakesParentsOwnerOnlyWhateverTheUmask) {
  for (mode_t mask : {0, 022, 0777}) {
    const std::string top = directory_ / ("umask" + std::to_string(mask));
    const mode_t old = ::umask(mask);
    Result<void> made = CreateVaultDirectory(top + "/b/vault/");
    ::umask(old);
    Must(made);
    for (const char* part : {"", "/b", "/b/vault"}) EXPECT_EQ(ModeOf(top + part), 0700u) << part;
  }
}

TEST_F(VaultDirectoryTest, TakesAnEmptyDirectoryAndClosesItToOthers) {
  ASSERT_EQ(::mkdir((directory_ / "vault").c_str(), 0755), 0);
  ASSERT_EQ(::mkdir((directory_ / "vault/lost+found").c_str(), 0700), 0);
  Must(CreateVaultDirectory(directory_ / "vault"));
  EXPECT_EQ(ModeOf(directory_ / "vault"), 0700u);
}

TEST_F(VaultDirectoryTest, RefusesADirectoryThatHoldsAnything) {
  Put(".hidden", "");
  EXPECT_EQ(CodeOf(CreateVaultDirectory(directory_.path())), ErrorCode::kExists);
}

TEST_F(VaultDirectoryTest, RefusesAFileInTheWay) {
  Put("file", "");
  EXPECT_EQ(CodeOf(CreateVaultDirectory(directory_ / "file")), ErrorCode::kNotDirectory);
  EXPECT_EQ(CodeOf(CreateVaultDirectory(directory_ / "file/vault")), ErrorCode::kNotDirectory);
}

TEST_F(VaultDirectoryTest, LocalFilesystemsAreAccepted) {
  Must(CheckFilesystemIsLocal(directory_.path()));
  Must(CheckFilesystemIsLocal(directory_ / "not/there/yet"));
  Must(CheckFilesystemIsLocal("not there yet either"));
}

TEST_F(VaultDirectoryTest, HeaderIsWrittenTwiceOwnerOnly) {
  const mode_t old = ::umask(0);
  Must(WriteHeader(directory_.path(), Bytes(4000, 7)));
  ::umask(old);
  HeaderCopies copies = Take(ReadHeader(directory_.path()));
  EXPECT_EQ(copies.first, Bytes(4000, 7));
  EXPECT_EQ(copies.second, Bytes(4000, 7));
  EXPECT_EQ(ModeOf(directory_ / "header.0"), 0600u);
  EXPECT_EQ(ModeOf(directory_ / "header.1"), 0600u);
}

TEST_F(VaultDirectoryTest, ReplacingTheHeaderLeavesNothingElseBehind) {
  Put("header.0.new", std::string(9000, 'x'));  // a crash left it
  Must(WriteHeader(directory_.path(), Bytes(4000, 7)));
  Must(WriteHeader(directory_.path(), Bytes(300, 8)));
  HeaderCopies copies = Take(ReadHeader(directory_.path()));
  EXPECT_EQ(copies.first, Bytes(300, 8));
  EXPECT_EQ(copies.second, Bytes(300, 8));
  size_t files = 0;
  for ([[maybe_unused]] auto& entry : std::filesystem::directory_iterator(directory_.path()))
    ++files;
  EXPECT_EQ(files, 2u);
}

TEST_F(VaultDirectoryTest, AFailedWriteLeavesTheOldCopies) {
  Must(WriteHeader(directory_.path(), Bytes(300, 8)));
  ASSERT_EQ(::mkdir((directory_ / "header.1.new").c_str(), 0700), 0);  // cannot be opened to write
  EXPECT_FALSE(WriteHeader(directory_.path(), Bytes(300, 9)));
  HeaderCopies copies = Take(ReadHeader(directory_.path()));
  EXPECT_EQ(copies.first, Bytes(300, 9));
  EXPECT_EQ(copies.second, Bytes(300, 8)) << "a whole copy, if the old one";
}

TEST_F(VaultDirectoryTest, OneLostCopyIsEmptyTheOtherWhole) {
  Must(WriteHeader(directory_.path(), Bytes(300, 8)));
  std::filesystem::remove(directory_ / "header.0");
  HeaderCopies copies = Take(ReadHeader(directory_.path()));
  EXPECT_TRUE(copies.first.empty());
  EXPECT_EQ(copies.second, Bytes(300, 8));
}

TEST_F(VaultDirectoryTest, WhatIsNoFileOrTooLargeIsAnEmptyCopy) {
  ASSERT_EQ(::mkfifo((directory_ / "header.0").c_str(), 0600), 0);
  Put("header.1", "x");
  ASSERT_EQ(::truncate((directory_ / "header.1").c_str(), off_t{1} << 40), 0);
  HeaderCopies copies = Take(ReadHeader(directory_.path()));
  EXPECT_TRUE(copies.first.empty());
  EXPECT_TRUE(copies.second.empty());
}

TEST_F(VaultDirectoryTest, SaysWhatIsMissing) {
  EXPECT_EQ(CodeOf(ReadHeader(directory_ / "none")), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(WriteHeader(directory_ / "none", Bytes(1))), ErrorCode::kNotFound);
  Result<HeaderCopies> plain = ReadHeader(directory_.path());
  EXPECT_EQ(CodeOf(plain), ErrorCode::kNotAVault);
  EXPECT_NE(plain.error().message.find("is no vault"), std::string::npos);
  Put("data.mdb", "");
  Result<HeaderCopies> headerless = ReadHeader(directory_.path());
  EXPECT_EQ(CodeOf(headerless), ErrorCode::kNotAVault);
  EXPECT_NE(headerless.error().message.find("restore"), std::string::npos);
  EXPECT_EQ(CodeOf(ReadHeader(directory_ / "data.mdb")), ErrorCode::kNotAVault);
}

}  // namespace
}  // namespace chainfs::fs::store
