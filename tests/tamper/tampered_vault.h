// SPDX-License-Identifier: GPL-3.0-or-later
// A vault whose history has one of everything, made once; what a thief of old copies would have of
// it; and what there is in it to tamper with.
//
//        genesis ... 500 commits ... | ROLLBACK_ACCEPTED ... REPAIR ... earlier ... CLEAN_UNMOUNT
//                                    `. . 120 commits, abandoned
//
// In between the header got a second passphrase slot.
//
// So there is every type of record that anything writes. KEY_CHANGE, SNAPSHOT, SNAPSHOT_DELETE and
// PRUNE have numbers in the format, but nothing writes them yet; the vault has none, since one made
// up here would show nothing about real ones. What fsck says to a record that is given such a
// number is in the table ("retype").
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/fs/volume_fixture.h"

namespace chainfs::tamper {

// What is tampered with: one value of a table.
struct Entry {
  std::string name;   // for the table of expectations
  const char* table;  // of the database
  Bytes key;
  Bytes peer = {};       // the key of another one of the same size and kind; empty: there is none
  Bytes older = {};      // what stood there, or in its predecessor, before; empty: nothing
  Bytes abandoned = {};  // what stands there in the branch that was given up; empty: nothing
  Bytes foreign = {};    // what the other vault has for it; empty: nothing
};

struct Vaults {
  std::unique_ptr<fs::TestVault> newest;
  std::unique_ptr<fs::TestVault> earlier;    // some commits before
  std::unique_ptr<fs::TestVault> abandoned;  // at the head that the accepted rollback gave up
  std::unique_ptr<fs::TestVault> other;      // with the same passphrase, and as many records
  Bytes header, old_header;                  // that the newest record names, and the one before
  std::string head, abandoned_head;          // signed
  std::vector<Entry> entries;

  static const Vaults& Get();
};

// Empty if there is none.
Bytes ValueOf(const fs::TestVault& vault, const char* table, const Bytes& key);

}  // namespace chainfs::tamper
