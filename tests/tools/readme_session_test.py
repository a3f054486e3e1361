# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the session that README.md shows, at a terminal, and compares what is seen.

The session is the ```console block. A line "$ command" is typed; the lines below it are what has to
be seen, where "..." stands for anything. A prompt for a passphrase is answered.

Usage: readme_session_test.py DIRECTORY_OF_PROGRAMS"""

import os
import re
import shutil
import sys
import tempfile

from pty_session import Session

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "README.md")
PROMPTS = re.compile(r"^(New passphrase|The same again|Passphrase for .*): $")


def steps(text):
    """[(command, [expected lines])] of the first console block."""
    block = re.search(r"^```console\n(.*?)^```", text, re.M | re.S).group(1)
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line.rstrip())
    return found


def matches(expected, seen):
    parts = [re.escape(part) for part in expected.split("...")]
    return re.fullmatch(".*".join(parts), seen) is not None


def run(shell, command, expected):
    """Types the command, answers prompts, compares. Raises AssertionError."""
    shell.type(command + "; echo \"<exit $?>\"\n")
    seen = ""
    while True:
        seen += shell.expect(r"<exit \d+>\n|(New passphrase|The same again|Passphrase for [^\n]*): ")
        if seen.endswith(": "):
            shell.type("correct horse battery staple\n")
        else:
            break
    lines = [line.rstrip() for line in seen.splitlines()]
    assert lines.pop() == "<exit 0>", f"{command}: {seen}"
    lines = [line for line in lines if "echo \"<exit" not in line and line]
    wanted = [line for line in expected if line]
    for number, line in enumerate(wanted):
        if number < len(lines) and matches(line, lines[number]):
            continue
        shown = lines[number] if number < len(lines) else "(nothing)"
        raise AssertionError(f"{command}\n  README: {line}\n  seen:   {shown}\n{seen}")
    assert len(lines) == len(wanted), f"{command}: more than the README shows:\n{seen}"


def main():
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        print("needs /dev/fuse")
        return 77
    with open(README, encoding="utf-8") as file:
        session = steps(file.read())
    home = tempfile.mkdtemp(prefix="chainfs-readme-")
    env = dict(os.environ, HOME=home, CHAINFS_ANCHORS=home + "/.anchors", PATH=sys.argv[1] + ":" + os.environ["PATH"], PS1="", PS2="",
               TERM="dumb")
    shell = Session(["bash", "--norc", "--noprofile"], env=env, cwd=home)
    shell.type("stty -echo; PS1=; PROMPT_COMMAND=; bind 'set enable-bracketed-paste off'; "
               "echo ready-$((1+1))\n")
    shell.expect("ready-2\n")
    try:
        for command, expected in session:
            run(shell, command, expected)
    finally:
        shell.type("exit\n")
        shell.wait()
        os.system(f"umount -l {home}/* 2>/dev/null")
        shutil.rmtree(home, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
