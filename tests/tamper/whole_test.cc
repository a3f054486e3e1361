// SPDX-License-Identifier: GPL-3.0-or-later
// Whole tables, the whole vault, and the header.
#include <fstream>

#include "crypto/base/byte_order.h"
#include "crypto/sha256.h"
#include "tests/fs/check/raw_store.h"
#include "tests/tamper/expected.h"
#include "tests/tamper/tamper_fixture.h"

namespace chainfs::tamper {
namespace {

using fs::TestVault;
using fs::check::RawStore;
using fs::check::RawTables;

const char* const kTables[] = {"objects", "records", "lists", "tiles", "meta"};

void PutBackTable(const TestVault& vault, const TestVault& from, const char* table) {
  RawStore source(from.directory()), raw(vault.directory());
  raw.Empty(table);
  for (const Bytes& key : source.Keys(table)) raw.Put(table, key, source.Get(table, key));
}

void PutBackFile(const TestVault& vault, const TestVault& from, const char* name) {
  std::filesystem::copy_file(from.directory() + "/" + name, vault.directory() + "/" + name,
                             std::filesystem::copy_options::overwrite_existing);
}

void WriteFile(const std::string& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

struct Source {
  const char* name;
  const TestVault& vault;
};
std::vector<Source> Sources() {
  const Vaults& all = Vaults::Get();
  return {{"earlier", *all.earlier}, {"abandoned", *all.abandoned}, {"other", *all.other}};
}

class TamperTablesTest : public TamperTest {
 protected:
  TamperTablesTest() : TamperTest(kExpectedOfTables) {}
};

TEST_F(TamperTablesTest, EachIsReportedAsTheTableSays) {
  Expect("vault", "-", "nothing", [](const TestVault&) {});
  for (const char* table : kTables) {
    Expect("table", table, "empty",
           [&](const TestVault& vault) { RawTables(vault.directory()).Empty(table); });
    for (const Source& source : Sources()) {
      Expect("table", table, source.name,
             [&](const TestVault& vault) { PutBackTable(vault, source.vault, table); });
    }
  }
  Expect("table", "unknown", "add",
         [](const TestVault& vault) { RawTables(vault.directory()).MakeTable("unknown"); });
  for (const Source& source : Sources()) {
    Expect("tables", "all-but-objects", source.name, [&](const TestVault& vault) {
      for (const char* table : kTables) {
        if (table != kTables[0]) PutBackTable(vault, source.vault, table);
      }
    });
    Expect("vault", "data.mdb", source.name,
           [&](const TestVault& vault) { PutBackFile(vault, source.vault, "data.mdb"); });
    Expect("vault", "all-files", source.name, [&](const TestVault& vault) {
      for (const char* name : {"data.mdb", "header.0", "header.1"}) {
        PutBackFile(vault, source.vault, name);
      }
    });
  }
}

class TamperHeaderTest : public TamperTest {
 protected:
  TamperHeaderTest() : TamperTest(kExpectedOfHeaders) {}

  static constexpr size_t kSlots = 186, kSlotBytes = 152;

  // Nobody needs a key for the checksum.
  static Bytes Fitting(Bytes header) {
    PutBE(header.data() + 16, static_cast<uint32_t>(header.size()));
    const size_t end = header.size() - sizeof(Digest);
    const Digest checksum = crypto::Sha256(ByteView(header).first(end));
    std::ranges::copy(checksum, header.begin() + static_cast<long>(end));
    return header;
  }
  static Bytes With(size_t at, const Bytes& bytes) {
    Bytes header = Vaults::Get().header;
    std::ranges::copy(bytes, header.begin() + static_cast<long>(at));
    return Fitting(header);
  }
  static Bytes Part(const Bytes& header, size_t at, size_t count) {
    return Bytes(header.begin() + static_cast<long>(at),
                 header.begin() + static_cast<long>(at + count));
  }
  static Bytes Slot(const Bytes& header, size_t slot) {
    return Part(header, kSlots + slot * kSlotBytes, kSlotBytes);
  }
  static Bytes WithFirstSlotsSwapped() {
    const Bytes& good = Vaults::Get().header;
    Bytes slots = Slot(good, 1);
    const Bytes first = Slot(good, 0);
    slots.insert(slots.end(), first.begin(), first.end());
    return With(kSlots, slots);
  }
  static Bytes WithoutLastSlot() {
    Bytes header = Vaults::Get().header;
    const auto last = header.begin() + static_cast<long>(kSlots + 2 * kSlotBytes);
    header.erase(last, last + kSlotBytes);
    header[185] = 2;
    return Fitting(header);
  }

  void Try(const std::string& tampering, const Bytes& header) {
    Expect("header", "first-copy", tampering,
           [&](const TestVault& vault) { WriteFile(vault.directory() + "/header.0", header); });
    Expect("header", "both-copies", tampering, [&](const TestVault& vault) {
      WriteFile(vault.directory() + "/header.0", header);
      WriteFile(vault.directory() + "/header.1", header);
    });
  }
};

TEST_F(TamperHeaderTest, EachIsReportedAsTheTableSays) {
  const Bytes& good = Vaults::Get().header;
  const Bytes& other = Vaults::Get().other->header();
  ASSERT_EQ(good[185], 3);  // passphrase, recovery key, passphrase
  Bytes flipped = good;
  flipped[good.size() / 2] ^= 4;
  Try("flip", flipped);
  Try("zero", Bytes(good.size(), 0));
  Try("truncate", Bytes(good.begin(), good.end() - 1));
  Try("empty", {});
  Expect("header", "first-copy", "delete",
         [](const TestVault& vault) { std::filesystem::remove(vault.directory() + "/header.0"); });
  Expect("header", "both-copies", "delete", [](const TestVault& vault) {
    std::filesystem::remove(vault.directory() + "/header.0");
    std::filesystem::remove(vault.directory() + "/header.1");
  });
  Try("older", Vaults::Get().old_header);
  Try("splice", other);
  // With a checksum that fits, as all below.
  Try("flip-format", With(11, {2}));
  Try("flip-reader", With(15, {2}));
  Try("flip-suite", With(23, {0}));
  Try("flip-features", With(31, {1}));
  Try("flip-volume-id", With(32, {static_cast<uint8_t>(good[32] ^ 1)}));
  Try("flip-genesis", With(48, {static_cast<uint8_t>(good[48] ^ 1)}));
  Try("flip-previous", With(80, {static_cast<uint8_t>(good[80] ^ 1)}));
  Try("flip-seed", With(140, {static_cast<uint8_t>(good[140] ^ 1)}));
  Try("flip-mac", With(good.size() - 64, {static_cast<uint8_t>(good[good.size() - 64] ^ 1)}));
  Try("least-memory", With(kSlots + 2 * kSlotBytes + 4, {0, 0, 0x20, 0}));
  Try("too-little-memory", With(kSlots + 4, {0, 0, 0x10, 0}));
  Try("no-passes", With(kSlots + 8, {0, 0, 0, 0}));
  Try("zero-slot", With(kSlots, Bytes(kSlotBytes, 0)));
  Try("zero-sealed-key", With(kSlots + 104, Bytes(48, 0)));
  Try("swap-slots", WithFirstSlotsSwapped());
  Try("remove-slot", WithoutLastSlot());
  Try("splice-slot", With(kSlots, Slot(other, 0)));
}

}  // namespace
}  // namespace chainfs::tamper
