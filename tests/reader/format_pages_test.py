#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every worked example on the format pages, read by the independent reader.

    format_pages_test.py DOCS"""

import base64
import hashlib
import os
import re
import struct
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import lmdb_file  # noqa: E402
import merkle  # noqa: E402
import notes  # noqa: E402
import records  # noqa: E402
import sealing  # noqa: E402
import tree  # noqa: E402
import verify_log  # noqa: E402
from problem import Problem  # noqa: E402

DOCS = sys.argv[1]


def counting(first, count):
    return bytes(range(first, first + count))


class Page:
    def __init__(self, name):
        with open(os.path.join(DOCS, name), encoding="utf-8") as file:
            self.text = file.read()
        self.blocks = re.findall("```\n(.*?)```", self.text, re.DOTALL)

    def block_after(self, phrase):
        """The code block that follows the first place with this phrase."""
        if phrase not in self.text:
            raise AssertionError(f"the page no longer says: {phrase}")
        rest = self.text[self.text.index(phrase) :]
        return re.search("```\n(.*?)```", rest, re.DOTALL).group(1)

    def bytes_after(self, phrase):
        return dump(self.block_after(phrase))

    def code(self, pattern):
        """What stands between backquotes and matches."""
        return re.search("`(" + pattern + ")`", self.text).group(1)


def dump(block, begin=0):
    """The bytes of lines of an offset and hexadecimal words; the offsets must be right."""
    data = bytes(begin)
    for line in block.splitlines():
        offset, words = line.split(maxsplit=1)
        if int(offset) != len(data):
            raise AssertionError(f"offset {offset} after {len(data)} bytes")
        data += bytes.fromhex(words)
    return data[begin:]


class RecordsPage(unittest.TestCase):
    page = Page("format-records.md")

    def test_commit(self):
        data = self.page.bytes_after("Example: a COMMIT")
        record = records.Record(data)
        self.assertEqual(record.type, "COMMIT")
        self.assertEqual(record.volume_id, counting(0x10, 16))
        self.assertEqual(record.sequence, 0x0102030405060708)
        self.assertEqual(record.time_ns, 0x1112131415161718)
        self.assertEqual(record.session, counting(0x20, 16))
        self.assertEqual(record.previous_link, counting(0x30, 32))
        self.assertEqual(record.key_epoch, 2)
        self.assertEqual(record.header_digest, counting(0x50, 32))
        self.assertEqual(record.root_pointer[8:32], counting(0x70, 24))
        self.assertEqual(record.next_id, 0x4142434445464748)
        self.assertEqual((record.birth_count, record.death_count, record.reap_count), (3, 4, 5))
        self.assertEqual(record.births_root, counting(0x80, 32))
        self.assertEqual(record.deaths_digest, counting(0xA0, 32))
        self.assertEqual(record.reaps_digest, counting(0xC0, 32))
        self.assertEqual((record.live_objects, record.live_bytes), (6, 7))
        self.assertEqual(record.journal, counting(0xE0, 16))
        self.assertIn(f"Its link is `{record.link.hex()}`", self.page.text)

    def with_own(self, kind, own):
        """The example's record as another type, with that type's own bytes."""
        data = bytearray(self.page.bytes_after("Example: a COMMIT"))
        data[9] = kind
        data[328 : 328 + len(own)] = own
        if kind == 1:
            data[28:36] = bytes(8)
            data[60:92] = data[100:132] = bytes(32)
        return records.Record(bytes(data))

    def test_genesis(self):
        own = self.page.bytes_after("The first 68 of the last 88 bytes of a GENESIS")
        self.assertEqual(len(own), 68)
        record = self.with_own(1, own)
        self.assertEqual(record.ledger_key, counting(1, 32))
        self.assertEqual(record.own[32:68], counting(0x51, 2) + counting(0x53, 2) + counting(0x91, 32))

    def test_rollback(self):
        own = self.page.bytes_after("The last 88 bytes of a ROLLBACK_ACCEPTED")
        rollback = self.with_own(7, own).rollback
        self.assertEqual(rollback[:2], (0x0102030405060708, counting(0x11, 32)))
        self.assertEqual(rollback[2:4], (0x3132333435363738, counting(0x41, 32)))
        self.assertEqual(rollback[4], counting(0x61, 8))

    def test_repair(self):
        own = self.page.bytes_after("The first 52 of the last 88 bytes of a REPAIR")
        repair = self.with_own(8, own).repair
        self.assertEqual(repair[:2], (0x01020304, 0x1112131415161718))
        self.assertEqual(repair[2:], (counting(0x21, 32), 0x4142434445464748))

    def test_a_type_uses_its_own_bytes_only(self):
        own = self.page.bytes_after("The first 52 of the last 88 bytes of a REPAIR")
        for kind, bad in ((2, own), (8, own + b"x"), (1, bytes(68) + b"x")):
            with self.assertRaises(Problem):
                self.with_own(kind, bad)

    def test_lists(self):
        lists = records.Lists(self.page.bytes_after("Example: births of object 7"))
        self.assertEqual(
            lists.births,
            [
                (7, 1, 4112, b"\x11" * 24, b"\x12" * 32),
                (9, 2, 4112, b"\x33" * 24, b"\x34" * 32),
            ],
        )
        self.assertEqual(lists.deaths, [(5, 4112)])
        self.assertEqual(lists.reaps, [(2, 131088), (1, 20)])

    def test_tree_of_nothing(self):
        words = re.search("nothing = ([0-9a-f ]+)", self.page.text).group(1)
        self.assertEqual(bytes.fromhex(words), merkle.Tree().root())

    def test_every_block_was_read(self):
        self.assertEqual(len(self.page.blocks), 6)


class LedgerPage(unittest.TestCase):
    page = Page("format-ledger.md")
    lists = records.Lists(Page("format-records.md").bytes_after("Example: births of object 7"))

    def setUp(self):
        table = self.page.block_after("### Example")
        self.said = dict(line.split(maxsplit=1) for line in table.replace("'s root", "").splitlines()
                         if not line.startswith("births"))
        self.births_root = bytes.fromhex(re.search("births root *([0-9a-f ]+)", table).group(1))

    def record(self):
        data = bytearray(416)
        data[:10] = b"chainrec\x01\x02"
        data[12:28] = counting(0x10, 16)
        struct.pack_into(">Q", data, 28, 1)
        data[60:92] = counting(0xA0, 32)
        struct.pack_into(">QQ", data, 168, 10, 2)
        data[184:216] = self.births_root
        return bytes(data)

    def proof(self):
        """The example's file, put together from its parts."""
        parts = self.page.block_after("`extra` of the proof")
        lines = parts.splitlines()
        extra = dump(lines[0]) + self.record()
        rest = "".join(line.split(maxsplit=1)[1] for line in lines[1:])
        self.assertEqual([int(line.split()[0]) for line in lines[1:]],
                         [len(extra) + 32 * n for n in range(len(lines) - 1)])
        extra += bytes.fromhex(rest)
        head = "c2sp.org/tlog-proof@v1\nextra " + base64.b64encode(extra).decode() + "\n"
        return head + self.page.block_after("The file, whose SHA-256")

    def test_births_root(self):
        self.assertEqual(self.lists.births_root(), self.births_root)

    def test_record_and_root(self):
        link = records.Record(self.record()).link
        self.assertEqual(link, bytes.fromhex(self.said["link"]))
        tree = merkle.Tree()
        for leaf in (counting(0xA0, 32), link, counting(0xC0, 32)):
            tree.append(leaf)
        self.assertEqual(tree.root(), bytes.fromhex(self.said["tree"]))

    def test_vkey(self):
        vkey = notes.Vkey(self.said["vkey"])
        self.assertEqual(vkey.name, "chainfs/101112131415161718191a1b1c1d1e1f/2021222324252627")
        self.assertEqual(notes.encode_vkey(vkey.name, vkey.key), self.said["vkey"])

    def test_proof(self):
        text = self.proof()
        said = re.search("whose SHA-256 is `([0-9a-f]{64})`", self.page.text).group(1)
        self.assertEqual(hashlib.sha256(text.encode()).hexdigest(), said)
        proof = notes.Proof(text)
        checkpoint = proof.verify_record(proof.extra[12:428], notes.Vkey(self.said["vkey"]))
        self.assertEqual(checkpoint.root, bytes.fromhex(self.said["tree"]))
        index = int.from_bytes(proof.extra[497:505], "big")
        path = [proof.extra[at : at + 32] for at in range(505, len(proof.extra), 32)]
        self.assertEqual(proof.extra[:12], b"chainobj" + bytes([1, len(path), 0, 0]))
        leaf = merkle.leaf_hash(proof.extra[428:497])
        self.assertEqual(merkle.root_of_proof(leaf, index, 2, path), self.births_root)

    def test_tiles(self):
        said = self.page.block_after("the database holds 276 tiles").splitlines()
        keys = [bytes.fromhex("".join(line.split()[:2])) for line in said]
        self.assertEqual(keys, [struct.pack(">Q", level << 56 | index)
                                for level, index in ((0, 272), (1, 1), (2, 0))])
        self.assertEqual([int(line.split()[2]) for line in said], [8192, 17 * 32, 32])
        for path in ("tile/0/272", "tile/1/001.p/17", "tile/2/000.p/1"):
            self.assertIn(f"`{path}`", self.page.text)
        self.assertEqual(verify_log.path_of("0", 272, 256), "tile/0/272")
        self.assertEqual(verify_log.path_of("1", 1, 17), "tile/1/001.p/17")
        self.assertEqual(verify_log.path_of("0", 1234067, 256), "tile/0/x001/x234/067")
        self.assertIn("`01 a0`", self.page.text)
        self.assertEqual((416).to_bytes(2, "big").hex(" "), "01 a0")

    def test_key_as_openssl_takes_it(self):
        prefix = self.page.code("302a300506032b6570032100")
        self.assertEqual(len(bytes.fromhex(prefix)), 12)

    def test_every_block_was_read(self):
        self.assertEqual(len(self.page.blocks), 4)


