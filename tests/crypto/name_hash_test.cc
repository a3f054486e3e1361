// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/name_hash.h"

#include <gtest/gtest.h>

#include <thread>

#include "crypto/hkdf.h"
#include "crypto/siphash.h"
#include "tests/crypto/hex.h"

namespace chainfs::crypto {
namespace {

using test::Counting;

// The reference implementation's vectors_sip64: key 00 01 .. 0f, message i is 00 01 .. (i-1);
// eight bytes of output each, little-endian.
constexpr std::string_view kPublished =
    "310e0edd47db6f72fd67dc93c539f8745a4fa9d909806c0d2d7efbd796666785b7877127e09427cf8da699cd645576"
    "18cee3fe586e46c9cb37d1018bf50002ab"
    "6224939a79f5f593b0e4a90bdf82009ef3b9dd94c5bb5d7aa7ad6b22462fb3f4fbe50e86bc8f1e75903d84c02756ea"
    "14eef27a8e90ca23f7e545be4961ca29a1"
    "db9bc2577fcc2a3f9447be2cf5e99a699cd38d96f0b3c14bbd6179a71dc96dbb98eea21af25cd6bec7673b2eb0cbf2"
    "d0883ea3e395675393c8ce5ccd8c030ca8"
    "94af49f6c650adb8eab8858ade92e1bcf315bb5bb835d817adcf6b0763612e2fa5c91da7acaa4dde716595876650a2"
    "a628ef495c53a387ad42c341d8fa92d832"
    "ce7cf2722f512771e37859f94623f3a7381205bb1ab0e012ae97a10fd434e015b4a31508beff4d3181396229f09079"
    "024d0cf49ee5d4dcca5c73336a76d8bf9a"
    "d0a704536ba93e0e925958fcd6420cada915c29bc8067318952b79f3bc0aa6d4f21df2e41d4535f987577519048f53"
    "a910a56cf5dfcd9adbeb75095ccd986cd0"
    "51a9cb9ecba312e696afadfc2ce666c772fe52975a4364ee5a1645b276d592a1b274cb8ebf87870a6f9bb4203de7b3"
    "81eaecb2a30b22a87f9924a43cc1315724"
    "bd838d3aafbf8db70b1a2a3265d51aea135079a3231ce660932b2846e4d70666e1915f5cb1eca46cf325965ca16d62"
    "9f575ff28e60381be5724506eb4c328a95";

TEST(SipHashTest, AgreesWithAllPublishedVectors) {
  const Bytes key = Counting(kSipHashKeyBytes);
  const Bytes published = test::FromHex(kPublished);
  for (size_t size = 0; size < 64; ++size) {
    uint64_t expected = 0;
    for (size_t i = 8; i-- > 0;) expected = expected << 8 | published[size * 8 + i];
    EXPECT_EQ(SipHash24(ByteView(key).first<kSipHashKeyBytes>(), Counting(size)), expected) << size;
  }
}

TEST(NameHasherTest, HashesUnderAKeyDerivedFromTheVolumeKey) {
  const Bytes volume_key(32, 1);
  const SecretBytes key = HkdfSha256(
      volume_key, {}, test::FromText(std::string("chainfs/1 name hash key") + std::string(8, '\0')),
      kSipHashKeyBytes);
  NameHasher hasher(SecretKey::CopyOf(volume_key));
  EXPECT_EQ(hasher.Hash("README"),
            SipHash24(key.view().first<kSipHashKeyBytes>(), test::FromText("README")));
  EXPECT_NE(hasher.Hash("README"), hasher.Hash("readme"));
  EXPECT_NE(hasher.Hash("README"), NameHasher(SecretKey::CopyOf(Bytes(32, 2))).Hash("README"));
}

TEST(NameHasherTest, ServesManyThreads) {
  const NameHasher hasher(SecretKey::CopyOf(Bytes(32, 1)));
  const uint64_t expected = hasher.Hash("name");
  std::vector<std::thread> threads;
  std::array<int, 4> failures{};
  for (int& count : failures) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) count += hasher.Hash("name") != expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, (std::array<int, 4>{}));
}

}  // namespace
}  // namespace chainfs::crypto
