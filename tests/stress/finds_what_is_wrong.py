#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""finds_what_is_wrong.py CHAINFS-OPS: an ordinary directory is right, until somebody alters it."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = ""


class FindsWhatIsWrong(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.top = os.path.join(self.scratch.name, "top")
        self.state = os.path.join(self.scratch.name, "state")
        os.mkdir(self.top)
        result = self.ops("--operations", "3000", "--threads", "2", "--state", self.state)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def ops(self, *arguments):
        return subprocess.run([PROGRAM, self.top, *arguments], capture_output=True, text=True,
                              check=False)

    def verify(self):
        return self.ops("--operations", "0", "--threads", "2", "--state", self.state)

    def files(self):
        """All that have one name, those that hold the most first."""
        held = {}
        for folder, _, names in os.walk(self.top):
            for name in names:
                try:
                    status = os.stat(os.path.join(folder, name))
                except FileNotFoundError:
                    continue  # the program has just taken it away
                if status.st_nlink == 1:
                    held[os.path.join(folder, name)] = status.st_blocks
        return sorted(held, key=held.get, reverse=True)

    def assert_found(self, *texts):
        result = self.verify()
        self.assertEqual(result.returncode, 1, result.stdout)
        for text in texts:
            self.assertIn(text, result.stderr)

    def test_goes_on_from_what_it_saved(self):
        self.assertEqual(self.verify().returncode, 0)
        result = self.ops("--operations", "4000", "--threads", "2", "--state", self.state)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(self.verify().returncode, 0)

    def test_same_seed_does_the_same(self):
        """What was done to each file is in the state, too."""
        with open(self.state, "rb") as file:
            once = file.read()
        self.assertEqual(self.run_again(), once)
        # Thread 1's files come last.
        alone = self.run_again("--only-thread", "1")
        self.assertTrue(once.endswith(alone[alone.index(b"\n") + 1:]))

    def run_again(self, *arguments):
        shutil.rmtree(self.top)
        os.mkdir(self.top)
        os.remove(self.state)
        result = self.ops("--operations", "3000", "--threads", "2", "--state", self.state,
                          *arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        with open(self.state, "rb") as file:
            return file.read()

    def test_one_bit_with_its_offset(self):
        path = self.files()[0]
        with open(path, "r+b") as file:
            offset = os.lseek(file.fileno(), 0, os.SEEK_DATA) + 5
            byte = os.pread(file.fileno(), 1, offset)
            os.pwrite(file.fileno(), bytes([byte[0] ^ 1]), offset)
        self.assert_found(os.path.relpath(path, self.top), f"first wrong byte at {offset}")

    def test_one_byte_more(self):
        with open(self.files()[0], "ab") as file:
            file.write(b"x")
        self.assert_found("size is")

    def test_data_turned_into_a_hole(self):
        path = self.files()[0]
        size = os.stat(path).st_size
        os.truncate(path, 0)
        os.truncate(path, size)
        self.assert_found("wrong byte")

    def test_lost_and_exchanged_names(self):
        first, second = self.files()[:2]
        os.rename(first, first + "x")
        self.assert_found("open: No such file")
        os.rename(second, first)
        os.rename(first + "x", second)
        self.assertEqual(self.verify().returncode, 1)

    def test_name_too_many(self):
        os.close(os.open(os.path.join(self.top, "shared", "extra"), os.O_CREAT | os.O_WRONLY))
        self.assert_found("shared/extra")

    def test_change_during_the_run(self):
        """A thread's files are altered by another process in the middle of it."""
        with subprocess.Popen([PROGRAM, self.top, "--operations", "100000000", "--threads", "2",
                               "--state", self.state, "--seconds", "60"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True) as program:
            before = set(self.files())
            while set(self.files()) == before and program.poll() is None:
                pass  # it still verifies
            while program.poll() is None:
                for path in self.files():
                    try:
                        os.truncate(path, 3)
                    except OSError:
                        pass  # it is gone
            self.assertEqual(program.returncode, 1)
            self.assertIn("its last operations:", program.stderr.read())


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
