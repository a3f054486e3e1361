# SPDX-License-Identifier: GPL-3.0-or-later
"""One change of a copy of data.mdb, what fsck says of it, and what a mount gives to read."""

import json
import os
import random
import shutil
import subprocess
import sys

PAGE = 4096
# What a case ends in. The last five are defects.
REPORTED, WARNED, HARMLESS = "reported", "reported as a warning", "hit nothing that is live"
MISSED, CRASHED, HUNG, WRONG, SILENT = (
    "NOT REPORTED", "FSCK CRASHED", "HUNG", "WRONG BYTES", "DAEMON GONE WITHOUT A WORD")
DEFECTS = (MISSED, CRASHED, HUNG, WRONG, SILENT)
REPLACEMENTS = ["zeros", "noise", "another page", "its older self"]


def change_of(what, number, seed, original, older, pages):
    """(offset, bytes, how) of a case, which seed and number choose. `pages`: those to choose from;
    none: all."""
    chance = random.Random(f"{seed}/{what}/{number}")
    how = chance.choice(REPLACEMENTS) if what == "page" else what
    while True:
        page = chance.choice(pages) if pages else chance.randrange(len(original) // PAGE)
        begin = page * PAGE
        if how == "flip":
            at = begin + chance.randrange(PAGE)
            return at, bytes([original[at] ^ 1 << chance.randrange(8)]), how
        if how == "zeros":
            new = bytes(PAGE)
        elif how == "noise":
            new = chance.randbytes(PAGE)
        elif how == "another page":
            other = chance.randrange(len(original) // PAGE) * PAGE
            new = original[other : other + PAGE]
        else:
            new = older[begin : begin + PAGE]
        if len(new) == PAGE and new != original[begin : begin + PAGE]:
            return begin, new, how


class Bench:
    """A copy of the vault that one process breaks and mends, again and again."""

    def __init__(self, original, where):
        self.original = original
        self.vault = os.path.join(where, "vault")
        self.mount_point = os.path.join(where, "mnt")
        self.anchors = os.path.join(where, "anchors")
        self.log = os.path.join(where, "log")
        os.mkdir(self.mount_point)
        self._environment = dict(os.environ, CHAINFS_ANCHORS=self.anchors)
        self._copy()

    def put(self, at, new):
        with open(os.path.join(self.vault, "data.mdb"), "r+b") as file:
            file.seek(at)
            file.write(new)

    def renew(self):
        """After a mount: it may have written what it must not, and what it remembers is gone."""
        shutil.rmtree(self.vault)
        shutil.rmtree(self.anchors)
        self._copy()

    def _copy(self):
        os.mkdir(self.vault, 0o700)
        subprocess.run(["cp", "--reflink=auto", "-a", self.original.vault + "/.", self.vault],
                       check=True)
        shutil.copytree(self.original.anchors, self.anchors)

    def check(self):
        """(outcome, failed passes, kinds, text)"""
        argv = [self.original.programs.fsck, "--json", "-q", "-j", "1", "--passfile",
                self.original.key, self.vault]
        try:
            result = subprocess.run(argv, capture_output=True, text=True, errors="replace",
                                    timeout=60, check=False, env=self._environment)
        except subprocess.TimeoutExpired:
            return HUNG, (), (), "fsck"
        text = result.stdout + result.stderr
        if result.returncode not in (0, 4, 8, 12) or "Sanitizer" in text:
            return CRASHED, (), (), f"{result.returncode}: {text}"
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        passes = tuple(line["pass"] for line in lines if line.get("verdict") == "FAILED")
        kinds = tuple(sorted({line["finding"]["kind"] for line in lines if "finding" in line}))
        if result.returncode:
            return REPORTED, passes or ("refused: " + result.stderr.strip()[:60],), kinds, text
        return (WARNED if kinds else MISSED), passes, kinds, text

    def read(self):
        """(outcome or None, what happened, text) of a mount and of all that can be read from it."""
        if os.path.exists(self.log):
            os.remove(self.log)
        argv = [self.original.programs.mount, self.vault, self.mount_point, "-o",
                f"ro,transport=classic,passfile={self.original.key},log={self.log}"]
        try:
            mounted = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False,
                                     env=self._environment)
        except subprocess.TimeoutExpired:
            return HUNG, "mount", ""
        if mounted.returncode != 0:
            told = mounted.returncode in range(40, 70) or "was brought down" in mounted.stderr
            if told and "Sanitizer" not in mounted.stderr:
                return None, f"not mounted: exit code {mounted.returncode}", mounted.stderr
            return SILENT, "mount", f"{mounted.returncode}: {mounted.stderr}"
        try:
            return self._read_mounted()
        finally:
            self._unmount()

    def _read_mounted(self):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "read_tree.py")
        try:
            result = subprocess.run(
                [sys.executable, "-B", script, self.mount_point, self.original.tree],
                capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            return HUNG, "reading", ""
        text = result.stdout + result.stderr
        if result.returncode == 3:
            if self._told():
                return None, "the daemon went down, and said so", text
            return SILENT, "", text
        if result.returncode != 0:
            return WRONG, "", text
        refused = int(result.stdout.split()[-1])
        return None, "read in part, the rest EIO" if refused else "read as a whole", text

    def _told(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return "the daemon was brought down" in file.read()

    def _unmount(self):
        if os.path.ismount(self.mount_point):
            subprocess.run([self.original.programs.chainfs, "umount", self.mount_point],
                           capture_output=True, timeout=60, check=False)
        if os.path.ismount(self.mount_point):
            subprocess.run(["umount", "-l", self.mount_point], check=False)
