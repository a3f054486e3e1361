// SPDX-License-Identifier: GPL-3.0-or-later
// A promise of whoever writes to the vault: what died after the head that is checked stays in the
// store for as long as the hold is kept. Without it a check of a vault in use would take what was
// reaped meanwhile for damage.
#pragma once

namespace chainfs::fs::check {

// One thread at a time.
class RetentionHold {
 public:
  virtual ~RetentionHold() = default;
  // Whether it has been kept without a gap until now. Asked every few hundred objects, and before
  // anything that cannot be read is called damaged. Once false, false for good.
  virtual bool StillHeld() = 0;
};

}  // namespace chainfs::fs::check
