// SPDX-License-Identifier: GPL-3.0-or-later
// Many small files, as fast as one thread can ask: the helper of tests/bench/compare.
//
//   small_files create DIRECTORY COUNT   makes COUNT empty files, 1,000 to a directory
//   small_files stat DIRECTORY COUNT     looks at each of them
// Prints the seconds that it took.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr long kFilesInDirectory = 1000;

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

std::string PathOf(const std::string& top, long number) {
  return top + "/" + std::to_string(number / kFilesInDirectory) + "/" + std::to_string(number);
}

void Create(const std::string& top, long count) {
  for (long i = 0; i < count; ++i) {
    if (i % kFilesInDirectory == 0) {
      std::string directory = top + "/" + std::to_string(i / kFilesInDirectory);
      if (mkdir(directory.c_str(), 0755) != 0) Die(directory);
    }
    std::string path = PathOf(top, i);
    int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) Die(path);
    close(fd);
  }
}

void Stat(const std::string& top, long count) {
  struct stat info {};
  for (long i = 0; i < count; ++i) {
    std::string path = PathOf(top, i);
    if (stat(path.c_str(), &info) != 0) Die(path);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: small_files create|stat DIRECTORY COUNT\n");
    return 1;
  }
  const std::string what = argv[1];
  const long count = std::atol(argv[3]);
  const auto start = std::chrono::steady_clock::now();
  if (what == "create") {
    Create(argv[2], count);
  } else {
    Stat(argv[2], count);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%.6f\n", took.count());
  return 0;
}
