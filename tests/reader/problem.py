# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with what is being read: the one exception of the reader, and how it ends."""

import sys


class Problem(Exception):
    pass


def run(body):
    """Runs a program; a problem is one line on stderr and exit code 1."""
    try:
        body()
    except Problem as problem:
        print(f"FALSE: {problem}", file=sys.stderr)
        sys.exit(1)
