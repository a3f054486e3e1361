// SPDX-License-Identifier: GPL-3.0-or-later
// The accumulated randomized test of the XAES-256-GCM specification.
#pragma once

#include <cstddef>
#include <string>

namespace chainfs::test {

// Seals and opens `iterations` messages whose keys, nonces, plaintexts and AADs come from
// SHAKE-128 of the empty string. Returns the hex of the first 32 bytes of SHAKE-128 of all
// ciphertexts; or, if a message did not open to what was sealed, what happened.
// Takes about 320 bytes of memory for each iteration.
std::string AccumulateXaes(size_t iterations);

}  // namespace chainfs::test
