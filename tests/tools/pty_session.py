# SPDX-License-Identifier: GPL-3.0-or-later
"""A program at a terminal of its own: what a person would see and type."""

import os
import pty
import re
import select
import sys
import termios
import time


class Session:
    """Runs `argv` with a new controlling terminal. Not for more than one thread."""

    def __init__(self, argv, env=None, cwd=None):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                if cwd:
                    os.chdir(cwd)
                os.execvpe(argv[0], argv, env or os.environ)
            finally:
                os._exit(127)

    def expect(self, pattern, seconds=60):
        """Waits until what came since the last match matches; returns all up to the match's end."""
        deadline = time.monotonic() + seconds
        while True:
            match = re.search(pattern, self.seen)
            if match:
                text = self.seen[: match.end()]
                self.seen = self.seen[match.end():]
                return text
            if not self._more(deadline):
                raise AssertionError(f"no {pattern!r} in {self.seen!r}")

    def type(self, text):
        os.write(self.fd, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def wait(self, seconds=60):
        """The rest of the output and the exit code (negative: the signal)."""
        deadline = time.monotonic() + seconds
        while self._more(deadline):
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return self.seen, os.waitstatus_to_exitcode(status)

    def _more(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0:
            sys.stderr.write(f"timed out; seen: {self.seen!r}\n")
            return False
        if not select.select([self.fd], [], [], left)[0]:
            return False
        try:
            data = os.read(self.fd, 4096)
        except OSError:  # the other side is closed
            return False
        self.seen += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)
