# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bytes of a vault's data.mdb mean something: what the newest meta page reaches, byte for
byte (docs/format-store.md, "Reading it without LMDB"). Shares nothing with the checker."""

import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "reader"))

from lmdb_file import (  # noqa: E402
    BRANCH, EMPTY, LEAF, OVERFLOW, PAGE_HEADER_BYTES, VALUE_ELSEWHERE, Database, Tree)

NOTHING, META_PAGE, STRUCTURE, FREE_LIST = range(4)
TABLES = ["objects", "records", "lists", "tiles", "meta"]
NAMES = ["nothing", "a meta page", "the trees", "the free list"] + [
    "a value of " + name for name in TABLES
]


class LiveBytes(Database):
    """`kinds` has one byte for each of the file: an index into NAMES."""

    def __init__(self, path):
        super().__init__(path)
        self.kinds = bytearray(len(self._data))
        self._mark_metas()
        self._mark_tree(self._free, self._mark_free_pages)
        self._mark_tree(self._main, self._mark_table)

    def index_pages(self):
        """The pages of the trees, and the meta pages."""
        pages = set()
        for page in range(len(self._data) // self._page_bytes):
            begin = page * self._page_bytes
            part = self.kinds[begin : begin + self._page_bytes]
            if META_PAGE in part or part.count(STRUCTURE) > PAGE_HEADER_BYTES:
                pages.add(page)
        return sorted(pages)

    def _mark(self, begin, count, kind):
        self.kinds[begin : begin + count] = bytes([kind]) * count

    def _mark_header(self, number, last_bytes):
        """Two bytes of a page's header mean nothing."""
        begin = number * self._page_bytes
        self._mark(begin, 8, STRUCTURE)
        self._mark(begin + 10, 2 + last_bytes, STRUCTURE)

    def _mark_metas(self):
        """Of the older one what makes it a meta page, and the older."""
        transactions = [
            struct.unpack_from(self._order + "Q", self._data, at + 144)[0]
            for at in (0, self._page_bytes)
        ]
        newest = 0 if transactions[0] > transactions[1] else 1
        for meta in (0, 1):
            begin = meta * self._page_bytes
            fields = [(0, 8), (10, 2), (16, 8), (144, 8)]
            if meta == newest:
                fields += [(40, 48), (92, 44), (136, 8)]
            for at, count in fields:
                self._mark(begin + at, count, META_PAGE)
        at = newest * self._page_bytes + 40
        self._free = Tree(self._data[at : at + 48], self._order)

    def _mark_tree(self, tree, mark_value):
        if tree.root != EMPTY:
            self._mark_page(tree.root, tree.depth, mark_value)

    def _mark_page(self, number, depth, mark_value):
        flags, page = self._page(number, [LEAF] if depth == 1 else [BRANCH])
        begin = number * self._page_bytes
        lower = struct.unpack_from(self._order + "H", page, 12)[0]
        self._mark_header(number, 4)
        self._mark(begin + PAGE_HEADER_BYTES, lower - PAGE_HEADER_BYTES, STRUCTURE)
        offsets = struct.iter_unpack(self._order + "H", page[PAGE_HEADER_BYTES:lower])
        for index, (at,) in enumerate(offsets):
            low, high, third, key_bytes = struct.unpack_from(self._order + "HHHH", page, at)
            if self._order == ">":
                low, high = high, low
            # The first key of a branch has no meaning.
            meant = 0 if flags == BRANCH and index == 0 else key_bytes
            self._mark(begin + at, 8 + meant, STRUCTURE)
            if flags == BRANCH:
                self._mark_page(low | high << 16 | third << 32, depth - 1, mark_value)
                continue
            key = page[at + 8 : at + 8 + key_bytes]
            length, value_at = low | high << 16, begin + at + 8 + key_bytes
            if third & VALUE_ELSEWHERE:
                self._mark(value_at, 8, STRUCTURE)
                run = struct.unpack_from(self._order + "Q", self._data, value_at)[0]
                self._page(run, [OVERFLOW])
                self._mark_header(run, 4)
                value_at = run * self._page_bytes + PAGE_HEADER_BYTES
            mark_value(key, value_at, length)

    def _mark_table(self, name, at, length):
        tree = Tree(self._data[at : at + length], self._order)
        self._mark(at + 4, length - 4, STRUCTURE)
        kind = len(NAMES) - len(TABLES) + TABLES.index(name.decode("ascii"))
        self._mark_tree(tree, lambda _, at, length: self._mark(at, length, kind))

    def _mark_free_pages(self, _, at, __):
        """A value may be longer than its count says."""
        count = struct.unpack_from(self._order + "Q", self._data, at)[0]
        self._mark(at, 8 + 8 * count, FREE_LIST)
