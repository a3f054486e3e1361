// SPDX-License-Identifier: GPL-3.0-or-later
// Result<T>: a value, or an Error that says which of the known ways to fail it was.
// The subset of std::expected's interface that chainfs uses (C++20 has none). Values; no threads.
#pragma once

#include <cassert>
#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace chainfs {

// Every way to fail that the data or the world decides. The first group has an errno of its own
// (fs/fuse/errno.cc is the one place that maps it); the second is about whole vaults (tools/).
enum class ErrorCode {
  kNotFound,
  kExists,
  kNotDirectory,
  kIsDirectory,
  kNotEmpty,
  kNameTooLong,
  kInvalid,
  kNotPermitted,
  kAccessDenied,
  kNoAttribute,
  kAttributeTooBig,
  kBufferTooSmall,
  kFileTooBig,
  kTooManyLinks,
  kNoSeekTarget,
  kUnsupported,
  kBusy,
  kWouldWait,  // for the disk, and the caller did not want to
  kStale,
  kCrossDevice,
  kNoSpace,
  kReadOnly,
  kDamaged,
  kIo,
  kNoMemory,
  kNotAVault,
  kUnknownFormat,
  kWrongKey,
  kInUse,
  kUnsafeFilesystem,
  kBadHeader,
  kRollback,  // the vault is older than a head that is remembered
  kFork,      // the vault's history is not the one that is remembered
};

struct Error {
  ErrorCode code;
  std::string message;  // for people: what is wrong and what to do; empty where the code says all
};

// E is Error everywhere but in tools/, where a failure is an exit code and a message.
template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(E error) : state_(std::move(error)) {}
  Result(ErrorCode code) requires std::same_as<E, Error> : state_(Error{code, {}}) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // REQUIRES: has_value().
  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }

  // REQUIRES: !has_value().
  const E& error() const& { return *std::get_if<1>(&state_); }
  E&& error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  Result() = default;
  Result(E error) : error_(std::move(error)) {}
  Result(ErrorCode code) requires std::same_as<E, Error> : error_(Error{code, {}}) {}

  bool has_value() const { return !error_; }
  explicit operator bool() const { return has_value(); }
  const E& error() const& { return *error_; }
  E&& error() && { return std::move(*error_); }

 private:
  std::optional<E> error_;
};

}  // namespace chainfs
