# SPDX-License-Identifier: GPL-3.0-or-later
"""campaign.py BUILD: random damage to a vault's data.mdb, one at a time, a fresh fsck for each.

Every flipped byte and every replaced page has to be reported, or to lie where nothing is live
(live_bytes.py decides, without the project's code). Some of the damaged vaults are mounted, too,
and read as a whole: no byte may be wrong. Ends with 1 if there was a defect, and then leaves the
vault; with 77 where FUSE cannot be used. A vault is made for each run; a seed chooses the places in
it. A long run can be cut into pieces:

  campaign.py build/release --flips 10000 --pages 0
  campaign.py build/release --flips 10000 --pages 0 --first 10000
"""

import argparse
import collections
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time

import trial
from live_bytes import NAMES, NOTHING, LiveBytes
from vault import Original, Programs


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("build", help="the build folder with the programs")
    parser.add_argument("--flips", type=int, default=20000)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--mib", type=int, default=12, help="size of the content")
    parser.add_argument("--aim", choices=["file", "index"], default="file",
                        help="hit all of the file, or the pages of the trees only")
    parser.add_argument("--mount-sound", type=float, default=1.0,
                        help="share of those without damage that are mounted and read")
    parser.add_argument("--mount-damaged", type=float, default=0.1, help="of the others")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=0, help="stop after these; 0: never")
    parser.add_argument("--scratch", default="/dev/shm")
    return parser.parse_args()


class Campaign:
    def __init__(self, arguments, original):
        self.arguments = arguments
        self.original = original
        self.live = LiveBytes(os.path.join(original.vault, "data.mdb"))
        with open(os.path.join(original.vault, "data.mdb"), "rb") as file:
            self.data = file.read()
        with open(original.older, "rb") as file:
            self.older = file.read()
        self.pages = self.live.index_pages() if arguments.aim == "index" else []
        self.deadline = None

    def cases(self):
        first = self.arguments.first
        flips = [("flip", n) for n in range(first, first + self.arguments.flips)]
        pages = [("page", n) for n in range(first, first + self.arguments.pages)]
        # Mixed, so that a run that is stopped has some of both.
        both = flips + pages
        random.Random(1).shuffle(both)
        return both

    def what_is_hit(self, at, new):
        """The kinds of live bytes that change."""
        kinds = {self.live.kinds[at + i] for i, byte in enumerate(new) if self.data[at + i] != byte}
        return tuple(NAMES[kind] for kind in sorted(kinds - {NOTHING}))

    def try_one(self, bench, what, number):
        at, new, how = trial.change_of(what, number, self.arguments.seed, self.data, self.older,
                                       self.pages)
        hit = self.what_is_hit(at, new)
        bench.put(at, new)
        outcome, passes, kinds, text = bench.check()
        if outcome == trial.MISSED and not hit:
            outcome = trial.HARMLESS
        result = {"what": what, "number": number, "at": at, "how": how, "hit": hit, "mount": None,
                  "outcome": outcome, "passes": passes, "kinds": kinds, "text": text}
        share = (self.arguments.mount_damaged if outcome == trial.REPORTED
                 else self.arguments.mount_sound)
        if random.Random(f"{self.arguments.seed}/mount/{what}/{number}").random() < share:
            worse, result["mount"], text = bench.read()
            if worse:
                result.update(outcome=worse, text=text)
            bench.renew()
        else:
            bench.put(at, self.data[at : at + len(new)])
        return result

    def run_share(self, index, results):
        """Every so manieth case, on a copy of this process's own."""
        where = tempfile.mkdtemp(prefix="bench-", dir=os.path.dirname(self.original.vault))
        bench = trial.Bench(self.original, where)
        for what, number in self.cases()[index :: self.arguments.processes]:
            if self.deadline and time.monotonic() > self.deadline:
                break
            results.put(self.try_one(bench, what, number))
        results.put(None)

    def run(self):
        if self.arguments.minutes:
            self.deadline = time.monotonic() + 60 * self.arguments.minutes
        results = multiprocessing.Queue()
        processes = [
            multiprocessing.Process(target=self.run_share, args=(index, results))
            for index in range(self.arguments.processes)
        ]
        for process in processes:
            process.start()
        running = len(processes)
        while running:
            result = results.get()
            if result is None:
                running -= 1
            else:
                yield result
        for process in processes:
            process.join()


