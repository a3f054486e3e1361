#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verifies a ledger that `chainfs ledger export` has written: signature, every tile, every record
and the links between them. Written from docs/format-ledger.md and docs/format-records.md alone.

    verify_log.py EXPORT_DIRECTORY --vkey VKEY"""

import argparse
import os

import merkle
import notes
import records
from merkle import TILE_WIDTH
from problem import Problem, run


def path_of(folder, index, width):
    """tile/0/x001/x234/067.p/5 and the like."""
    parts = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        parts.insert(0, f"x{index % 1000:03}")
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return os.path.join("tile", folder, *parts) + suffix


def read(directory, path):
    try:
        with open(os.path.join(directory, path), "rb") as file:
            return file.read()
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}") from error


def read_text(directory, path):
    try:
        return read(directory, path).decode()
    except UnicodeDecodeError as error:
        raise Problem(f"{path}: no text") from error


def read_bundle(directory, index, width):
    path = path_of("entries", index, width)
    data = read(directory, path)
    at = 0
    for _ in range(width):
        length = int.from_bytes(data[at : at + 2], "big")
        entry = data[at + 2 : at + 2 + length]
        if len(data) < at + 2 or len(entry) != length:
            raise Problem(f"{path}: ends early")
        yield entry
        at += 2 + length
    if at != len(data):
        raise Problem(f"{path}: too long")


def verify(directory, vkey):
    """The chain of the log, verified; and its records' bytes."""
    checkpoint = notes.Checkpoint(read_text(directory, "checkpoint"), vkey)
    chain = records.Chain(merkle.Tree())
    entries = []
    for begin in range(0, checkpoint.size, TILE_WIDTH):
        width = min(TILE_WIDTH, checkpoint.size - begin)
        for entry in read_bundle(directory, begin // TILE_WIDTH, width):
            chain.append(entry)
            entries.append(entry)
    for level, index, hashes in chain.tree.tiles():
        path = path_of(str(level), index, len(hashes) // 32)
        if read(directory, path) != hashes:
            raise Problem(f"{path}: not the hashes of its entries")
    check_head(chain, checkpoint)
    if chain.genesis.ledger_key != vkey.key:
        raise Problem("genesis names another key")
    return chain, entries


def check_head(chain, checkpoint):
    if chain.tree.root() != checkpoint.root:
        raise Problem("the tree does not have the root that is signed")
    if chain.newest is None or chain.newest.volume_id != checkpoint.volume_id:
        raise Problem("the records are not of the volume in the origin")
    if chain.branch != checkpoint.branch:
        raise Problem("the records are of another branch than the origin")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("directory")
    parser.add_argument("--vkey", required=True)
    arguments = parser.parse_args()
    vkey = notes.Vkey(arguments.vkey)
    chain, _ = verify(arguments.directory, vkey)
    print(f"{chain.tree.size} records of {vkey.name}: whole, linked and signed")


if __name__ == "__main__":
    run(main)
