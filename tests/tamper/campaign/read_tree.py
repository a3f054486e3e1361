# SPDX-License-Identifier: GPL-3.0-or-later
"""read_tree.py MOUNT EXPECTED: reads everything there is, and compares it. EIO is an honest answer;
any other that is not the expected one is printed, a line each. The last line is a count of what was
read and of what was refused. Ends with 3 when the mount has gone away."""

import errno
import os
import stat
import sys

CHUNK, BLOCK = 128 << 10, 4 << 10
GONE = (errno.ENOTCONN, errno.ECONNABORTED)


class Reader:
    def __init__(self):
        self.wrong, self.refused, self.bytes = [], 0, 0

    def ask(self, question):
        """The answer, or None if it is EIO."""
        try:
            return question()
        except OSError as error:
            if error.errno in GONE:
                raise
            if error.errno != errno.EIO:
                return error.strerror
            self.refused += 1
            return None

    def compare(self, path, what, question, expected):
        answer = self.ask(question)
        if answer is not None and answer != expected:
            self.wrong.append(f"{path}: {what}: {str(answer)[:200]}")

    def compare_all(self, mounted, expected):
        self.compare(mounted, "status", lambda: status_of(mounted), status_of(expected))
        self.compare(mounted, "xattrs", lambda: xattrs_of(mounted), xattrs_of(expected))
        kind = stat.S_IFMT(os.lstat(expected).st_mode)
        if kind == stat.S_IFLNK:
            self.compare(mounted, "target", lambda: os.readlink(mounted), os.readlink(expected))
        elif kind == stat.S_IFREG:
            self.compare_content(mounted, expected)
        elif kind == stat.S_IFDIR:
            names = sorted(os.listdir(expected))
            self.compare(mounted, "names", lambda: sorted(os.listdir(mounted)), names)
            for name in names:
                self.compare_all(os.path.join(mounted, name), os.path.join(expected, name))

    def compare_content(self, mounted, expected):
        with open(expected, "rb") as file:
            content = file.read()
        descriptor = self.ask(lambda: os.open(mounted, os.O_RDONLY))
        if not isinstance(descriptor, int):
            if descriptor is not None:
                self.wrong.append(f"{mounted}: open: {descriptor}")
            return
        try:
            self.compare_bytes(mounted, content, descriptor)
        finally:
            os.close(descriptor)

    def compare_bytes(self, path, content, descriptor):
        """A read may end before a block that cannot be read. Such a one is passed over."""
        at = 0
        while True:
            part = self.ask(lambda: os.pread(descriptor, CHUNK, at))
            if part is None:
                at = (at // BLOCK + 1) * BLOCK
                if at >= len(content):
                    return
                continue
            if isinstance(part, str) or part != content[at : at + len(part)]:
                self.wrong.append(f"{path}: wrong bytes behind {at}")
                return
            if not part:
                if at < len(content):
                    self.wrong.append(f"{path}: ends at {at}")
                return
            self.bytes += len(part)
            at += len(part)


def status_of(path):
    status = os.lstat(path)
    size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
    links = 1 if stat.S_ISDIR(status.st_mode) else status.st_nlink
    return (status.st_mode, status.st_uid, status.st_gid, links, size, status.st_mtime_ns)


def xattrs_of(path):
    names = sorted(os.listxattr(path, follow_symlinks=False))
    return [(name, os.getxattr(path, name, follow_symlinks=False)) for name in names]


def main():
    reader = Reader()
    try:
        reader.compare_all(sys.argv[1], sys.argv[2])
    except OSError as error:
        if error.errno not in GONE:
            raise
        return 3
    finally:
        for line in reader.wrong:
            print(line)
        print(reader.bytes, reader.refused)
    return 1 if reader.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
