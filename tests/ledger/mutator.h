// SPDX-License-Identifier: GPL-3.0-or-later
// Changes inputs the way a fuzzer does, from a fixed seed, so that a failure comes again.
#pragma once

#include <random>
#include <string>

namespace chainfs::ledger {

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  // One to four changes of the text.
  std::string Mutate(std::string text) {
    for (size_t changes = 1 + Below(4); changes > 0; --changes) Change(text);
    return text;
  }
  size_t Below(size_t n) { return random_() % n; }

 private:
  void Change(std::string& text) {
    const size_t at = Below(text.size() + 1);
    const size_t length = Below(1 + std::min<size_t>(text.size() - at, 40));
    switch (Below(7)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << Below(8)));
        break;
      case 1:
        if (at < text.size()) text[at] = static_cast<char>(Below(256));
        break;
      case 2:
        text.insert(at, 1, kTelling[Below(sizeof kTelling)]);
        break;
      case 3:
        text.erase(at, length);
        break;
      case 4:
        text.insert(Below(text.size() + 1), text.substr(at, length));
        break;
      case 5:
        text.resize(at);
        break;
      case 6:
        if (at < text.size()) text[at] = kTelling[Below(sizeof kTelling)];
        break;
    }
  }

  // What means something to one decoder or another.
  static constexpr char kTelling[] = "\n\n\n  +=/0019aAzZ\x00\x01\x7f\x80\xe2\xff";
  std::mt19937_64 random_;
};

}  // namespace chainfs::ledger
