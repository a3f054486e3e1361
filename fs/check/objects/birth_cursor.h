// SPDX-License-Identifier: GPL-3.0-or-later
// The births of a range of object ids, one after the other. One thread at a time.
#pragma once

#include <optional>

#include "fs/check/objects/lists_stream.h"

namespace chainfs::fs::check {

class BirthCursor {
 public:
  // Ids of [begin, end); `from`: the record with the first of them. Lists that are lost are passed
  // over.
  BirthCursor(const ListsStream& lists, Sequence from, uint64_t begin, uint64_t end)
      : lists_(lists), record_(from), begin_(begin), end_(end) {}

  // Null: there are no more. Valid until the next call.
  const ledger::Birth* Peek() {
    while (!birth_ && record_ < lists_.end()) Advance();
    return birth_ ? &*birth_ : nullptr;
  }
  void Next() { birth_.reset(); }
  Sequence record() const { return record_; }
  // The snapshot's transaction has been renewed.
  void ForgetViews() { rows_.reset(); }

 private:
  void Advance() {
    if (!rows_) rows_ = lists_.FindBirths(record_);
    if (at_ >= rows_->size()) {
      rows_.reset();
      at_ = 0;
      ++record_.value;
      return;
    }
    birth_ = ledger::DecodeBirth(rows_->subspan(at_, ledger::kBirthBytes));
    at_ += ledger::kBirthBytes;
    if (birth_ && birth_->id.value >= end_) record_ = lists_.end();
    if (birth_ && (birth_->id.value < begin_ || birth_->id.value >= end_)) birth_.reset();
  }

  const ListsStream& lists_;
  Sequence record_;
  const uint64_t begin_, end_;
  std::optional<ByteView> rows_;
  size_t at_ = 0;
  std::optional<ledger::Birth> birth_;
};

}  // namespace chainfs::fs::check