class StorePage(unittest.TestCase):
    page = Page("format-store.md")

    def test_key_of_an_object(self):
        said = re.search("object 258 is found under the key `([0-9a-f ]+)`", self.page.text)
        self.assertEqual(bytes.fromhex(said.group(1)), (258).to_bytes(8, "big"))

    def test_graveyard(self):
        data = self.page.bytes_after("Example of a `graveyard`")
        self.assertEqual(struct.unpack(">QQQQ", data), (258, 5, 65536, 322))

    def test_nodes(self):
        elsewhere, age, branch = map(dump, self.page.block_after("Example: nodes of").splitlines())
        low, high, flags, key_bytes = struct.unpack_from("<HHHH", elsewhere)
        self.assertEqual((low | high << 16, flags, key_bytes), (8208, 1, 8))
        self.assertEqual(elsewhere[8:16], (258).to_bytes(8, "big"))
        self.assertEqual(struct.unpack_from("<Q", elsewhere, 16)[0], 77)
        self.assertEqual(struct.unpack_from("<HHHH", age), (0, 0, 0, 3))
        self.assertEqual(age[8:], b"age")
        low, high, upper, key_bytes = struct.unpack_from("<HHHH", branch)
        self.assertEqual((low | high << 16 | upper << 32, key_bytes), (9, 8))
        self.assertEqual(branch[8:], (256).to_bytes(8, "big"))

    def test_meta_page(self):
        data = self.page.bytes_after("Example: the first 152 bytes of meta page 1")
        self.assertEqual(len(data), 152)
        number, _, flags = struct.unpack_from("<QHH", data)
        self.assertEqual((number, flags), (1, lmdb_file.META))
        self.assertEqual(struct.unpack_from("<II", data, 16), (lmdb_file.MAGIC, lmdb_file.VERSION))
        free = lmdb_file.Tree(data[40:88], "<")
        names = lmdb_file.Tree(data[88:136], "<")
        self.assertEqual((free.page_bytes, free.flags), (4096, 8))
        self.assertEqual((names.flags, names.depth, names.leaf_pages), (0, 1, 1))
        self.assertEqual((names.entries, names.root), (5, 952))
        self.assertEqual(struct.unpack_from("<QQ", data, 136), (4389, 305))

    def test_every_block_was_read(self):
        self.assertEqual(len(self.page.blocks), 3)


