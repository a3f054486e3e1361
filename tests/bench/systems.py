# SPDX-License-Identifier: GPL-3.0-or-later
"""The filesystems under comparison: each makes itself a vault, mounts it, settles, goes away."""

import os
import subprocess
import tempfile

PASSPHRASE = "bench"
# What is measured leaves nothing behind.
os.environ.setdefault("CHAINFS_ANCHORS", os.path.join(tempfile.mkdtemp(prefix="chainfs-bench-"),
                                                      "anchors"))


def run(argv, **options):
    """Runs a command that has to succeed; returns its output."""
    result = subprocess.run(argv, capture_output=True, text=True, check=False, **options)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: {result.stderr or result.stdout}")
    return result.stdout


class System:
    """One mounted filesystem. `directory` is where tests work."""

    def __init__(self, name, backing, programs):
        self.name = name
        self.programs = programs
        self.vault = os.path.join(backing, name + ".vault")
        self.directory = os.path.join(backing, name + ".mnt")
        self.passfile = os.path.join(backing, name + ".pass")
        os.mkdir(self.directory)
        with open(self.passfile, "w", encoding="ascii") as file:
            file.write(PASSPHRASE + "\n")
        os.chmod(self.passfile, 0o600)

    def program(self, name):
        return os.path.join(self.programs, name)

    def settle(self):
        """Nothing of what was done before is left to do."""
        os.sync()


class Gocryptfs(System):
    def mount(self):
        os.mkdir(self.vault)
        run(["gocryptfs", "-q", "-init", "-passfile", self.passfile, self.vault])
        run(["gocryptfs", "-q", "-passfile", self.passfile, self.vault, self.directory])
        return run(["gocryptfs", "-version"]).strip()

    def unmount(self):
        run(["umount", self.directory])


class Chainfs(System):
    def __init__(self, name, backing, programs, transport):
        super().__init__(name, backing, programs)
        self.transport = transport

    def mount(self):
        run([self.program("mkfs.chainfs"), "--passfile", self.passfile, self.vault])
        run([self.program("mount.chainfs"), self.vault, self.directory, "-o",
             f"passfile={self.passfile},transport={self.transport}"])
        status = run([self.program("chainfs"), "status", self.directory])
        transport = next(line for line in status.splitlines() if "transport" in line).split()[1]
        if transport != self.transport:
            raise RuntimeError(f"{self.name}: the transport is {transport}, not {self.transport}")
        return run([self.program("chainfs"), "--version"]).strip() + ", " + transport

    def settle(self):
        run([self.program("chainfs"), "sync", self.directory])
        super().settle()

    def unmount(self):
        run([self.program("chainfs"), "umount", self.directory])


def all_systems(backing, programs, names):
    made = {
        "gocryptfs": lambda n: Gocryptfs(n, backing, programs),
        "classic": lambda n: Chainfs(n, backing, programs, "classic"),
        "io_uring": lambda n: Chainfs(n, backing, programs, "io_uring"),
    }
    return [made[name](name) for name in names]
