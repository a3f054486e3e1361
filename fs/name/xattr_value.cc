// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/xattr_value.h"

namespace chainfs::fs {

void XattrValue::Gather(std::vector<ByteView>& parts, Bytes& /*scratch*/) const {
  parts.push_back(value_);
}

}  // namespace chainfs::fs
