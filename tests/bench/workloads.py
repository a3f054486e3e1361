# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured. A workload returns seconds; caches are cold when it starts.

They run in the order of WORKLOADS, each on every system before the next: a later one uses what an
earlier one left (the big file, the unpacked tree)."""

import json
import os
import shutil
import subprocess
import time

MIB = 1 << 20


class Sizes:
    def __init__(self, quick):
        self.file_mib = 256 if quick else 1024
        self.random_ops = 8192 if quick else 32768
        self.files = 10000 if quick else 50000


class Setting:
    """What all workloads share: sizes, the corpus as a tar file, the helper program."""

    def __init__(self, quick, scratch, small_files):
        self.sizes = Sizes(quick)
        self.small_files = small_files
        self.tar = os.path.join(scratch, "corpus.tar")
        folders = ["usr/include"] if quick else ["usr/include", "usr/share/perl"]
        folders = [f for f in folders if os.path.isdir("/" + f)]
        subprocess.run(["tar", "-C", "/", "-cf", self.tar] + folders, check=True)


def timed(argv, **options):
    start = time.monotonic()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, **options)
    return time.monotonic() - start


def write_sequentially(setting, directory):
    block = os.urandom(MIB)
    path = os.path.join(directory, "big")
    start = time.monotonic()
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    for _ in range(setting.sizes.file_mib):
        os.write(fd, block)
    os.fsync(fd)
    os.close(fd)
    return time.monotonic() - start


def read_sequentially(setting, directory):
    buffer = bytearray(MIB)
    start = time.monotonic()
    with open(os.path.join(directory, "big"), "rb", buffering=0) as file:
        total = 0
        while n := file.readinto(buffer):
            total += n
    assert total == setting.sizes.file_mib * MIB
    return time.monotonic() - start


def fio(setting, directory, kind):
    output = subprocess.run(
        ["fio", "--name=x", f"--filename={directory}/big", f"--rw={kind}", "--bs=4k",
         "--ioengine=psync", f"--size={setting.sizes.file_mib}M",
         f"--io_size={setting.sizes.random_ops * 4}k", "--randseed=7", "--invalidate=0",
         "--end_fsync=1", "--allow_file_create=0", "--output-format=json"],
        capture_output=True, text=True, check=True).stdout
    job = json.loads(output[output.index("{"):])["jobs"][0]
    # job_runtime (ms) counts the fsync at the end too.
    return job["job_runtime"] / 1000


def random_read(setting, directory):
    return fio(setting, directory, "randread")


def random_write(setting, directory):
    return fio(setting, directory, "randwrite")


def untar(setting, directory):
    tree = os.path.join(directory, "tree")
    shutil.rmtree(tree, ignore_errors=True)
    os.mkdir(tree)
    return timed(["tar", "-C", tree, "-xf", setting.tar])


def find_and_stat(_setting, directory):
    return timed(["find", os.path.join(directory, "tree"), "-printf", "%s\n"])


def copy_tree(_setting, directory):
    copy = os.path.join(directory, "copy")
    shutil.rmtree(copy, ignore_errors=True)
    return timed(["cp", "-a", os.path.join(directory, "tree"), copy])


def remove_tree(_setting, directory):
    return timed(["rm", "-rf", os.path.join(directory, "copy")])


def small(setting, directory, what):
    top = os.path.join(directory, "small")
    if what == "create":
        shutil.rmtree(top, ignore_errors=True)
        os.mkdir(top)
    output = subprocess.run([setting.small_files, what, top, str(setting.sizes.files)],
                            capture_output=True, text=True, check=True).stdout
    return float(output)


def create_files(setting, directory):
    return small(setting, directory, "create")


def stat_files(setting, directory):
    return small(setting, directory, "stat")


WORKLOADS = [
    ("sequential write + fsync, 1 MiB", write_sequentially),
    ("sequential read, 1 MiB", read_sequentially),
    ("random read, 4 KiB", random_read),
    ("random write, 4 KiB, + fsync", random_write),
    ("untar", untar),
    ("find + stat", find_and_stat),
    ("cp -a", copy_tree),
    ("rm -rf", remove_tree),
    ("create files", create_files),
    ("stat files", stat_files),
]
