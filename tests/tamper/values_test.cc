// SPDX-License-Identifier: GPL-3.0-or-later
// One value of one table, in every way that needs no key.
#include "ledger/record.h"
#include "tests/fs/check/raw_store.h"
#include "tests/tamper/expected.h"
#include "tests/tamper/tamper_fixture.h"

namespace chainfs::tamper {
namespace {

using fs::TestVault;
using fs::check::RawStore;
using fs::check::RawTables;

class TamperValuesTest : public TamperTest {
 protected:
  static constexpr size_t kTypeOffset = 9;  // docs/format-records.md

  TamperValuesTest() : TamperTest(kExpectedOfValues) {}

  void Replace(const Entry& entry, const std::string& tampering, const Bytes& value) {
    Expect(entry.table, entry.name, tampering, [&](const TestVault& vault) {
      RawTables(vault.directory()).Put(entry.table, entry.key, value);
    });
  }
  // A key where nothing is, of the form that the table's keys have.
  static Bytes FreeKey(const Entry& entry) {
    if (entry.table == std::string("meta")) return RawStore::Key(std::string_view("copy"));
    if (entry.table == std::string("objects")) return RawStore::Key(uint64_t{1} << 40);
    const auto keys = RawTables(Vaults::Get().newest->directory()).Keys(entry.table);
    return RawStore::Key(GetBE<uint64_t>(keys.back().data()) + 1);
  }

  void TryAll(const Entry& entry) {
    const Bytes good = ValueOf(*Vaults::Get().newest, entry.table, entry.key);
    if (!good.empty()) {
      Bytes flipped = good;
      flipped[good.size() / 2] ^= 4;
      Replace(entry, "flip", flipped);
      Replace(entry, "zero", Bytes(good.size(), 0));
      Replace(entry, "truncate", Bytes(good.begin(), good.end() - 1));
      Replace(entry, "empty", {});
    }
    Bytes longer = good;
    longer.push_back(0);
    Replace(entry, "lengthen", longer);
    Expect(entry.table, entry.name, "delete", [&](const TestVault& vault) {
      RawTables(vault.directory()).Delete(entry.table, entry.key);
    });
    Expect(entry.table, entry.name, "duplicate", [&](const TestVault& vault) {
      RawTables(vault.directory()).Put(entry.table, FreeKey(entry), good);
    });
    if (entry.table == std::string("records")) {
      Bytes other_type = good;
      other_type[kTypeOffset] = static_cast<uint8_t>(ledger::RecordType::kPrune);
      Replace(entry, "retype", other_type);
    }
    if (!entry.peer.empty()) {
      Expect(entry.table, entry.name, "swap", [&](const TestVault& vault) {
        RawTables(vault.directory()).Swap(entry.table, entry.key, entry.peer);
      });
    }
    if (!entry.older.empty() && entry.older != good) Replace(entry, "older", entry.older);
    if (!entry.abandoned.empty() && entry.abandoned != good) {
      Replace(entry, "abandoned", entry.abandoned);
    }
    if (!entry.foreign.empty() && entry.foreign != good) Replace(entry, "splice", entry.foreign);
  }
};

TEST_F(TamperValuesTest, EachIsReportedAsTheTableSays) {
  for (const Entry& entry : Vaults::Get().entries) TryAll(entry);
}

}  // namespace
}  // namespace chainfs::tamper
