#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The independent reader on a fresh vault and its exported log, and on copies that are wrong.

    reader_test.py MAKE_VAULT CHAINFS"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import ed25519  # noqa: E402
import lmdb_file  # noqa: E402
import notes  # noqa: E402
import read_tree  # noqa: E402
import records  # noqa: E402
import sealing  # noqa: E402
import tree  # noqa: E402
import verify_log  # noqa: E402
import verify_objects  # noqa: E402
from problem import Problem  # noqa: E402

MAKE_VAULT, CHAINFS = sys.argv[1:3]
COMMITS = 300  # more than a tile, and enough for reaping to begin
FLIPS = 150


def chainfs(*arguments):
    done = subprocess.run([CHAINFS, *arguments], capture_output=True, check=True)
    return done.stdout.decode()


def setUpModule():
    global TOP, VAULT, LOG, VKEY
    TOP = tempfile.mkdtemp(prefix="chainfs-reader-")
    VAULT, LOG = os.path.join(TOP, "vault"), os.path.join(TOP, "log")
    subprocess.run([MAKE_VAULT, VAULT, str(COMMITS)], check=True)
    chainfs("ledger", "export", VAULT, LOG)
    VKEY = notes.Vkey(chainfs("head", VAULT, "--vkey").strip())


def tearDownModule():
    shutil.rmtree(TOP)


class Copied(unittest.TestCase):
    """Each test has a copy of its own to break."""

    source = None

    def setUp(self):
        self.copy = os.path.join(TOP, "copy")
        shutil.copytree(self.source(), self.copy)

    def tearDown(self):
        shutil.rmtree(self.copy)

    def path(self, name):
        return os.path.join(self.copy, name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return bytearray(file.read())

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)

    def assert_false(self, what):
        with self.assertRaises(Problem, msg=what):
            self.verify()

    def verify(self):
        raise NotImplementedError