class HeaderPage(unittest.TestCase):
    page = Page("format-header.md")
    # The fields of the example, each as "offset name hexadecimal", on one line or more.
    LINE = re.compile(r"^ +(\d+)  .*?([0-9a-f]+)\n((?: {20,}[0-9a-f]+\n)*)", re.MULTILINE)

    def header(self):
        text = self.page.text[self.page.text.index("The header, 554 bytes") :]
        data = b""
        for offset, first, rest in self.LINE.findall(text):
            self.assertEqual(int(offset), len(data))
            data += bytes.fromhex(first + "".join(rest.split()))
        return data

    def test_layout(self):
        data = self.header()
        self.assertEqual(len(data), 554)
        self.assertEqual(data[:8], b"chainfsH")
        self.assertEqual(struct.unpack_from(">III", data, 8), (1, 1, 554))
        self.assertEqual(data[32:48], counting(0xA0, 16))
        self.assertEqual(data[48:80], counting(0xC0, 32))
        self.assertEqual(struct.unpack_from(">H", data, 184)[0], 2)
        self.assertEqual(186 + 2 * 152 + 64, len(data))
        self.assertEqual(struct.unpack_from(">IIII", data, 186), (1, 8192, 1, 1))
        self.assertEqual(struct.unpack_from(">IIII", data, 338), (2, 0, 0, 0))

    def keys(self):
        return sealing.Keys(counting(0xA0, 16), counting(0x40, 32))

    def test_recovery_key_opens_it(self):
        text = re.search("^    ([0-9A-Z]{6}(?:-[0-9A-Z]{6}){7})$", self.page.text, re.MULTILINE)
        key = sealing.parse_recovery_key(text.group(1))
        self.assertEqual(key, counting(0x10, 25))
        self.assertEqual(sealing.unlock(self.header(), key), counting(0x40, 32))
        with self.assertRaises(Problem):
            sealing.unlock(self.header(), counting(0x11, 25))

    def test_sealed_xattr(self):
        sealed = self.page.bytes_after("Sealed as an xattr")
        pointer = sealing.Pointer(struct.pack(">Q24sI", 259, counting(0x30, 24), 5))
        self.assertEqual(self.keys().open(sealing.XATTR, pointer, sealed), b"value")
        for at in range(len(sealed)):
            bad = bytearray(sealed)
            bad[at] ^= 1
            with self.assertRaises(Problem):
                self.keys().open(sealing.XATTR, pointer, bytes(bad))

    def test_sealed_chunks(self):
        pointer = sealing.Pointer(struct.pack(">Q24sI", 258, counting(0x11, 24), 4100))
        sealed = self.keys().seal(sealing.DATA, pointer, bytes(4100))
        said = re.search("SHA-256 of all 4132 bytes is\n`([0-9a-f]{64})`", self.page.text).group(1)
        self.assertEqual((len(sealed), hashlib.sha256(sealed).hexdigest()), (4132, said))
        self.assertEqual(sealed[4112:], dump(self.page.block_after("A data object"), 4112))
        self.assertEqual(self.keys().open(sealing.DATA, pointer, sealed), bytes(4100))

    def test_every_block_was_read(self):
        self.assertEqual(len(self.page.blocks), 2)

    def test_checksum(self):
        data = self.header()
        self.assertEqual(merkle.sha256(data[:-32]), data[-32:])


