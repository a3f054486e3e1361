# SPDX-License-Identifier: GPL-3.0-or-later
"""The layering check finds what it is for, and nothing else."""

import os
import subprocess
import sys
import tempfile
import unittest

CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check")


class LayeringCheckTest(unittest.TestCase):
    def check(self, path, *lines):
        """Output and exit code for a tree of one file."""
        with tempfile.TemporaryDirectory() as top:
            full = os.path.join(top, path)
            os.makedirs(os.path.dirname(full))
            with open(full, "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
            result = subprocess.run([sys.executable, "-B", CHECK, top], capture_output=True,
                                    text=True, check=False)
            return result.stdout, result.returncode

    def allowed(self, path, line):
        output, code = self.check(path, line)
        self.assertEqual(code, 0, output)

    def refused(self, path, line, reason):
        output, code = self.check(path, "// first", line)
        self.assertEqual(code, 1, output)
        self.assertIn(f"{path}:2: ", output)
        self.assertIn(reason, output)

    def test_includes_to_the_right_are_allowed(self):
        self.allowed("tools/mount/a.cc", '#include "fs/fuse/service.h"')
        self.allowed("fs/fuse/a.cc", '#include "fs/volume.h"')
        self.allowed("fs/tree/a.cc", '#include "ledger/record.h"')
        self.allowed("fs/commit/a.cc", '#include "fs/store/store.h"')
        self.allowed("ledger/a.cc", '#include "crypto/sha256.h"')
        self.allowed("crypto/a.cc", "#include <openssl/evp.h>")
        self.allowed("fs/store/a.cc", "#include <lmdb.h>")
        self.allowed("fs/fuse/library.h", "#include <fuse_lowlevel.h>")
        self.allowed("crypto/a.cc", "#include <sys/mman.h>")

    def test_includes_to_the_left_are_refused(self):
        self.refused("crypto/a.cc", '#include "ledger/record.h"', "must not include ledger")
        self.refused("ledger/a.cc", '#include "fs/types.h"', "must not include fs")
        self.refused("fs/store/a.h", '#include "fs/types.h"', "must not include fs")
        self.refused("fs/store/a.h", '#include "ledger/record.h"', "must not include ledger")
        self.refused("fs/tree/a.cc", '#include "fs/fuse/service.h"', "must not include fs/fuse")
        self.refused("fs/volume.cc", '#include "tools/common/terminal.h"', "must not include tools")

    def test_foreign_libraries_have_one_user_each(self):
        self.refused("fs/tree/a.cc", "#include <openssl/sha.h>", "openssl")
        self.refused("ledger/a.cc", "#  include <argon2.h>", "argon2")
        self.refused("fs/volume.cc", "#include <lmdb.h>", "lmdb")
        self.refused("tools/mount/main.cc", "#include <fuse_lowlevel.h>", "fuse_lowlevel")
        self.refused("tools/mount/main.cc", "#include <fuse3/fuse.h>", "fuse3/fuse.h")
        self.refused("fs/types.h", "#include <nlohmann/json.hpp>", "nlohmann")

    def test_layers_that_do_not_log_have_no_log(self):
        for path in ("crypto/a.cc", "ledger/a.cc", "fs/store/a.cc", "fs/commit/a.cc"):
            self.refused(path, "#include <spdlog/spdlog.h>", "spdlog")

    def test_rooms_of_the_checker_are_entered_from_the_checker_only(self):
        self.allowed("fs/check/check.cc", '#include "fs/check/ledger/history.h"')
        self.allowed("fs/check/objects/a.h", '#include "fs/check/ledger/history.h"')
        self.allowed("fs/check/structure/a.cc", '#include "fs/check/finding.h"')
        for path in ("fs/volume.cc", "tools/fsck/a.cc", "fs/check/structure/a.cc"):
            self.refused(path, '#include "fs/check/ledger/history.h"', "must not look into")
        self.refused("fs/check/ledger/a.cc", '#include "fs/check/objects/lives.h"', "look into")

    def test_headers_are_named_from_the_top(self):
        self.refused("fs/volume.cc", '#include "volume.h"', "from the top")

    def test_every_offence_is_told(self):
        output, code = self.check("crypto/a.cc", "#include <lmdb.h>", "#include <spdlog/spdlog.h>")
        self.assertEqual((output.count("\n"), code), (2, 1))


if __name__ == "__main__":
    unittest.main()