class LogTest(Copied):
    source = staticmethod(lambda: LOG)

    def verify(self):
        return verify_log.verify(self.copy, VKEY)

    def files(self):
        for folder, _, names in os.walk(self.copy):
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), self.copy)

    def test_a_fresh_log_is_whole(self):
        chain, entries = self.verify()
        self.assertGreater(len(entries), COMMITS)
        self.assertEqual(chain.newest.type, "CLEAN_UNMOUNT")

    def test_every_file_counts(self):
        files = sorted(self.files())
        self.assertEqual(len(files), 6)
        for name in files:
            whole = self.read(name)
            for at in (0, 1, len(whole) // 2, len(whole) - 1):
                bad = bytearray(whole)
                bad[at] ^= 1
                self.write(name, bad)
                self.assert_false(f"{name}, byte {at}")
            for bad in (whole[:-1], whole + b"x", b""):
                self.write(name, bad)
                self.assert_false(f"{name}, {len(bad)} bytes")
            os.remove(self.path(name))
            self.assert_false(f"no {name}")
            self.write(name, whole)
        self.verify()

    def test_every_byte_of_the_checkpoint_counts(self):
        whole = self.read("checkpoint")
        for at in range(len(whole)):
            bad = bytearray(whole)
            bad[at] ^= 2
            self.write("checkpoint", bad)
            self.assert_false(f"byte {at}")

    def test_two_records_do_not_change_places(self):
        bundle = self.read("tile/entries/000")
        bundle[418:836], bundle[836:1254] = bundle[836:1254], bundle[418:836]
        self.write("tile/entries/000", bundle)
        self.assert_false("records swapped")

    def test_another_vkey_says_nothing(self):
        other = notes.Vkey(notes.encode_vkey(VKEY.name, bytes(VKEY.key[:-1]) + b"\x00"))
        with self.assertRaises(Problem):
            verify_log.verify(self.copy, other)

    def test_the_program_tells_how_it_went(self):
        program = [sys.executable, "-B", os.path.join(HERE, "verify_log.py"), self.copy]
        vkey = chainfs("head", VAULT, "--vkey").strip()
        good = subprocess.run([*program, "--vkey", vkey], capture_output=True)
        self.assertEqual(good.returncode, 0, good.stderr)
        os.remove(self.path("tile/0/000"))
        bad = subprocess.run([*program, "--vkey", vkey], capture_output=True)
        self.assertEqual(bad.returncode, 1)
        self.assertIn(b"FALSE: tile/0/000", bad.stderr)


class VaultTest(Copied):
    source = staticmethod(lambda: VAULT)

    def verify(self):
        return verify_objects.verify(self.copy, VKEY)

    def content(self):
        """All tables; None: they cannot be read."""
        try:
            database = lmdb_file.Database(self.path("data.mdb"))
            return {name: list(database.items(name)) for name in database.names()}
        except Problem:
            return None

    def flip(self, at, bit):
        with open(self.path("data.mdb"), "r+b") as file:
            file.seek(at)
            value = file.read(1)[0] ^ bit
            file.seek(at)
            file.write(bytes([value]))

    def test_a_fresh_vault_is_whole(self):
        store, encoded, _ = self.verify()
        self.assertGreater(store.reaps, 100)
        self.assertGreater(len(store.objects), len(store.live))
        exported = verify_log.verify(LOG, VKEY)[1]
        self.assertEqual(encoded, exported)

    def test_what_chainfs_says_of_it_is_true(self):
        store, encoded, _ = self.verify()
        listed = chainfs("log", VAULT, "--json").splitlines()
        self.assertEqual(len(listed), len(encoded))
        self.assertIn(f'"live":{{"bytes":{store.live_bytes},"count":{len(store.live)}}}', listed[0])

    def test_a_changed_byte_is_found_wherever_it_changes_anything(self):
        sound = self.content()
        size = os.path.getsize(self.path("data.mdb"))
        choose = random.Random(1)
        changed = 0
        for _ in range(FLIPS):
            at, bit = choose.randrange(size), 1 << choose.randrange(8)
            self.flip(at, bit)
            if self.content() == sound:
                self.verify()
            else:
                changed += 1
                self.assert_false(f"byte {at}, bit {bit}")
            self.flip(at, bit)
        self.assertGreater(changed, FLIPS // 10)

    def test_a_changed_byte_of_a_value_is_found_in_every_table(self):
        data = self.read("data.mdb")
        choose = random.Random(2)
        for name, items in self.content().items():
            for key, value in choose.sample(items, min(len(items), 8)):
                if len(value) < 32 or data.count(value) != 1:
                    continue
                at = data.find(value) + choose.randrange(len(value))
                self.flip(at, 1)
                self.assert_false(f"{name} {key.hex()}, at {at}")
                self.flip(at, 1)

    def test_headers(self):
        os.remove(self.path("header.0"))
        self.verify()
        header = self.read("header.1")
        header[60] ^= 1  # the genesis link, with a checksum that fits
        self.write("header.1", header[:-32] + verify_objects.sha256(header[:-32]))
        self.assert_false("another genesis link")
        self.write("header.1", b"")
        self.assert_false("no header")

    def test_a_ledger_that_was_cut_is_not_the_exported_one(self):
        older = os.path.join(TOP, "older")
        subprocess.run([MAKE_VAULT, older, "3"], check=True)
        program = os.path.join(HERE, "verify_objects.py")
        for export, code in ((LOG, 0), (os.path.join(TOP, "none"), 1)):
            done = subprocess.run([sys.executable, "-B", program, VAULT, export])
            self.assertEqual(done.returncode, code)
        done = subprocess.run([sys.executable, "-B", program, older, LOG], capture_output=True)
        self.assertEqual(done.returncode, 1, done.stdout)

    def test_a_short_file_is_no_database(self):
        data = self.read("data.mdb")
        for length in (0, 100, 8192, len(data) // 2):
            self.write("data.mdb", data[:length])
            self.assert_false(f"{length} bytes")


class RolledBackTest(unittest.TestCase):
    """A vault whose owner accepted a rollback: two branches, one ledger."""

    def setUp(self):
        self.vault, self.log = os.path.join(TOP, "rolled"), os.path.join(TOP, "rolled-log")
        subprocess.run([MAKE_VAULT, self.vault, "20", "rolled-back"], check=True)
        chainfs("ledger", "export", self.vault, self.log)

    def test_it_is_whole_on_its_new_branch(self):
        _, encoded, vkey = verify_objects.verify(self.vault, None)
        chain, exported = verify_log.verify(self.log, vkey)
        self.assertEqual(encoded, exported)
        accepted = [record for record in map(records.Record, encoded) if record.rollback_accepted]
        self.assertEqual(len(accepted), 1)
        kept_size, _, abandoned_size, _, abandoned_branch = accepted[0].rollback
        self.assertEqual(kept_size, accepted[0].sequence)
        self.assertGreater(abandoned_size, kept_size)
        self.assertEqual(abandoned_branch, chain.genesis.link[:8])
        self.assertEqual(chain.branch, accepted[0].link[:8])
        self.assertIn(chain.branch.hex(), vkey.name)


def pattern(begin, end, seed):
    return bytes((7 * at + seed) % 251 for at in range(begin, end))


class ContentsTest(unittest.TestCase):
    """What make_vault has written with `contents`, read from the blobs with the recovery key alone."""

    @classmethod
    def setUpClass(cls):
        cls.vault = os.path.join(TOP, "contents")
        made = subprocess.run([MAKE_VAULT, cls.vault, "contents"], capture_output=True, check=True)
        cls.recovery_key = made.stdout.decode().strip()
        cls.volume = read_tree.Volume(cls.vault, cls.recovery_key)
        cls.paths = cls.volume.paths()

    def at(self, path):
        return self.paths[path.encode()]

    def inode(self, path):
        return self.volume.inodes[self.at(path)]

    def test_all_names_are_there_and_no_others(self):
        top = ["device", "hard", "large", "long", "many", "pipe", "reserved", "short", "sparse"]
        expected = ["/" + name for name in top] + [f"/many/{n}" for n in range(300)]
        self.assertEqual(sorted(path.decode() for path in self.paths), sorted(expected))
        self.assertEqual(self.at("/hard"), self.at("/large"))

    def test_attributes(self):
        many = self.inode("/many")
        self.assertEqual((many.mode, many.uid, many.gid, many.links), (0o040750, 7, 8, 2))
        large = self.inode("/large")
        self.assertEqual((large.mode, large.uid, large.gid, large.links), (0o100640, 7, 8, 2))
        self.assertEqual(self.inode("/pipe").mode, 0o010600)
        device = self.inode("/device")
        self.assertEqual((device.mode, device.device), (0o020600, 0x12345678))
        newest = self.volume.record.time_ns / 1e9
        for inode in self.volume.inodes.values():
            for seconds, _ in inode.times:
                self.assertLess(abs(newest - seconds), 3600)

    def test_small_files(self):
        for n in range(300):
            inode = self.at(f"/many/{n}")
            self.assertTrue(self.volume.inodes[inode].flags & tree.INLINE)
            self.assertEqual(self.volume.content(inode), pattern(0, n, n))

    def test_large_files(self):
        expected = bytearray(pattern(0, 300_000, 1))
        for at in range(10_000, 300_000, 60_000):
            expected[at : at + 5_000] = pattern(at, at + 5_000, 9)
        pieces = self.volume.of(self.at("/large"), tree.EXTENT)
        self.assertGreater(max(len(value) // 44 for _, value in pieces), 1)
        self.assertEqual(self.volume.content(self.at("/large")), expected)
        sparse = bytes(400_000) + pattern(400_000, 405_000, 2)
        self.assertEqual(self.volume.content(self.at("/sparse")), sparse)
        self.assertEqual(self.inode("/sparse").blocks, 2)

    def test_reserved(self):
        number = self.at("/reserved")
        self.assertEqual(self.volume.reserved(number), [(1, 64)])
        self.assertEqual((self.inode("/reserved").last, self.inode("/reserved").blocks), (62, 2))
        self.assertEqual(self.volume.content(number), bytes(8192) + pattern(8192, 16384, 3))

    def test_symlinks(self):
        self.assertEqual(self.volume.target(self.at("/short")), b"many/7")
        self.assertEqual(self.volume.target(self.at("/long")), b"t" * 4000)
        self.assertEqual(len(self.inode("/long").content), 2048)

    def test_xattrs(self):
        expected = {b"user.small": b"value", b"user.large": b"x" * 20_000}
        self.assertEqual(self.volume.xattrs(self.at("/large")), expected)

    def test_unlinked(self):
        ((number, size),) = self.volume.orphans().items()
        self.assertIsNone(size)
        self.assertEqual(self.volume.inodes[number].links, 0)
        self.assertEqual(self.volume.content(number), pattern(0, 100, 4))

    def test_nothing_else_is_alive(self):
        """The objects that the tree uses are those that the ledger says live."""
        fresh = read_tree.Volume(self.vault, self.recovery_key)
        for number, inode in fresh.inodes.items():
            fresh.xattrs(number)
            if inode.type == tree.REGULAR:
                fresh.content(number)
        store, _, _ = verify_objects.verify(self.vault, None)
        self.assertEqual(fresh.used, store.live)

    def test_an_object_in_the_place_of_another_is_told(self):
        volume = read_tree.Volume(self.vault, self.recovery_key)
        ((_, value), *_) = volume.of(volume.paths()[b"/sparse"], tree.EXTENT)
        ((pointer, _, _),) = tree.pieces(value)
        key = pointer.id.to_bytes(8, "big")
        blob = bytearray(volume._blobs[key])
        for bad in (blob[:-1], bytes(len(blob)), volume._blobs[(1).to_bytes(8, "big")]):
            volume._blobs[key] = bytes(bad)
            volume.used.discard(pointer.id)
            with self.assertRaises(Problem):
                volume.open(sealing.DATA, pointer)

    def test_program(self):
        program = [sys.executable, "-B", os.path.join(HERE, "read_tree.py"), self.vault]
        listed = subprocess.run([*program, self.recovery_key], capture_output=True, check=True)
        self.assertEqual(len(listed.stdout.splitlines()), len(self.paths))
        file = [*program, self.recovery_key, "/many/7"]
        self.assertEqual(subprocess.run(file, capture_output=True).stdout, pattern(0, 7, 7))
        wrong = "-".join(["000000"] * 8)
        done = subprocess.run([*program, wrong], capture_output=True)
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"opens no slot", done.stderr)


class PublishedVectorsTest(unittest.TestCase):
    def test_xaes(self):
        """C2SP's two."""
        plain = b"XAES-256-GCM"
        nonce = b"ABCDEFGHIJKLMNOPQRSTUVWX"
        for key, aad, sealed in (
            (b"\1", b"", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
            (b"\3", b"c2sp.org/XAES-256-GCM",
             "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"),
        ):
            cipher = sealing.Xaes(key * 32)
            self.assertEqual(cipher.seal(nonce, aad, plain).hex(), sealed)
            self.assertEqual(cipher.open(nonce, aad, bytes.fromhex(sealed)), plain)
            self.assertIsNone(cipher.open(nonce, aad + b"x", bytes.fromhex(sealed)))

    def test_siphash(self):
        self.assertEqual(sealing.siphash(bytes(range(16)), bytes(range(15))), 0xA129CA6149BE45E5)


class SignatureTest(unittest.TestCase):
    # RFC 8032, section 7.1, tests 1 to 3.
    VECTORS = (
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    )

    def test_published_vectors(self):
        for key, message, signature in self.VECTORS:
            key, message, signature = map(bytes.fromhex, (key, message, signature))
            self.assertTrue(ed25519.verify(key, message, signature))
            self.assertFalse(ed25519.verify(key, message + b"x", signature))
            for at in range(0, 64, 7):
                bad = bytearray(signature)
                bad[at] ^= 1
                self.assertFalse(ed25519.verify(key, message, bytes(bad)))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
