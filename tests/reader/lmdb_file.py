# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the tables of a vault's data.mdb, without LMDB (docs/format-store.md, "Pages"). Nobody may
write the file meanwhile."""

import os
import struct

from problem import Problem

MAGIC = 0xBEEFC0DE
VERSION = 1
BRANCH, LEAF, OVERFLOW, META = 1, 2, 4, 8
VALUE_ELSEWHERE, VALUE_IS_TREE = 1, 2
PAGE_HEADER_BYTES = 16
TREE_BYTES = 48
EMPTY = 2**64 - 1
MAX_DEPTH = 32


class Tree:
    """A B+tree's description: 48 bytes in a meta page, or in a leaf of the tree of names."""

    def __init__(self, data, order):
        fields = struct.unpack(order + "IHHQQQQQ", data)
        self.page_bytes, self.flags, self.depth = fields[:3]
        self.branch_pages, self.leaf_pages, self.overflow_pages = fields[3:6]
        self.entries, self.root = fields[6:]


class Database:
    def __init__(self, path):
        try:
            with open(path, "rb") as file:
                self._data = file.read()
        except OSError as error:
            raise Problem(f"{os.path.basename(path)}: {error.strerror}") from error
        self._read_metas()
        self._tables = {}
        for name, value, is_tree in self._walk(self._main):
            if not is_tree or len(value) != TREE_BYTES:
                raise Problem("database: something else than tables among the names")
            self._tables[name.decode("ascii", "replace")] = Tree(value, self._order)

    def names(self):
        return sorted(self._tables)

    def items(self, name):
        """The keys and values of a table, keys ascending."""
        if name not in self._tables:
            raise Problem(f"database: no table {name}")
        tree = self._tables[name]
        count, before = 0, None
        for key, value, is_tree in self._walk(tree):
            if is_tree or (before is not None and key <= before):
                raise Problem(f"database: table {name} is out of order")
            before = key
            count += 1
            yield key, value
        if count != tree.entries:
            raise Problem(f"database: table {name} has another number of entries than it says")

    def _read_metas(self):
        if len(self._data) < 2 * 4096:
            raise Problem("database: too short")
        order = "<" if self._data[16:20] == struct.pack("<I", MAGIC) else ">"
        self._order = order
        metas = []
        page_bytes = struct.unpack_from(order + "I", self._data, 40)[0]
        for at in (0, page_bytes):
            magic, version = struct.unpack_from(order + "II", self._data, at + 16)
            if magic != MAGIC or version != VERSION:
                raise Problem("database: a meta page is none")
            free = Tree(self._data[at + 40 : at + 88], order)
            main = Tree(self._data[at + 88 : at + 136], order)
            last_page, transaction = struct.unpack_from(order + "QQ", self._data, at + 136)
            metas.append((transaction, free, main, last_page))
        _, free, self._main, self._last_page = max(metas, key=lambda meta: meta[0])
        self._page_bytes = free.page_bytes
        if self._page_bytes not in [1 << n for n in range(9, 16)]:
            raise Problem("database: no sound page size")

    def _page(self, number, flags):
        begin = number * self._page_bytes
        page = self._data[begin : begin + self._page_bytes]
        if number > self._last_page or len(page) < self._page_bytes:
            raise Problem(f"database: page {number} lies past the end")
        said, _, its_flags = struct.unpack_from(self._order + "QHH", page)
        if said != number or its_flags not in flags:
            raise Problem(f"database: page {number} is not what it should be")
        return its_flags, page

    def _walk(self, tree):
        if tree.flags:
            raise Problem("database: a tree has flags")
        if tree.root != EMPTY:
            yield from self._walk_page(tree.root, tree.depth)

    def _walk_page(self, number, depth):
        if not 1 <= depth <= MAX_DEPTH:
            raise Problem(f"database: page {number} lies too deep")
        flags, page = self._page(number, [LEAF] if depth == 1 else [BRANCH])
        lower = struct.unpack_from(self._order + "H", page, 12)[0]
        if lower < PAGE_HEADER_BYTES or lower > self._page_bytes:
            raise Problem(f"database: page {number} has no sound bounds")
        for (at,) in struct.iter_unpack(self._order + "H", page[PAGE_HEADER_BYTES:lower]):
            node = page[at:]
            if at < lower or len(node) < 8:
                raise Problem(f"database: page {number} has a node out of bounds")
            low, high, node_flags, key_bytes = struct.unpack_from(self._order + "HHHH", node)
            if self._order == ">":
                low, high = high, low
            if flags == BRANCH:
                yield from self._walk_page(low | high << 16 | node_flags << 32, depth - 1)
            else:
                key = node[8 : 8 + key_bytes]
                value = self._value(node[8 + key_bytes :], low | high << 16, node_flags)
                if len(key) != key_bytes:
                    raise Problem(f"database: page {number} has a node out of bounds")
                yield key, value, bool(node_flags & VALUE_IS_TREE)

    def _value(self, rest, length, flags):
        if flags & ~(VALUE_ELSEWHERE | VALUE_IS_TREE):
            raise Problem("database: a node has unknown flags")
        if not flags & VALUE_ELSEWHERE:
            value = rest[:length]
        else:
            number = struct.unpack_from(self._order + "Q", rest)[0] if len(rest) >= 8 else EMPTY
            _, page = self._page(number, [OVERFLOW])
            pages = struct.unpack_from(self._order + "I", page, 12)[0]
            begin = number * self._page_bytes + PAGE_HEADER_BYTES
            value = self._data[begin : begin + length]
            if PAGE_HEADER_BYTES + length > pages * self._page_bytes:
                raise Problem(f"database: the value at page {number} is longer than its pages")
        if len(value) != length:
            raise Problem("database: a value ends early")
        return value
