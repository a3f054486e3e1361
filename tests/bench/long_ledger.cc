// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a vault with a long ledger and nothing else, for measuring the commands that read it:
//
//   long_ledger DIRECTORY RECORDS
//
// The header is a word only: such a vault cannot be mounted.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/fs/history/synthetic_ledger.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: long_ledger DIRECTORY RECORDS\n");
    return 2;
  }
  const std::string vault = argv[1];
  std::filesystem::create_directories(vault);
  std::ofstream(vault + "/header.0") << "none";
  chainfs::fs::SyntheticLedger(vault).Append(std::strtoull(argv[2], nullptr, 10) - 1);
}
