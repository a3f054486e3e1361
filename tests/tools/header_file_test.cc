// SPDX-License-Identifier: GPL-3.0-or-later
// Which of two copies of the header is the database's.
#include "tools/common/header_file.h"

#include <fstream>

#include "tests/fs/volume_fixture.h"

namespace chainfs::tools {
namespace {

using fs::TestVault;

class HeaderFileTest : public ::testing::Test {
 protected:
  HeaderFileTest() {
    auto next =
        crypto::AddPassphraseSlot(vault_.header(), vault_.secrets(),
                                  crypto::SecretBytes::CopyOf("another"), crypto::kMinArgon2Cost);
    EXPECT_TRUE(next);
    newer_ = *std::move(next);
  }
  void Put(const Bytes& first, const Bytes& second) {
    int copy = 0;
    for (const Bytes* bytes : {&first, &second}) {
      std::ofstream(vault_.directory() + "/header." + std::to_string(copy++), std::ios::binary)
          .write(reinterpret_cast<const char*>(bytes->data()),
                 static_cast<std::streamsize>(bytes->size()));
    }
  }
  // A record that names the header.
  void CommitWith(const Bytes& header) {
    auto volume = fs::Volume::Open(vault_.directory(), header, vault_.secrets(), {});
    ASSERT_TRUE(volume);
    ASSERT_TRUE((*volume)->MakeDirectory(fs::kRootInode, "one", {.mode = 0755}));
    ASSERT_TRUE((*volume)->Close());
  }
  // What is chosen; `all_ours`: what ChooseHeaderOfDatabase is to say.
  Bytes Chosen(bool all_ours) {
    auto header = LoadHeader(vault_.directory());
    EXPECT_TRUE(header);
    EXPECT_EQ(ChooseHeaderOfDatabase(vault_.directory(), &*header), all_ours);
    EXPECT_TRUE(header->needs_repair);
    EXPECT_FALSE(header->other.empty());
    EXPECT_NE(header->other, header->bytes);
    const auto info = crypto::ParseHeader(header->bytes);
    EXPECT_EQ(header->info.volume_id, info->volume_id);
    EXPECT_EQ(header->info.slots.size(), info->slots.size());
    return header->bytes;
  }

  const TestVault vault_, another_;
  const Bytes& older_ = vault_.header();
  Bytes newer_;
};

TEST_F(HeaderFileTest, TheOneThatTheNewestRecordNames) {
  CommitWith(newer_);
  Put(older_, newer_);
  EXPECT_EQ(Chosen(true), newer_);
  Put(newer_, older_);
  EXPECT_EQ(Chosen(true), newer_);
}

// A change was begun with the first copy.
TEST_F(HeaderFileTest, AfterACrashTheOneThatReplacesTheRecords) {
  Put(newer_, older_);
  EXPECT_EQ(Chosen(true), newer_);
}

TEST_F(HeaderFileTest, NeverThatOfAnotherVolume) {
  Put(another_.header(), older_);
  EXPECT_EQ(Chosen(false), older_);
  Put(older_, another_.header());
  EXPECT_EQ(Chosen(false), older_);
  CommitWith(newer_);
  Put(another_.header(), older_);
  EXPECT_EQ(Chosen(false), older_) << "older, but of this volume";
}

TEST_F(HeaderFileTest, TheFirstIfTheDatabaseCannotBeAsked) {
  const std::string data = vault_.directory() + "/data.mdb";
  Put(another_.header(), older_);
  std::filesystem::resize_file(data, 5000);
  EXPECT_EQ(Chosen(true), another_.header());
  std::filesystem::remove(data);
  EXPECT_EQ(Chosen(true), another_.header());
}

}  // namespace
}  // namespace chainfs::tools
