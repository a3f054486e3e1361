# SPDX-License-Identifier: GPL-3.0-or-later
"""RFC 6962's Merkle tree, as docs/format-records.md and docs/format-ledger.md describe it."""

import hashlib

TILE_WIDTH = 256


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(data):
    return sha256(b"\x00" + data)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


class Tree:
    """Takes leaf hashes one by one; knows the root, and every tile, at every size."""

    def __init__(self):
        self.size = 0
        self._peaks = []  # (number of leaves, hash), largest first
        self.levels = [[]]  # levels[l][i]: the hash of the leaves [i * 256**l, (i + 1) * 256**l)

    def append(self, leaf):
        self.size += 1
        self._grow(0, leaf)
        count, peak = 1, leaf
        while self._peaks and self._peaks[-1][0] == count:
            peak = node_hash(self._peaks.pop()[1], peak)
            count *= 2
        self._peaks.append((count, peak))

    def _grow(self, level, value):
        if level == len(self.levels):
            self.levels.append([])
        hashes = self.levels[level]
        hashes.append(value)
        if len(hashes) % TILE_WIDTH == 0:
            self._grow(level + 1, root(hashes[-TILE_WIDTH:]))

    def root(self):
        if not self._peaks:
            return sha256(b"")
        value = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            value = node_hash(peak, value)
        return value

    def tiles(self):
        """Every tile of the tree: (level, index, its hashes one after the other)."""
        for level, hashes in enumerate(self.levels):
            for index in range(0, len(hashes), TILE_WIDTH):
                yield level, index // TILE_WIDTH, b"".join(hashes[index : index + TILE_WIDTH])


def root(leaf_hashes):
    if not leaf_hashes:
        return sha256(b"")
    if len(leaf_hashes) == 1:
        return leaf_hashes[0]
    half = 1 << (len(leaf_hashes) - 1).bit_length() - 1
    return node_hash(root(leaf_hashes[:half]), root(leaf_hashes[half:]))


def root_of_proof(leaf, index, size, proof):
    """The root that an inclusion proof leads to; None: it has not the length that it must have."""
    # RFC 9162, section 2.1.3.2.
    if index >= size:
        return None
    at, last, value = index, size - 1, leaf
    for hash_beside in proof:
        if last == 0:
            return None
        if at & 1 or at == last:
            value = node_hash(hash_beside, value)
            while not at & 1 and at != 0:
                at >>= 1
                last >>= 1
        else:
            value = node_hash(value, hash_beside)
        at >>= 1
        last >>= 1
    return value if last == 0 else None
