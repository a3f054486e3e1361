// SPDX-License-Identifier: GPL-3.0-or-later
// What a repair does, as it is found out: for the user, for the REPAIR record and for the
// quarantine. One thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fs/repair/actions.h"
#include "fs/tree/key.h"

namespace chainfs::fs::repair {

struct Note {
  Action action;
  InodeNumber inode;  // whose path goes in front of the text; 0: none
  std::string name;   // of an entry of that directory; empty: the inode itself
  std::string text;   // one line, no full stop
};

class Journal {
 public:
  void Add(Action action, std::string text) { Add(action, InodeNumber(0), std::move(text)); }
  void Add(Action action, InodeNumber inode, std::string text, std::string name = {}) {
    actions_ |= static_cast<uint32_t>(action);
    if (notes_.size() < kMostNotes) {
      notes_.push_back({action, inode, std::move(name), std::move(text)});
    } else {
      ++unwritten_;
    }
  }
  // An item is about to leave the tree, or to change, and what it says would be lost.
  void Keep(const Key& key, ByteView value) {
    dropped_.emplace_back(key, Bytes(value.begin(), value.end()));
  }

  // An object is born again under a new id. Told in one line, whatever their number.
  void NoteCopy() {
    actions_ |= static_cast<uint32_t>(Action::kCopyObjects);
    ++copies_;
  }
  void Touch(Action action) { actions_ |= static_cast<uint32_t>(action); }
  uint64_t copies() const { return copies_; }

  uint32_t actions() const { return actions_; }
  bool Has(Action action) const { return (actions_ & static_cast<uint32_t>(action)) != 0; }
  const std::vector<Note>& notes() const { return notes_; }
  uint64_t unwritten() const { return unwritten_; }  // notes beyond the first kMostNotes
  const std::vector<std::pair<Key, Bytes>>& dropped() const { return dropped_; }

 private:
  static constexpr size_t kMostNotes = 10000;

  uint32_t actions_ = 0;
  std::vector<Note> notes_;
  uint64_t unwritten_ = 0;
  uint64_t copies_ = 0;
  std::vector<std::pair<Key, Bytes>> dropped_;
};

}  // namespace chainfs::fs::repair