class TreePage(unittest.TestCase):
    page = Page("format-tree.md")
    keys = sealing.Keys(bytes(16), counting(0x40, 32))

    def node(self, blocks):
        """The bytes of a node of which the blocks show what is not zero."""
        data = bytearray(tree.NODE_BYTES)
        for line in "".join(blocks).splitlines():
            offset, words = line.split(maxsplit=1)
            shown = bytes.fromhex(words)
            self.assertFalse(any(data[int(offset) : int(offset) + len(shown)]), line)
            data[int(offset) : int(offset) + len(shown)] = shown
        return bytes(data)

    def setUp(self):
        self.leaf = tree.Node(self.node(self.page.blocks[1:-1]))  # the first is a setting
        self.items = dict(self.leaf.cells)

    def hash_of(self, name):
        return self.keys.hash_of(name)

    def test_leaf(self):
        self.assertEqual(self.leaf.level, 0)
        self.assertEqual(self.leaf.counters, (5, 4, 59 * 4096, 5))
        kinds = [key[1] for key in self.items]
        self.assertEqual(set(kinds), set(range(1, 8)), "an example of every kind")
        self.assertEqual(len(kinds), 15)

    def test_hash(self):
        self.assertIn(f"`{self.hash_of(b'notes'):016x}`", self.page.text)

    def test_inodes(self):
        directory, notes, pool, link = (
            tree.Inode(self.items[number, tree.INODE, 0]) for number in range(1, 5)
        )
        for inode in (directory, notes, pool, link):
            self.assertEqual((inode.uid, inode.gid, inode.generation, inode.device), (1000, 1000, 1, 0))
            self.assertEqual([seconds for seconds, _ in inode.times],
                             list(range(1717771234, 1717771238)))
            self.assertEqual([nanoseconds for _, nanoseconds in inode.times],
                             [0x01020304, 0x05060708, 0x090A0B0C, 0x0D0E0F10])
        self.assertEqual((directory.mode, directory.links), (0o040755, 2))
        self.assertEqual((directory.size, directory.parent, directory.last), (3, 1, 6))
        self.assertEqual((notes.mode, notes.links, notes.content), (0o100644, 1, b"hello\n"))
        self.assertEqual(notes.flags, tree.INLINE | tree.HAS_XATTRS)
        self.assertEqual((pool.mode, pool.size, pool.blocks, pool.last), (0o100600, 266240, 5, 59))
        self.assertEqual(pool.flags, tree.HAS_RESERVED | tree.SHRINKING)
        self.assertEqual((link.mode, link.size, link.content), (0o120777, 5, b"notes"))

    def test_entries(self):
        expected = ((b"notes", 2, tree.REGULAR), (b"pool", 3, tree.REGULAR), (b"link", 4, tree.SYMLINK))
        for sequence, (name, inode, kind) in enumerate(expected, 3):
            dentry = self.items[1, tree.DENTRY, self.hash_of(name)]
            self.assertEqual(list(tree.dentries(dentry)), [(inode, sequence, kind, name)])
            index = self.items[1, tree.DIRINDEX, sequence]
            self.assertEqual(tree.dirindex(index), (inode, kind, name))

    def test_xattrs(self):
        small = self.items[2, tree.XATTR, self.hash_of(b"user.small")]
        self.assertEqual(list(tree.xattrs(small)), [(b"user.small", b"value")])
        ((name, large),) = tree.xattrs(self.items[2, tree.XATTR, self.hash_of(b"user.large")])
        self.assertEqual(name, b"user.large")
        self.assertEqual((large.id, large.nonce, large.length), (259, counting(0x30, 24), 5000))

    def test_file(self):
        newer, older = tree.pieces(self.items[3, tree.EXTENT, 0])
        self.assertEqual((newer[0].id, newer[0].nonce, newer[0].length), (260, counting(0x50, 24), 8292))
        self.assertEqual(newer[1:], (1 << 31 | 12, 1 << 31 | 12))
        self.assertEqual((older[0].id, older[0].nonce, older[0].length), (258, counting(0x11, 24), 12288))
        self.assertEqual(older[1:], (11, 3))
        blocks = tree.blocks_of(newer[1], b"a" * 4096 + b"b" * 4096 + b"c" * 100)
        self.assertEqual(blocks, {2: b"a" * 4096, 3: b"b" * 4096, 31: b"c" * 100 + bytes(3996)})
        self.assertEqual(tree.reserved(self.items[3, tree.RESERVED, 0]), 64)
        self.assertEqual(tree.orphan(self.items[0, tree.ORPHAN, 3]), 266240)

    def test_setting(self):
        data = self.page.bytes_after("For a limit of 1 GiB")
        inode, kind, offset, length = struct.unpack_from(">QBQH", data)
        self.assertEqual((inode, kind, length), (0, tree.SETTING, len(data) - 19))
        self.assertEqual(tree.setting(offset, data[19:]), 1 << 30)

    def test_inner_node(self):
        node = tree.Node(self.node(self.page.blocks[-1:]))
        self.assertEqual((node.level, node.counters), (1, (0, 0, 0, 0)))
        (low, first), (high, second) = node.cells
        self.assertEqual((low, high), ((0, 1, 0), (256, 1, 0)))
        self.assertEqual((first.id, first.nonce, first.length), (300, counting(0x70, 24), 8144))
        self.assertEqual((second.id, second.nonce, second.length), (301, counting(0x90, 24), 8144))

    def test_another_form_is_refused(self):
        data = self.node(self.page.blocks[1:-1])
        for at in (0, 1, 2, 3, 4, 5, 6, 7, 40, 47, 48, 49, 77, 78, 7119, 8135):
            bad = bytearray(data)
            bad[at] ^= 0x20
            with self.assertRaises(Problem, msg=f"byte {at}"):
                tree.Node(bytes(bad))


class AnchorPage(unittest.TestCase):
    page = Page("format-anchor.md")

    def test_anchor(self):
        text = self.page.block_after("Example, of volume")
        lines = text.split("\n")
        vkey = notes.Vkey(lines[2].removeprefix("vkey "))
        checkpoint = notes.Checkpoint(text.split("\n\n", 1)[1], vkey)
        self.assertEqual((checkpoint.size, checkpoint.root), (20852163, counting(0x20, 32)))
        self.assertEqual(checkpoint.volume_id.hex(), lines[1].removeprefix("volume "))
        self.assertEqual(counting(0xC0, 32).hex(), lines[3].removeprefix("genesis "))

    def test_place_of_a_path(self):
        name = self.page.code("paths/[0-9a-f]{32}").removeprefix("paths/")
        path = "/home/ada/my vaulté".encode()
        self.assertEqual(hashlib.sha256(path).hexdigest()[:32], name)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
