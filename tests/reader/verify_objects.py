#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verifies a vault that is not mounted, without its key: header, ledger, tiles, lists, and that the
store holds exactly the objects that were born and not reaped, each with its digest. Written from
docs/format-*.md alone.

    verify_objects.py VAULT [EXPORT_DIRECTORY] [--vkey VKEY]

With a directory that `chainfs ledger export` has written, also that the vault's ledger begins with
the records there."""

import argparse
import os
import struct

import lmdb_file
import merkle
import notes
import records
import verify_log
from merkle import sha256
from problem import Problem, run

TABLES = ["lists", "meta", "objects", "records", "tiles"]


def number_of(key, what):
    if len(key) != 8:
        raise Problem(f"{what}: a key that is no number")
    return int.from_bytes(key, "big")


def read_header(vault):
    """The bytes of a copy that is whole."""
    for name in ("header.0", "header.1"):
        path = os.path.join(vault, name)
        if not os.path.exists(path):
            continue
        with open(path, "rb") as file:
            data = file.read(1 << 20)
        whole = len(data) >= 218 and data[:8] == b"chainfsH"
        if whole and data[16:20] == struct.pack(">I", len(data)):
            if data[-32:] == sha256(data[:-32]):
                return data
    raise Problem("header: neither copy is whole")


def read_chain(database):
    chain = records.Chain(merkle.Tree())
    encoded = []
    for key, value in database.items("records"):
        if number_of(key, "records") != chain.tree.size:
            raise Problem(f"record {chain.tree.size} is missing")
        chain.append(value)
        encoded.append(value)
    if chain.newest is None:
        raise Problem("there are no records")
    return chain, encoded


def check_header(header, chain):
    if header[32:48] != chain.genesis.volume_id or header[48:80] != chain.genesis.link:
        raise Problem("header: of another ledger")
    if chain.newest.header_digest not in (sha256(header), header[80:112]):
        raise Problem("header: not the one that the newest record names, nor its successor")


def check_tiles(database, tree):
    wanted = {}
    for level, index, hashes in tree.tiles():
        if level > 0 or len(hashes) == merkle.TILE_WIDTH * 32:
            wanted[level << 56 | index] = hashes
    found = {number_of(key, "tiles"): value for key, value in database.items("tiles")}
    if found != wanted:
        raise Problem("tiles: not those of the tree over the records")


class Store:
    """What must be in the store, from the lists of one record after the other."""

    def __init__(self):
        self.objects = {}  # id -> (sealed bytes, digest)
        self.live, self.live_bytes = set(), 0
        self._newest_id = 0
        self.deaths = []  # after each record, so far
        self.dead_bytes = 0  # in the graveyard
        self.reaps = 0

    def apply(self, record, lists):
        name = f"record {record.sequence}"
        lists.check_against(record)
        for object_id, _, sealed_bytes, _, digest in lists.births:
            if not self._newest_id < object_id < record.next_id:
                raise Problem(f"{name}: object {object_id} is born out of order")
            self._newest_id = object_id
            self.objects[object_id] = (sealed_bytes, digest)
            self.live.add(object_id)
            self.live_bytes += sealed_bytes
        for object_id, sealed_bytes in lists.deaths:
            if object_id not in self.live or self.objects[object_id][0] != sealed_bytes:
                raise Problem(f"{name}: object {object_id} dies and did not live")
            self.live.remove(object_id)
            self.live_bytes -= sealed_bytes
        for object_id, sealed_bytes in lists.reaps:
            born = self.objects.pop(object_id, None)
            if object_id in self.live or born is None or born[0] != sealed_bytes:
                raise Problem(f"{name}: object {object_id} is reaped and was not dead")
        self.reaps += len(lists.reaps)
        self.dead_bytes += sum(row[1] for row in lists.deaths)
        self.dead_bytes -= sum(row[1] for row in lists.reaps)
        self.deaths.append((self.deaths[-1] if self.deaths else 0) + len(lists.deaths))
        if (len(self.live), self.live_bytes) != (record.live_objects, record.live_bytes):
            raise Problem(f"{name}: other live objects than births and deaths leave")

    def check(self, database):
        wanted = iter(sorted(self.objects))
        for key, blob in database.items("objects"):
            object_id = number_of(key, "objects")
            expected = next(wanted, None)
            if object_id != expected:
                raise Problem(f"object {object_id}: it, or one before it, is missing or too much")
            if (len(blob), sha256(blob)) != self.objects[object_id]:
                raise Problem(f"object {object_id}: not the one that was born")
        if next(wanted, None) is not None:
            raise Problem("objects: the last ones are missing")


    def check_graveyard(self, meta):
        """That what was reaped is exactly what died before the place that the value names."""
        if meta is None:
            if len(self.deaths) > 1:
                raise Problem("meta: nothing says where the graveyard begins")
            return
        record, index, dead_bytes, newest = struct.unpack(">QQQQ", meta)
        if record > newest or newest != len(self.deaths) - 1:
            raise Problem("meta: the graveyard is not that of the newest record")
        before = self.deaths[record - 1] if record else 0
        if before + index != self.reaps or self.reaps > self.deaths[record]:
            raise Problem("meta: the graveyard does not begin where reaping has come to")
        if dead_bytes != self.dead_bytes:
            raise Problem("meta: the graveyard is not as large as it says")


def check_store(database, encoded):
    store = Store()
    lists = database.items("lists")
    for data in encoded:
        record = records.Record(data)
        key, value = next(lists, (b"", b""))
        if key != record.sequence.to_bytes(8, "big"):
            raise Problem(f"lists of record {record.sequence} are missing")
        store.apply(record, records.Lists(value))
    if next(lists, None) is not None:
        raise Problem("lists: more than records")
    store.check(database)
    return store


def check_meta(meta, encoded):
    lengths = {"graveyard": 32, "age": 0}
    for name, value in meta.items():
        if name not in ("checkpoint", "branches") and len(value) != lengths.get(name):
            raise Problem(f"meta: {name} is unknown or malformed")
    branches = b"".join(data[28:36] for data in encoded if data[9] == 7)
    if meta.get("branches", b"") != branches:
        raise Problem("meta: branches are not the accepted rollbacks")


def verify(vault, vkey):
    database = lmdb_file.Database(os.path.join(vault, "data.mdb"))
    if database.names() != TABLES:
        raise Problem(f"database: the tables are {database.names()}")
    chain, encoded = read_chain(database)
    check_header(read_header(vault), chain)
    meta = {key.decode("ascii", "replace"): value for key, value in database.items("meta")}
    note = meta.get("checkpoint", b"").decode("utf-8", "replace")
    origin = notes.Checkpoint(note, None).origin
    key = vkey or notes.Vkey(notes.encode_vkey(origin, chain.genesis.ledger_key))
    if key.key != chain.genesis.ledger_key:
        raise Problem("genesis names another key than the vkey")
    checkpoint = notes.Checkpoint(note, key)
    if checkpoint.size != chain.tree.size:
        raise Problem("the signed head covers more or fewer records than there are")
    verify_log.check_head(chain, checkpoint)
    check_tiles(database, chain.tree)
    check_meta(meta, encoded)
    store = check_store(database, encoded)
    store.check_graveyard(meta.get("graveyard"))
    return store, encoded, key


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("vault")
    parser.add_argument("export", nargs="?")
    parser.add_argument("--vkey")
    arguments = parser.parse_args()
    vkey = notes.Vkey(arguments.vkey) if arguments.vkey else None
    store, encoded, key = verify(arguments.vault, vkey)
    if arguments.export:
        _, exported = verify_log.verify(arguments.export, key)
        if encoded[: len(exported)] != exported:
            raise Problem("the vault's ledger does not begin with the exported one")
    whose = "" if vkey else ", under the vault's own word for whose key it is"
    print(f"{len(encoded)} records, {len(store.objects)} objects: all there, nothing else{whose}")


if __name__ == "__main__":
    run(main)
