// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/history/ledger_export.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "crypto/base/byte_order.h"
#include "fs/history/export_directory.h"
#include "fs/history/stored_tiles.h"
#include "ledger/proof.h"
#include "ledger/tile_hashes.h"
#include "ledger/tree_edge.h"

namespace chainfs::fs {
namespace {

using ledger::kTileWidth;
using ledger::TileId;

constexpr size_t kHashBytes = std::tuple_size_v<Digest>;
constexpr size_t kFullTileBytes = kTileWidth * kHashBytes;
constexpr size_t kEntryBytes = sizeof(uint16_t) + ledger::kRecordBytes;

Error Damaged(const std::string& what) {
  return {ErrorCode::kDamaged, what + "; run chainfs-fsck"};
}

class Exporter {
 public:
  Exporter(const store::Store& store, const StoredHead& head, ExportDirectory& directory,
           const ExportProgress& progress)
      : store_(store), head_(head), directory_(directory), progress_(progress) {}

  Result<ExportSummary> Run() {
    summary_.size = head_.checkpoint.size;
    if (auto known = ReadEarlier(); !known) return std::move(known).error();
    if (auto copied = CopyRecords(FirstMissing()); !copied) return std::move(copied).error();
    if (auto written = WritePartialTiles(); !written) return std::move(written).error();
    if (auto durable = directory_.Commit(head_.note); !durable) return std::move(durable).error();
    for (const std::string& tile : full_tiles_) directory_.RemovePartials(tile);
    return summary_;
  }

 private:
  Result<void> ReadEarlier();
  uint64_t FirstMissing() const;
  Result<ledger::TreeEdge> LoadEdge(uint64_t size);
  Result<void> CopyRecords(uint64_t begin);
  Result<void> CopyBundle(ledger::TreeEdge& edge, uint64_t end);
  Result<void> WritePartialTiles();
  // Leaves alone what the earlier checkpoint covers already.
  Result<void> Put(TileId tile, size_t width, const std::string& path, ByteView content);

