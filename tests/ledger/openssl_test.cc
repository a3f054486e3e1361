// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint verifies without chainfs: with the openssl program and what is in vkey and note.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "crypto/base64.h"
#include "ledger/text.h"
#include "tests/ledger/example_log.h"
#include "tests/ledger/hex.h"

namespace chainfs::ledger {
namespace {

namespace files = std::filesystem;

class OpensslTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("openssl version >/dev/null 2>&1") != 0) {
      GTEST_SKIP() << "SKIPPED, NOT TESTED: the openssl program is not installed";
    }
    std::string pattern = files::temp_directory_path() / "chainfs-openssl-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override {
    if (!folder.empty()) files::remove_all(folder);
  }
  void Write(const char* name, std::string_view content) {
    std::ofstream(folder / name, std::ios::binary) << content;
  }
  bool Verifies() {
    const std::string command = "cd '" + folder.string() +
                                "' && openssl pkeyutl -verify -rawin -pubin -keyform DER "
                                "-inkey key -in text -sigfile signature >output 2>&1";
    return std::system(command.c_str()) == 0;
  }
  files::path folder;
};

TEST_F(OpensslTest, VerifiesACheckpoint) {
  ExampleLog log;
  const std::string vkey = EncodeVerifierKey(log.key);
  const size_t text_end = log.note.rfind("\n\n") + 1;
  const std::string line = log.note.substr(text_end + 1, log.note.size() - text_end - 2);
  // RFC 8410: the SubjectPublicKeyInfo of an Ed25519 key is this and its 32 bytes.
  std::string key(TextOf(FromHex("302a300506032b6570032100")));
  key += TextOf(*crypto::DecodeBase64(vkey.substr(log.key.name.size() + 10))).substr(1);
  const Bytes signature = *crypto::DecodeBase64(line.substr(line.rfind(' ') + 1));
  Write("key", key);
  Write("text", log.note.substr(0, text_end));
  Write("signature", TextOf(signature).substr(4));
  EXPECT_TRUE(Verifies());
  Write("text", "x" + log.note.substr(0, text_end));
  EXPECT_FALSE(Verifies());
}

}  // namespace
}  // namespace chainfs::ledger
