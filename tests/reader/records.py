# SPDX-License-Identifier: GPL-3.0-or-later
"""Records and commit lists, from their bytes (docs/format-records.md)."""

import struct

from merkle import leaf_hash, root, sha256
from problem import Problem

RECORD_BYTES = 416
TYPES = {
    1: "GENESIS",
    2: "COMMIT",
    3: "KEY_CHANGE",
    4: "SNAPSHOT",
    5: "SNAPSHOT_DELETE",
    6: "PRUNE",
    7: "ROLLBACK_ACCEPTED",
    8: "REPAIR",
    9: "CLEAN_UNMOUNT",
}
# How many of the last 88 bytes belong to the type; the others are zero.
OWN_BYTES = {"GENESIS": 68, "ROLLBACK_ACCEPTED": 88, "REPAIR": 52}
LAYOUT = struct.Struct(">8sBBH16sQQ16s32sQ32s36sQQ32sQ32sQ32sQQ16s88s")
ZERO = bytes(32)


class Record:
    def __init__(self, data):
        if len(data) != RECORD_BYTES:
            raise Problem("record: not 416 bytes")
        (
            magic,
            version,
            kind,
            reserved,
            self.volume_id,
            self.sequence,
            self.time_ns,
            self.session,
            self.previous_link,
            self.key_epoch,
            self.header_digest,
            self.root_pointer,
            self.next_id,
            self.birth_count,
            self.births_root,
            self.death_count,
            self.deaths_digest,
            self.reap_count,
            self.reaps_digest,
            self.live_objects,
            self.live_bytes,
            self.journal,
            self.own,
        ) = LAYOUT.unpack(data)
        if magic != b"chainrec" or version != 1 or kind not in TYPES or reserved != 0:
            raise Problem("record: unknown magic, version or type")
        self.type = TYPES[kind]
        self.link = leaf_hash(data)
        if any(self.own[OWN_BYTES.get(self.type, 0) :]):
            raise Problem(f"record {self.sequence}: bytes that its type does not use")
        if (self.type == "GENESIS") != (self.sequence == 0):
            raise Problem(f"record {self.sequence}: {self.type} out of place")
        if self.type == "GENESIS" and (self.previous_link != ZERO or self.header_digest != ZERO):
            raise Problem("record 0: fields that genesis does not have")

    # Of GENESIS.
    @property
    def ledger_key(self):
        return self.own[:32]

    @property
    def rollback_accepted(self):
        return self.type == "ROLLBACK_ACCEPTED"

    # Of ROLLBACK_ACCEPTED: kept size and root; abandoned size, root and branch.
    @property
    def rollback(self):
        return struct.unpack(">Q32sQ32s8s", self.own)

    # Of REPAIR: actions, fallback, quarantine digest, removed objects.
    @property
    def repair(self):
        return struct.unpack(">IQ32sQ", self.own[:52])


class Chain:
    """Takes the records in order, and refuses one that does not continue the one before it."""

    def __init__(self, tree):
        self.tree = tree
        self.newest = None
        self.genesis = None
        self.branch = None  # the id of the branch that the newest record is in

    def append(self, data):
        record = Record(data)
        name = f"record {self.tree.size}"
        if record.sequence != self.tree.size:
            raise Problem(f"{name}: has the sequence {record.sequence}")
        if self.newest is None:
            self.genesis = record
        else:
            if record.previous_link != self.newest.link:
                raise Problem(f"{name}: does not continue the one before it")
            if record.volume_id != self.newest.volume_id:
                raise Problem(f"{name}: of another volume")
            if record.time_ns < self.newest.time_ns:
                raise Problem(f"{name}: older than the one before it")
            if record.next_id < self.newest.next_id:
                raise Problem(f"{name}: ids go backwards")
        if record.rollback_accepted and record.rollback[:2] != (
            self.tree.size,
            self.tree.root(),
        ):
            raise Problem(f"{name}: the kept head is not what lies before it")
        if record.type == "GENESIS" or record.rollback_accepted:
            self.branch = record.link[:8]
        self.newest = record
        self.tree.append(record.link)
        return record


class Lists:
    """Births as (id, type, sealed bytes, nonce, digest), deaths and reaps as (id, sealed bytes)."""

    def __init__(self, data):
        if len(data) < 24:
            raise Problem("lists: too short")
        magic, version, births, deaths, reaps = struct.unpack_from(">8sIIII", data)
        if magic != b"chainlst" or version != 1:
            raise Problem("lists: unknown magic or version")
        if len(data) != 24 + 69 * births + 12 * (deaths + reaps):
            raise Problem("lists: not as long as the counts say")
        ends = 24 + 69 * births, 24 + 69 * births + 12 * deaths
        self._rows = [data[at : at + 69] for at in range(24, ends[0], 69)]
        self._deaths, self._reaps = data[ends[0] : ends[1]], data[ends[1] :]
        self.births = [struct.unpack(">QBI24s32s", row) for row in self._rows]
        self.deaths = list(struct.iter_unpack(">QI", self._deaths))
        self.reaps = list(struct.iter_unpack(">QI", self._reaps))
        ids = [birth[0] for birth in self.births]
        if any(low >= high for low, high in zip(ids, ids[1:])):
            raise Problem("lists: births are not ascending")
        if any(row[0] == 0 for row in self.births + self.deaths + self.reaps):
            raise Problem("lists: object 0")
        if any(birth[1] not in (1, 2, 3) for birth in self.births):
            raise Problem("lists: unknown object type")

    def births_root(self):
        return root([leaf_hash(row) for row in self._rows])

    def check_against(self, record):
        name = f"lists of record {record.sequence}"
        counts = (record.birth_count, record.death_count, record.reap_count)
        if (len(self.births), len(self.deaths), len(self.reaps)) != counts:
            raise Problem(f"{name}: other counts than the record has")
        if self.births_root() != record.births_root:
            raise Problem(f"{name}: other births than the record commits to")
        if sha256(self._deaths) != record.deaths_digest:
            raise Problem(f"{name}: other deaths than the record commits to")
        if sha256(self._reaps) != record.reaps_digest:
            raise Problem(f"{name}: other reaps than the record commits to")
