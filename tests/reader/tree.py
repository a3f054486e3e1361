# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes of the tree, and what their items say (docs/format-tree.md). Refuses what the page refuses."""

import struct

from problem import Problem
from sealing import Pointer

NODE_BYTES = 8144
HEADER_BYTES, KEY_BYTES = 48, 17
INODE, DENTRY, DIRINDEX, XATTR, EXTENT, RESERVED, ORPHAN, _, SETTING = range(1, 10)
BLOCK_BYTES, REGION_BLOCKS = 4096, 32
INLINE, HAS_XATTRS, DEFAULT_ACL, ACCESS_ACL, HAS_RESERVED, SHRINKING = (1 << n for n in range(6))
DIRECTORY, REGULAR, SYMLINK = 0o040000, 0o100000, 0o120000
TYPES = {0o010000, 0o020000, DIRECTORY, 0o060000, REGULAR, SYMLINK, 0o140000}


def must(is_so, what):
    if not is_so:
        raise Problem(what)


class Node:
    """Its cells are (key, value) in a leaf, (key, pointer) in an inner node; a key is (inode, kind,
    offset)."""

    def __init__(self, data):
        must(len(data) == NODE_BYTES, "node: not 8144 bytes")
        self.level, zero, count, heap, also_zero = struct.unpack_from(">BBHHH", data)
        self.counters = struct.unpack_from(">QQQQ", data, 8)
        must(zero == also_zero == 0 and data[40:48] == bytes(8), "node: reserved bytes")
        must(self.level <= 16 and (count > 0 or self.level == 0), "node: level or count")
        slots_end = HEADER_BYTES + 2 * count
        must(slots_end <= heap <= NODE_BYTES, "node: the heap begins nowhere")
        must(not any(data[slots_end:heap]), "node: there is something between slots and heap")
        self.cells = []
        end = NODE_BYTES
        for (at,) in struct.iter_unpack(">H", data[HEADER_BYTES:slots_end]):
            must(heap <= at < end, "node: a slot leads out of the heap")
            self.cells.append(self._cell(data[at:end]))
            end = at
        must(end == heap, "node: the cells are not all of the heap")
        keys = [key for key, _ in self.cells]
        must(all(low < high for low, high in zip(keys, keys[1:])), "node: keys do not ascend")

    def _cell(self, cell):
        head = KEY_BYTES + (2 if self.level == 0 else Pointer.BYTES)
        must(len(cell) >= head, "node: a cell is too short")
        key, rest = struct.unpack_from(">QBQ", cell), cell[KEY_BYTES:]
        if self.level > 0:
            must(len(cell) == head, "node: a cell is too long")
            return key, Pointer(rest)
        length = struct.unpack_from(">H", rest)[0]
        must(len(cell) == head + length and length <= 3072, "node: a cell is not as long as it says")
        return key, rest[2:]


class Inode:
    def __init__(self, value):
        must(len(value) >= 112, "INODE: too short")
        (self.mode, self.uid, self.gid, self.links, self.size, self.blocks, self.device,
         self.generation, self.flags) = struct.unpack_from(">IIIIQQQII", value)
        self.times = [struct.unpack_from(">qI", value, at) for at in range(48, 96, 12)]
        self.parent, self.last = struct.unpack_from(">QQ", value, 96)
        self.content = value[112:]
        self.type = self.mode & 0o170000
        must(self.type in TYPES and self.flags < 64, "INODE: unknown type or flags")
        must(all(nanoseconds < 10**9 for _, nanoseconds in self.times), "INODE: a time is none")
        if self.type == REGULAR:
            inline = self.size if self.flags & INLINE else 0
            must(self.size < 1 << 63 and len(self.content) == inline <= 1024, "INODE: content")
        elif self.type == SYMLINK:
            must(0 < len(self.content) <= self.size <= 4095, "INODE: content of a symlink")
        else:
            must(not self.content and not self.flags & INLINE, "INODE: content of nothing")


def dentries(value):
    """(inode, sequence, type, name)"""
    must(value, "DENTRY: empty")
    while value:
        must(len(value) >= 18, "DENTRY: too short")
        inode, sequence, kind, length = struct.unpack_from(">QQBB", value)
        name, value = value[18 : 18 + length], value[18 + length :]
        must(len(name) == length > 0, "DENTRY: too short for its name")
        must(sequence >= 3, "DENTRY: sequence")
        yield inode, sequence, kind << 12, name


def dirindex(value):
    """(inode, type, name)"""
    must(9 < len(value) <= 9 + 255, "DIRINDEX: too short or too long")
    inode, kind = struct.unpack_from(">QB", value)
    return inode, kind << 12, value[9:]


def xattrs(value):
    """(name, value or Pointer)"""
    must(value, "XATTR: empty")
    while value:
        must(len(value) >= 4, "XATTR: too short")
        name_bytes, kind, data_bytes = struct.unpack_from(">BBH", value)
        name, data = value[4 : 4 + name_bytes], value[4 + name_bytes : 4 + name_bytes + data_bytes]
        value = value[4 + name_bytes + data_bytes :]
        must(len(name) == name_bytes > 0 and len(data) == data_bytes, "XATTR: too short")
        must(kind == 0 or (kind == 1 and data_bytes == Pointer.BYTES), "XATTR: unknown kind")
        yield name, Pointer(data) if kind else data


def pieces(value):
    """(Pointer, stored, live)"""
    must(len(value) % 44 == 0 and 1 <= len(value) // 44 <= 16, "EXTENT: no number of pieces")
    seen, result = 0, []
    for at in range(0, len(value), 44):
        pointer = Pointer(value[at : at + 36])
        stored, live = struct.unpack_from(">II", value, at + 36)
        must(live and not live & ~stored and not live & seen, "EXTENT: live blocks")
        if pointer.id:
            most = bin(stored).count("1") * BLOCK_BYTES
            must(most - BLOCK_BYTES < pointer.length <= most, "EXTENT: the length of a piece")
        seen |= live
        result.append((pointer, stored, live))
    return result


def blocks_of(stored, plain):
    """The piece's blocks: number in the region -> 4096 bytes."""
    padded = plain + bytes(-len(plain) % BLOCK_BYTES)
    numbers = [b for b in range(REGION_BLOCKS) if stored >> b & 1]
    return {b: padded[n * BLOCK_BYTES : (n + 1) * BLOCK_BYTES] for n, b in enumerate(numbers)}


def reserved(value):
    must(len(value) == 8, "RESERVED: not 8 bytes")
    count = int.from_bytes(value, "big")
    must(count, "RESERVED: no block")
    return count


def setting(number, value):
    """The size that the volume may grow to."""
    must(number == 1 and len(value) == 8, "SETTING: unknown")
    limit = int.from_bytes(value, "big")
    must(2**20 <= limit < 2**63, "SETTING: no size")
    return limit


def orphan(value):
    """The size that an inode is being truncated to; None: it has no name."""
    must(len(value) in (0, 8), "ORPHAN: neither empty nor a size")
    return int.from_bytes(value, "big") if value else None
