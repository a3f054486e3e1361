# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs at a terminal: prompts, echo, retries, Ctrl-C, the offer to make a vault.

Usage: terminal_test.py DIRECTORY_OF_PROGRAMS"""

import os
import shutil
import sys
import tempfile
import unittest

from pty_session import Session

PROGRAMS = sys.argv.pop(1)


def program(name):
    return os.path.join(PROGRAMS, name)


class TerminalTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.mkdtemp(prefix="chainfs-terminal-")
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)
        os.environ["CHAINFS_ANCHORS"] = os.path.join(self.scratch, "anchors")
        self.vault = os.path.join(self.scratch, "vault")
        self.point = os.path.join(self.scratch, "mnt")
        os.mkdir(self.point)

    def mkfs(self):
        return Session([program("mkfs.chainfs"), self.vault])

    def make_vault(self, passphrase="secret"):
        session = self.mkfs()
        session.expect("New passphrase: ")
        session.type(passphrase + "\n")
        session.expect("again: ")
        session.type(passphrase + "\n")
        output, code = session.wait()
        self.assertEqual(code, 0, output)
        return output

    def umount(self):
        output, code = Session([program("chainfs"), "umount", self.point]).wait()
        self.assertEqual(code, 0, output)

    def test_mkfs_asks_twice_without_echo(self):
        session = self.mkfs()
        session.expect("New passphrase: ")
        self.assertFalse(session.echoes())
        session.type("secret\n")
        session.expect("again: ")
        session.type("secret\n")
        output, code = session.wait()
        self.assertEqual(code, 0, output)
        self.assertIn("Recovery key", output)
        self.assertNotIn("secret", output)

    def test_mkfs_asks_again_if_the_two_differ(self):
        session = self.mkfs()
        for first, second in (("one", "two"), ("three", "three")):
            session.expect("New passphrase: ")
            session.type(first + "\n")
            session.expect("again: ")
            session.type(second + "\n")
            if first != second:
                session.expect("the two differ")
        output, code = session.wait()
        self.assertEqual(code, 0, output)

    def test_mkfs_gives_up_after_three_times(self):
        session = self.mkfs()
        for _ in range(3):
            session.expect("New passphrase: ")
            session.type("one\n")
            session.expect("again: ")
            session.type("two\n")
        output, code = session.wait()
        self.assertEqual(code, 41, output)
        self.assertFalse(os.path.exists(self.vault))

    def test_ctrl_c_at_the_prompt_restores_the_echo(self):
        session = self.mkfs()
        session.expect("New passphrase: ")
        session.type("\x03")
        session.expect("interrupted")
        self.assertTrue(session.echoes())
        output, code = session.wait()
        self.assertEqual(code, 8, output)
        self.assertFalse(os.path.exists(self.vault))

    @unittest.skipUnless(os.access("/dev/fuse", os.R_OK | os.W_OK), "needs /dev/fuse")
    def test_mount_asks_again_after_a_wrong_passphrase_and_says_the_transport(self):
        self.make_vault()
        session = Session([program("mount.chainfs"), self.vault, self.point])
        session.expect("Passphrase for .*: ")
        session.type("wrong\n")
        session.expect("wrong passphrase")
        session.expect("Passphrase for .*: ")
        session.type("secret\n")
        output, code = session.wait()
        self.assertEqual(code, 0, output)
        self.assertRegex(output, r"mounted .* \(transport: (io_uring|classic)")
        self.umount()

    def test_mount_gives_up_after_three_wrong_passphrases(self):
        self.make_vault()
        session = Session([program("mount.chainfs"), self.vault, self.point])
        for _ in range(3):
            session.expect("Passphrase for .*: ")
            session.type("wrong\n")
        output, code = session.wait()
        self.assertEqual(code, 40, output)

    @unittest.skipUnless(os.access("/dev/fuse", os.R_OK | os.W_OK), "needs /dev/fuse")
    def test_mount_offers_to_make_a_vault(self):
        session = Session([program("mount.chainfs"), self.vault, self.point])
        session.expect(r"There is no vault at .*\[y/N\] ")
        session.type("y\n")
        session.expect("New passphrase: ")
        session.type("secret\n")
        session.expect("again: ")
        session.type("secret\n")
        session.expect("Recovery key")
        session.expect("Passphrase for .*: ")
        session.type("secret\n")
        output, code = session.wait()
        self.assertEqual(code, 0, output)
        self.umount()

    def test_mount_makes_no_vault_unasked(self):
        session = Session([program("mount.chainfs"), self.vault, self.point])
        session.expect(r"\[y/N\] ")
        session.type("\n")
        output, code = session.wait()
        self.assertEqual(code, 42, output)
        self.assertFalse(os.path.exists(self.vault))


if __name__ == "__main__":
    unittest.main()
