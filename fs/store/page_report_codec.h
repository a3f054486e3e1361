// SPDX-License-Identifier: GPL-3.0-or-later
// A PageReport, or the error in its place, as bytes on the way from the child that walked. Not a
// format that is kept anywhere. Internal to fs/store; no threads.
#pragma once

#include <optional>

#include "crypto/base/types.h"
#include "fs/store/page_walk.h"

namespace chainfs::fs::store {

constexpr size_t kMaxReportBytes = 1 << 20;  // no report is longer

Bytes EncodePageReport(const Result<PageReport>& report);

// nullopt: these are not the bytes of a report. The child may have been taken over: what is
// returned is within the bounds that page_walk.h gives, and its text is printable.
std::optional<Result<PageReport>> DecodePageReport(ByteView bytes);

}  // namespace chainfs::fs::store
