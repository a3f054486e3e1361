#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the files of a vault that is not mounted, with its recovery key, from the newest record's root
on. Needs nothing but what docs/format-*.md say; slow. Lists the tree, or writes one file to stdout.

    read_tree.py VAULT RECOVERY_KEY [PATH]"""

import os
import sys

import lmdb_file
import records
import sealing
import tree
from problem import Problem, run
from tree import must
from verify_objects import read_header

ROOT = 1


class Volume:
    """All items of the newest tree, and the files that they make up. Checks on the way that the items fit
    each other, and that each object is used once."""

    def __init__(self, vault, recovery_key):
        header = read_header(vault)
        key = sealing.unlock(header, sealing.parse_recovery_key(recovery_key))
        self._keys = sealing.Keys(header[32:48], key)
        self._database = lmdb_file.Database(os.path.join(vault, "data.mdb"))
        self._blobs = dict(self._database.items("objects"))
        self.record = records.Record(list(self._database.items("records"))[-1][1])
        self.used = set()
        self.items = {}
        root = sealing.Pointer(self.record.root_pointer)
        self.counters = self._read_node(root, None, ((0, 0, 0), None))
        self.inodes = {
            number: tree.Inode(value)
            for (number, kind, offset), value in self.items.items()
            if kind == tree.INODE and offset == 0
        }
        self.max_bytes = dict((n, tree.setting(n, v)) for n, v in self.of(0, tree.SETTING)).get(1)
        self._check_counters()

    def open(self, kind, pointer):
        must(pointer.id not in self.used, f"object {pointer.id}: used twice")
        self.used.add(pointer.id)
        sealed = self._blobs.get(pointer.id.to_bytes(8, "big"))
        must(sealed is not None, f"object {pointer.id}: missing")
        return self._keys.open(kind, pointer, sealed)

    def _read_node(self, pointer, level, bounds):
        must(pointer.length == tree.NODE_BYTES, "node: the pointer's length")
        node = tree.Node(self.open(sealing.NODE, pointer))
        must(level in (None, node.level), "node: at the wrong level")
        must(level is None or node.counters == (0, 0, 0, 0), "node: counters below the root")
        keys = [key for key, _ in node.cells]
        for key in keys if node.level == 0 else keys[1:]:
            must(bounds[0] <= key and (bounds[1] is None or key < bounds[1]), "node: out of place")
        if node.level == 0:
            self.items.update(node.cells)
            return node.counters
        for n, (_, child) in enumerate(node.cells):
            first = keys[n] if n else bounds[0]
            last = keys[n + 1] if n + 1 < len(keys) else bounds[1]
            self._read_node(child, node.level - 1, (first, last))
        return node.counters

    def _check_counters(self):
        next_inode, inodes, reserved_bytes, data_blocks = self.counters
        must(len(self.inodes) == inodes, "root: number of inodes")
        must(max(self.inodes) < next_inode, "root: next inode")
        regular = [inode for inode in self.inodes.values() if inode.type == tree.REGULAR]
        must(sum(inode.blocks for inode in regular) == data_blocks, "root: data blocks")
        must(sum(inode.last for inode in regular) * 4096 == reserved_bytes, "root: reserved bytes")

    def of(self, number, kind):
        """(offset, value) of an inode's items of a kind."""
        keys = sorted(key for key in self.items if key[:2] == (number, kind))
        return [(key[2], self.items[key]) for key in keys]

    def entries(self, directory):
        """name -> inode"""
        listed, found = {}, {}
        for sequence, value in self.of(directory, tree.DIRINDEX):
            inode, kind, name = tree.dirindex(value)
            listed[name] = (inode, sequence, kind)
        for offset, value in self.of(directory, tree.DENTRY):
            for inode, sequence, kind, name in tree.dentries(value):
                must(offset == self._keys.hash_of(name), "DENTRY: another hash")
                found[name] = (inode, sequence, kind)
        must(listed == found, f"directory {directory}: DENTRY and DIRINDEX disagree")
        own = self.inodes[directory]
        must(own.size == len(listed), f"directory {directory}: size")
        must(all(row[1] < own.last for row in listed.values()), f"directory {directory}: sequences")
        for inode, _, kind in listed.values():
            must(self.inodes[inode].type == kind, f"inode {inode}: another type than its entry")
            if kind == tree.DIRECTORY:
                must(self.inodes[inode].parent == directory, f"inode {inode}: parent")
        return {name: row[0] for name, row in listed.items()}

    def paths(self):
        """path -> inode, of everything that has a name."""
        result, names = {}, {}

        def visit(directory, prefix):
            for name, inode in sorted(self.entries(directory).items()):
                result[prefix + name] = inode
                names[inode] = names.get(inode, 0) + 1
                if self.inodes[inode].type == tree.DIRECTORY:
                    visit(inode, prefix + name + b"/")

        visit(ROOT, b"/")
        for number, inode in self.inodes.items():
            if inode.type != tree.DIRECTORY:
                must(inode.links == names.get(number, 0), f"inode {number}: links")
        return result

    def target(self, number):
        tail = b"".join(value for offset, value in self.of(number, tree.INODE) if offset == 1)
        target = self.inodes[number].content + tail
        must(len(target) == self.inodes[number].size, f"inode {number}: length of the target")
        return target

    def content(self, number):
        inode = self.inodes[number]
        if inode.flags & tree.INLINE:
            return inode.content
        data, live_blocks = bytearray(inode.size), 0
        for region, value in self.of(number, tree.EXTENT):
            for pointer, stored, live in tree.pieces(value):
                must(pointer.id, f"inode {number}: bytes that a repair gave up")
                blocks = tree.blocks_of(stored, self.open(sealing.DATA, pointer))
                for block, plain in blocks.items():
                    if not live >> block & 1:
                        continue
                    live_blocks += 1
                    at = (region * tree.REGION_BLOCKS + block) * tree.BLOCK_BYTES
                    must(at < inode.size, f"inode {number}: a live block past the end")
                    must(not any(plain[max(inode.size - at, 0) :]), f"inode {number}: past the end")
                    data[at : at + tree.BLOCK_BYTES] = plain[: max(inode.size - at, 0)]
        must(live_blocks == inode.blocks, f"inode {number}: blocks")
        return bytes(data)

    def xattrs(self, number):
        result = {}
        for offset, value in self.of(number, tree.XATTR):
            for name, data in tree.xattrs(value):
                must(offset == self._keys.hash_of(name), "XATTR: another hash")
                if isinstance(data, sealing.Pointer):
                    data = self.open(sealing.XATTR, data)
                result[name] = data
        return result

    def reserved(self, number):
        """(first block, blocks)"""
        return [(first, tree.reserved(value)) for first, value in self.of(number, tree.RESERVED)]

    def orphans(self):
        return {number: tree.orphan(value) for number, value in self.of(0, tree.ORPHAN)}


def main():
    if len(sys.argv) not in (3, 4):
        raise Problem("usage: read_tree.py VAULT RECOVERY_KEY [PATH]")
    volume = Volume(*sys.argv[1:3])
    paths = volume.paths()
    if len(sys.argv) == 3:
        for path, number in paths.items():
            inode = volume.inodes[number]
            print(f"{inode.mode:07o} {inode.size:12} {os.fsdecode(path)}")
        return
    number = paths.get(os.fsencode(sys.argv[3]))
    must(number and volume.inodes[number].type == tree.REGULAR, "there is no such file")
    sys.stdout.buffer.write(volume.content(number))


if __name__ == "__main__":
    run(main)
