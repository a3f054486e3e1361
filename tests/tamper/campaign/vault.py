# SPDX-License-Identifier: GPL-3.0-or-later
"""A vault with real content, made by the real programs, and the tree that is to be read from it."""

import json
import os
import random
import shutil
import subprocess

KIB = 1 << 10


class Programs:
    def __init__(self, build):
        self.mkfs = os.path.join(build, "tools", "mkfs.chainfs")
        self.mount = os.path.join(build, "tools", "mount.chainfs")
        self.fsck = os.path.join(build, "tools", "chainfs-fsck")
        self.chainfs = os.path.join(build, "tools", "chainfs")


def run(argv, **options):
    """Runs a command that has to succeed; returns its output."""
    result = subprocess.run(argv, capture_output=True, text=True, check=False, **options)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: {result.stderr or result.stdout}")
    return result.stdout


class Original:
    """Under `scratch`: vault, anchors, the key in key, the content in tree; and, as it was some
    commits before, the database in older.mdb."""

    def __init__(self, programs, scratch, mib):
        self.programs = programs
        self.vault = os.path.join(scratch, "vault")
        self.tree = os.path.join(scratch, "tree")
        self.older = os.path.join(scratch, "older.mdb")
        self.key = os.path.join(scratch, "key")
        self.anchors = os.path.join(scratch, "anchors")
        self.mount_point = os.path.join(scratch, "mnt")
        self.environment = dict(os.environ, CHAINFS_ANCHORS=self.anchors)
        self._random = random.Random(1)
        os.mkdir(self.tree)
        os.mkdir(self.mount_point)
        self._make(mib)

    def _make(self, mib):
        # The recovery key costs no key derivation.
        made = run([self.programs.mkfs, "--json", self.vault], env=self.environment,
                   input="campaign\n")
        with open(self.key, "w", encoding="ascii") as file:
            file.write(json.loads(made)["recovery_key"] + "\n")
        os.chmod(self.key, 0o600)
        run([self.programs.mount, self.vault, self.mount_point,
             "-o", f"passfile={self.key},commit=1"], env=self.environment)
        try:
            self._fill(mib)
        finally:
            run([self.programs.chainfs, "umount", self.mount_point], env=self.environment)

    def _fill(self, mib):
        for number in range(3):
            self._write_part(f"part{number}", mib * KIB * KIB // 3)
            self._sync()
        self._commit_often()
        self._overwrite()
        shutil.copyfile(os.path.join(self.vault, "data.mdb"), self.older)
        for number in range(6):
            self._overwrite()
            self._write_part(f"late{number}", 256 * KIB)
            if number % 2:
                for root in (self.tree, self.mount_point):
                    shutil.rmtree(os.path.join(root, f"late{number - 1}"))
            self._sync()

    def _commit_often(self):
        """More than a tile of records, and than what is retained: the dead are reaped."""
        path = os.path.join(self.mount_point, "often")
        for number in range(270):
            with open(path, "w", encoding="ascii") as file:
                file.write(str(number))
                file.flush()
                os.fsync(file.fileno())
        shutil.copy(path, self.tree)
        self._set_time("often")

    def _sync(self):
        run(["cp", "-a", "-u", self.tree + "/.", self.mount_point])
        run([self.programs.chainfs, "sync", self.mount_point], env=self.environment)

    def _write_part(self, name, size):
        """Headers of this machine's, and files of every other kind."""
        top = os.path.join(self.tree, name)
        os.mkdir(top)
        used = size // 2
        self._write(os.path.join(top, "big"), size // 4)
        self._write(os.path.join(top, "middle"), size // 8)
        self._write(os.path.join(top, "pieces"), size // 8)
        headers = sorted(os.listdir("/usr/include"))
        self._random.shuffle(headers)
        for header in headers:
            path = os.path.join("/usr/include", header)
            if os.path.isfile(path) and not os.path.islink(path) and used < size:
                shutil.copy2(path, top)
                used += os.path.getsize(path)
        many = os.path.join(top, "many")
        os.mkdir(many)
        for number in range(min(300, size // KIB // 8)):
            self._write(os.path.join(many, f"{number}"), self._random.choice([0, 1, 60, 700, 3000]))
        with open(os.path.join(top, "sparse"), "wb") as file:
            file.seek(900 * KIB)
            file.write(b"s" * 5000)
        os.link(os.path.join(top, "middle"), os.path.join(top, "hard"))
        os.symlink("many/1", os.path.join(top, "soft"))
        os.symlink("t" * 3000, os.path.join(top, "long"))
        os.mkfifo(os.path.join(top, "fifo"))
        os.setxattr(os.path.join(top, "big"), "user.small", b"x")
        os.setxattr(os.path.join(top, "big"), "user.big", self._random.randbytes(20000))

    def _write(self, path, size):
        with open(path, "wb") as file:
            file.write(self._random.randbytes(size))

    def _overwrite(self):
        """Some blocks of some files, in one commit, so that regions come to have pieces."""
        for number in range(3):
            name = os.path.join(f"part{number}", "pieces")
            block = self._random.randbytes(8 * KIB)
            at = self._random.randrange(os.path.getsize(os.path.join(self.tree, name)) - 8 * KIB)
            for root in (self.mount_point, self.tree):
                with open(os.path.join(root, name), "r+b") as file:
                    file.seek(at)
                    file.write(block)
            self._set_time(name)
        run([self.programs.chainfs, "sync", self.mount_point], env=self.environment)

    def _set_time(self, name):
        status = os.stat(os.path.join(self.tree, name))
        os.utime(os.path.join(self.mount_point, name), ns=(status.st_atime_ns, status.st_mtime_ns))