class Summary:
    def __init__(self):
        self.defects = []
        self._count = {}

    def add(self, result):
        self._counter("outcomes of " + ("flips" if result["what"] == "flip" else "pages"))[
            result["outcome"]] += 1
        hit = ", ".join(result["hit"]) or "nothing"
        if result["what"] == "flip":
            self._counter("flips: what was hit, and the outcome")[
                f"{hit}: {result['outcome']}"] += 1
        else:
            live = "live" if result["hit"] else "nothing live"
            self._counter("pages: by what, and the outcome")[
                f"{result['how']} over {live}: {result['outcome']}"] += 1
        if result["outcome"] == trial.REPORTED:
            self._counter("reported by")[", ".join(result["passes"])] += 1
            self._counter("findings")[", ".join(result["kinds"])] += 1
        if result["mount"]:
            self._counter("mounts")[f"{result['outcome']}: {result['mount']}"] += 1
        if result["outcome"] in trial.DEFECTS:
            self.defects.append(result)
            print_defect(result)

    def _counter(self, name):
        return self._count.setdefault(name, collections.Counter())

    def show(self, seconds):
        live = sum(n for name in ("flips", "pages")
                   for outcome, n in self._counter("outcomes of " + name).items()
                   if outcome != trial.HARMLESS)
        missed = sum(defect["outcome"] == trial.MISSED for defect in self.defects)
        total = sum(sum(self._counter("outcomes of " + name).values())
                    for name in ("flips", "pages"))
        for name, counter in self._count.items():
            print(f"\n{name}")
            for what, number in counter.most_common(30):
                print(f"  {number:7}  {what}")
        print(f"\n{total} cases in {seconds:.0f} s; {live} hit something live or were reported, "
              f"{missed} of these were not reported: {100 * (1 - missed / max(1, live)):.3f} %")
        print(f"{len(self.defects)} defects")


def print_defect(result):
    print(f"{result['outcome']}: {result['what']} {result['number']}: {result['how']} at "
          f"{result['at']} (page {result['at'] // trial.PAGE}, byte {result['at'] % trial.PAGE}), "
          f"hit {result['hit']}, mount {result['mount']}\n{result['text'][:2000]}", flush=True)


def main():
    arguments = parse_arguments()
    sys.stdout.reconfigure(line_buffering=True)
    if os.geteuid() != 0 or not os.path.exists("/dev/fuse"):
        print("needs root and /dev/fuse")
        return 77
    scratch = tempfile.mkdtemp(prefix="chainfs-campaign-", dir=arguments.scratch)
    summary = Summary()
    try:
        original = Original(Programs(os.path.abspath(arguments.build)), scratch, arguments.mib)
        campaign = Campaign(arguments, original)
        bench_directory = os.path.join(scratch, "sound")
        os.mkdir(bench_directory)
        sound = trial.Bench(original, bench_directory)
        checked, read = sound.check(), sound.read()
        if checked[0] != trial.MISSED or read[:2] != (None, "read as a whole"):
            print(f"the vault is not sound to begin with: {checked} {read}")
            return 1
        kinds = collections.Counter(campaign.live.kinds)
        print(f"{len(campaign.data)} bytes: " +
              ", ".join(f"{kinds[kind]} of {name}" for kind, name in enumerate(NAMES)))
        start = time.monotonic()
        for result in campaign.run():
            summary.add(result)
        summary.show(time.monotonic() - start)
        return 1 if summary.defects else 0
    finally:
        if summary.defects:
            print(f"left: {scratch}")
        else:
            shutil.rmtree(scratch)


if __name__ == "__main__":
    sys.exit(main())
