// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/recovery_key.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <string_view>
#include <vector>

namespace chainfs::crypto {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr uint8_t kNoDigit = 32;
constexpr size_t kGroups = 8;
constexpr size_t kGroupData = 5;
constexpr size_t kGroupSize = kGroupData + 1;
constexpr size_t kDigitCount = kGroups * kGroupSize;
static_assert(kRecoveryKeyBytes * 8 == kGroups * kGroupData * 5);

bool IsSeparator(uint8_t c) { return c == ' ' || c == '-' || c == '\t' || c == '\n' || c == '\r'; }

bool IsLetterOrDigit(uint8_t c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

uint8_t ValueOf(uint8_t c) {
  if (c >= 'a' && c <= 'z') c = static_cast<uint8_t>(c - 'a' + 'A');
  if (c == 'O') c = '0';
  if (c == 'I' || c == 'L') c = '1';
  const size_t value = kDigits.find(static_cast<char>(c));
  return value == std::string_view::npos ? kNoDigit : static_cast<uint8_t>(value);
}

// Times x in GF(32) = GF(2)[x] / (x^5 + x^2 + 1), whose powers x^0 .. x^5 all differ: that is what
// makes a swap visible.
uint8_t TimesX(uint8_t a) { return static_cast<uint8_t>(a & 16 ? (a << 1) ^ 0x25 : a << 1); }

// check = group number + d0 x^5 + d1 x^4 + d2 x^3 + d3 x^2 + d4 x, by Horner's rule.
uint8_t CheckDigit(ByteView data, size_t group) {
  uint8_t sum = 0;
  for (uint8_t digit : data) sum = TimesX(sum ^ digit);
  return static_cast<uint8_t>(sum ^ group);
}

std::vector<size_t> GroupSizes(ByteView text) {
  std::vector<size_t> sizes;
  bool inside = false;
  for (uint8_t c : text) {
    if (IsSeparator(c)) {
      inside = false;
    } else {
      if (!inside) sizes.push_back(0);
      ++sizes.back();
      inside = true;
    }
  }
  return sizes;
}

Error WrongLength(const std::vector<size_t>& sizes, size_t count) {
  if (sizes.size() == kGroups) {
    const size_t group =
        std::ranges::find_if(sizes, [](size_t n) { return n != kGroupSize; }) - sizes.begin();
    return {ErrorCode::kInvalid, "group " + std::to_string(group + 1) +
                                     " of the recovery key has " + std::to_string(sizes[group]) +
                                     " characters instead of 6"};
  }
  return {ErrorCode::kInvalid,
          "a recovery key has 48 characters in 8 groups; this has " + std::to_string(count)};
}

Error WrongGroups(const std::vector<size_t>& groups) {
  std::string names;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (i > 0) names += i + 1 == groups.size() ? " and " : ", ";
    names += std::to_string(groups[i] + 1);
  }
  return {ErrorCode::kInvalid, "there is a typo in group" +
                                   std::string(groups.size() > 1 ? "s " : " ") + names +
                                   " of the recovery key"};
}

}  // namespace

SecretBytes FormatRecoveryKey(const SecretBytes& key) {
  assert(key.size() == kRecoveryKeyBytes);
  SecretBytes digits(kDigitCount);
  MutableByteView digit = digits.mutable_view();
  SecretBytes text(kDigitCount + kGroups - 1);
  uint8_t* out = text.mutable_view().data();
  for (size_t group = 0; group < kGroups; ++group) {
    // Five digits hold 25 bits, most significant first; bit b of the key is bit b % 8 from the top
    // of byte b / 8.
    const MutableByteView at = digit.subspan(group * kGroupSize, kGroupSize);
    for (size_t i = 0; i < kGroupData; ++i) {
      const size_t first_bit = (group * kGroupData + i) * 5;
      for (size_t b = first_bit; b < first_bit + 5; ++b) {
        at[i] = static_cast<uint8_t>(at[i] << 1 | (key.view()[b / 8] >> (7 - b % 8) & 1));
      }
    }
    at[kGroupData] = CheckDigit(at.first(kGroupData), group);
    if (group > 0) *out++ = '-';
    for (uint8_t value : at) *out++ = static_cast<uint8_t>(kDigits[value]);
  }
  return text;
}

Result<SecretBytes> ParseRecoveryKey(ByteView text) {
  const std::vector<size_t> sizes = GroupSizes(text);
  size_t count = 0;
  for (size_t size : sizes) count += size;
  if (count != kDigitCount) return WrongLength(sizes, count);

  SecretBytes digits(kDigitCount);
  uint8_t* next = digits.mutable_view().data();
  for (uint8_t c : text) {
    if (!IsSeparator(c)) *next++ = ValueOf(c);
  }
  SecretBytes key(kRecoveryKeyBytes);
  std::vector<size_t> wrong;
  for (size_t group = 0; group < kGroups; ++group) {
    const ByteView at = digits.view().subspan(group * kGroupSize, kGroupSize);
    if (std::ranges::find(at, kNoDigit) != at.end() ||
        CheckDigit(at.first(kGroupData), group) != at[kGroupData]) {
      wrong.push_back(group);
      continue;
    }
    for (size_t i = 0; i < kGroupData * 5; ++i) {
      const size_t b = group * kGroupData * 5 + i;
      const uint8_t bit = at[i / 5] >> (4 - i % 5) & 1;
      key.mutable_view()[b / 8] |= static_cast<uint8_t>(bit << (7 - b % 8));
    }
  }
  if (!wrong.empty()) return WrongGroups(wrong);
  return key;
}

bool ResemblesRecoveryKey(ByteView text) {
  const auto known = [](uint8_t c) { return IsSeparator(c) || IsLetterOrDigit(c); };
  if (!std::ranges::all_of(text, known)) return false;
  const std::vector<size_t> sizes = GroupSizes(text);
  const auto about = [](size_t n, size_t wanted) { return n + 1 >= wanted && n <= wanted + 1; };
  if (sizes.size() == 1) return about(sizes[0], kDigitCount);
  return sizes.size() == kGroups &&
         std::ranges::all_of(sizes, [&](size_t n) { return about(n, kGroupSize); });
}

}  // namespace chainfs::crypto