  const store::Store& store_;
  const StoredHead& head_;
  ExportDirectory& directory_;
  const ExportProgress& progress_;
  ExportSummary summary_;
  std::vector<std::string> full_tiles_;  // that were written
};

// The log that is there, once it is known that ours continues it.
Result<void> Exporter::ReadEarlier() {
  auto note = directory_.ReadCheckpoint();
  if (!note) return std::move(note).error();
  if (note->empty()) return {};
  const ledger::Checkpoint& ours = head_.checkpoint;
  auto earlier = ledger::OpenCheckpoint(*note, head_.key);
  if (!earlier) {
    const auto claimed = ledger::ParseCheckpointUnverified(*note);
    return Error{ErrorCode::kExists, "the directory holds another log, " +
                                         (claimed ? claimed->origin : "of unknown origin") +
                                         "; export into a new directory"};
  }
  if (earlier->size > ours.size) {
    return Error{ErrorCode::kRollback, "the directory holds a newer head of this ledger (" +
                                           std::to_string(earlier->size) +
                                           " records) than the vault (" +
                                           std::to_string(ours.size) + ")"};
  }
  auto txn = store_.BeginRead();
  if (!txn) return std::move(txn).error();
  ledger::TileHashes hashes(StoredTiles(*txn));
  const auto proof = ledger::ProveConsistency(earlier->size, ours.size, std::ref(hashes));
  if (!proof ||
      !ledger::VerifyConsistency(earlier->size, earlier->root, ours.size, ours.root, *proof)) {
    return Error{ErrorCode::kFork,
                 "the vault's ledger does not continue the one that was exported "
                 "here (" +
                     std::to_string(earlier->size) + " records)"};
  }
  summary_.earlier_size = earlier->size;
  return {};
}

// Where to begin so that every full tile is there at the end: at a multiple of 256.
uint64_t Exporter::FirstMissing() const {
  for (unsigned level = 1; level < ledger::kTileLevels; ++level) {
    for (uint64_t i = 0; ledger::WidthOfTile({level, i}, summary_.earlier_size) == kTileWidth;
         ++i) {
      if (!directory_.Has(ledger::PathOfTile({level, i}, kTileWidth), kFullTileBytes)) return 0;
    }
  }
  const uint64_t full = summary_.earlier_size / kTileWidth;
  for (uint64_t i = 0; i < full; ++i) {
    if (!directory_.Has(ledger::PathOfTile({0, i}, kTileWidth), kFullTileBytes) ||
        !directory_.Has(ledger::PathOfEntries(i, kTileWidth), kTileWidth * kEntryBytes)) {
      return i * kTileWidth;
    }
  }
  return full * kTileWidth;
}

Result<void> Exporter::Put(TileId tile, size_t width, const std::string& path, ByteView content) {
  if (width == kTileWidth) full_tiles_.push_back(path);
  const bool covered = ledger::WidthOfTile(tile, summary_.earlier_size) == width;
  if (covered && directory_.Has(path, content.size())) return {};
  ++summary_.files_written;
  return directory_.Write(path, content);
}

// The next records up to `end`, which lie below one tile of level 0.
Result<void> Exporter::CopyBundle(ledger::TreeEdge& edge, uint64_t end) {
  auto txn = store_.BeginRead();
  if (!txn) return std::move(txn).error();
  const uint64_t index = edge.size() / kTileWidth;
  Bytes bundle;
  bundle.reserve(kTileWidth * kEntryBytes);
  while (edge.size() < end) {
    const auto record = txn->FindRecord(Sequence(edge.size()));
    if (!record || record->size() != ledger::kRecordBytes) {
      return Damaged("record " + std::to_string(edge.size()) + " is missing or malformed");
    }
    Writer writer(bundle);
    writer.Int(static_cast<uint16_t>(record->size()));
    writer.Raw(*record);
    edge.Append(ledger::LinkOf(*record));
  }
  const size_t width = bundle.size() / kEntryBytes;
  auto put = Put({0, index}, width, ledger::PathOfEntries(index, width), bundle);
  if (!put || width < kTileWidth) return put;
  for (const auto& [tile, hashes] : edge.TilesToStore()) {
    if (hashes.size() < kFullTileBytes) continue;  // still grows; the last state is written later
    if (put = Put(tile, kTileWidth, ledger::PathOfTile(tile, kTileWidth), hashes); !put) return put;
  }
  return {};
}

// What has to be known of the tree of so many records to go on from there.
Result<ledger::TreeEdge> Exporter::LoadEdge(uint64_t size) {
  auto txn = store_.BeginRead();
  if (!txn) return std::move(txn).error();
  auto edge = ledger::TreeEdge::Load(size, StoredTiles(*txn));
  if (!edge) return Damaged("the ledger's tiles are missing or malformed");
  return *std::move(edge);
}

Result<void> Exporter::CopyRecords(uint64_t begin) {
  auto edge = LoadEdge(begin);
  if (!edge) return std::move(edge).error();
  const uint64_t size = head_.checkpoint.size;
  while (edge->size() < size) {
    const uint64_t next = edge->size() + kTileWidth;
    if (auto copied = CopyBundle(*edge, std::min(next, size)); !copied) return copied;
    progress_(edge->size(), size);
  }
  if (edge->Root() != head_.checkpoint.root) {
    return Damaged("the ledger's records are not those of its signed head");
  }
  return {};
}

// Of each level the last tile, unless it is full. They are the right edge of the tree, so that
// they are proven by giving its root.
Result<void> Exporter::WritePartialTiles() {
  auto txn = store_.BeginRead();
  if (!txn) return std::move(txn).error();
  std::vector<std::pair<TileId, Bytes>> tiles;
  const ledger::TileFetcher stored = StoredTiles(*txn);
  const auto edge = ledger::TreeEdge::Load(
      head_.checkpoint.size, [&](TileId tile, size_t width) -> std::optional<Bytes> {
        auto hashes = stored(tile, width);
        if (!hashes) return hashes;
        hashes->resize(width * kHashBytes);  // it may have grown since the head was read
        tiles.emplace_back(tile, *hashes);
        return hashes;
      });
  if (!edge || edge->Root() != head_.checkpoint.root) {
    return Damaged("the ledger's tiles are not those of its signed head");
  }
  for (const auto& [tile, hashes] : tiles) {
    const size_t width = hashes.size() / kHashBytes;
    if (auto put = Put(tile, width, ledger::PathOfTile(tile, width), hashes); !put) return put;
  }
  return {};
}

}  // namespace

Result<ExportSummary> ExportLedger(const store::Store& store, const StoredHead& head,
                                   const std::string& directory, const ExportProgress& progress) {
  auto opened = ExportDirectory::Open(directory);
  if (!opened) return std::move(opened).error();
  return Exporter(store, head, *opened, progress).Run();
}

}  // namespace chainfs::fs
