// SPDX-License-Identifier: GPL-3.0-or-later
// The error of what must have failed; a failure of the test if it has not.
#pragma once

#include <gtest/gtest.h>

#include "crypto/base/result.h"

namespace chainfs::ledger {

template <class T>
Error ErrorOf(const Result<T>& result) {
  if (!result) return result.error();
  ADD_FAILURE() << "accepted";
  return {ErrorCode::kBusy, "accepted"};
}

}  // namespace chainfs::ledger
