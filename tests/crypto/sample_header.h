// SPDX-License-Identifier: GPL-3.0-or-later
// A header of format 1, made by an independent implementation (Python, cryptography 48) from
// docs/format-header.md, which shows it too. It must open for ever.
#pragma once

#include <string_view>

namespace chainfs::test {

constexpr std::string_view kSampleHeaderHex =
    "636861696e667348"                                                  // magic
    "00000001"                                                          // format
    "00000001"                                                          // minimum reader
    "0000022a"                                                          // length
    "00000001"                                                          // suite
    "0000000000000000"                                                  // feature flags
    "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"                                  // volume id
    "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"  // genesis link
    "0000000000000000000000000000000000000000000000000000000000000000"  // previous header
    "050505050505050505050505050505050505050505050505"                  // seed nonce
    "b7c3d04c3e9ad80f3deb03572f76d111b6a9344e572bd13f56a236034b9a72ee"  // sealed seed
    "fcdec88d6a456d116cd2340106ced8eb"
    "0002"                              // slot count
    "00000001000020000000000100000001"  // slot 0: kind, memory, iterations, lanes
    "0101010101010101010101010101010101010101010101010101010101010101"  // salt
    "da29543545b2ed286db528a92b11408c336cf8633aa2bc3a9a28ec0bc51345aa"  // commitment
    "030303030303030303030303030303030303030303030303"                  // nonce
    "64956b5ea99cd4ec1cc33b99694861c1dbcd0d848dc4ad9e55d0e86ef5fc57cb"  // sealed volume key
    "9a615dcadfbc978810c17ec2cb2fb29c"
    "00000002000000000000000000000000"                                  // slot 1: kind, no cost
    "0202020202020202020202020202020202020202020202020202020202020202"  // salt
    "75e1c8daebb74222f36260d04f3026229c34e6bfa050e41323f177130c0f7539"  // commitment
    "040404040404040404040404040404040404040404040404"                  // nonce
    "ea43487173b53d1175d6fe90e4bccf0d0037ea87e6449a6a4b33545a9e5ec745"  // sealed volume key
    "54b2fd5c67ae3ac8ba89c4702f94a0ab"
    "ffb830c5389a4b69cc188a2668a2042162d902a96f4c6fef1eb4993cd4b94220"   // MAC
    "2de59f8c7d19af12331ddf7ea1b5a8f7ed92ccdce0ac589d0984ea6db79dd200";  // checksum

constexpr std::string_view kSamplePassphrase = "correct horse battery staple";
constexpr std::string_view kSampleRecoveryKey =
    "208H46-4RM2MR-B1E60Q-S38DHR-R78Y3Q-WG2283-H34GJ2-JC9S8G";
constexpr std::string_view kSampleVolumeKeyHex =
    "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f";
constexpr std::string_view kSampleSeedHex =
    "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f";

}  // namespace chainfs::test
