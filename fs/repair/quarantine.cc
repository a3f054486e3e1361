// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/quarantine.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "crypto/base/byte_order.h"

namespace chainfs::fs::repair {
namespace {

Error SystemError(int number, const std::string& path) {
  ErrorCode code = ErrorCode::kIo;
  if (number == EEXIST) code = ErrorCode::kExists;
  if (number == ENOSPC || number == EDQUOT) code = ErrorCode::kNoSpace;
  if (number == EACCES || number == EPERM || number == EROFS) code = ErrorCode::kAccessDenied;
  if (number == ENOENT) code = ErrorCode::kNotFound;
  return {code, "cannot write the quarantine file " + path + ": " + std::strerror(number)};
}

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

}  // namespace

Result<QuarantineFile> QuarantineFile::Create(const std::string& path, const VolumeId& volume_id,
                                              Sequence record) {
  store::Descriptor fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return SystemError(errno, path);
  QuarantineFile file(path, std::move(fd));
  Bytes header;
  Writer writer(header);
  writer.Raw(AsBytes(kQuarantineMagic));
  writer.Int(kQuarantineVersion);
  writer.Int(uint32_t{0});
  writer.Raw(volume_id);
  writer.Int(record.value);
  if (auto written = file.Write(header); !written) {
    file.Remove();
    return std::move(written).error();
  }
  return file;
}

Result<void> QuarantineFile::Write(ByteView bytes) {
  hasher_->Update(bytes);
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError(errno, path_);
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return {};
}

Result<void> QuarantineFile::WriteEntry(QuarantineKind kind, ByteView key, ByteView bytes,
                                        uint64_t record) {
  Bytes head;
  Writer writer(head);
  writer.Int(static_cast<uint8_t>(kind));
  writer.Int(static_cast<uint8_t>(key.size()));
  writer.Int(uint16_t{0});
  writer.Int(static_cast<uint32_t>(bytes.size()));
  writer.Int(record);
  writer.Raw(key);
  if (auto written = Write(head); !written) return written;
  return Write(bytes);
}

Result<void> QuarantineFile::Append(QuarantineKind kind, ByteView key, ByteView bytes,
                                    Sequence record) {
  ++entries_;
  return WriteEntry(kind, key, bytes, record.value);
}

Result<Digest> QuarantineFile::Finish() {
  auto ended = WriteEntry(QuarantineKind::kEnd, {}, {}, entries_);
  if (!ended) return std::move(ended).error();
  if (::fsync(fd_.get()) != 0) return SystemError(errno, path_);
  const store::Descriptor folder(
      ::open(FolderOf(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return SystemError(errno, path_);
  return hasher_->Finish();
}

void QuarantineFile::Remove() { (void)::unlink(path_.c_str()); }

}  // namespace chainfs::fs::repair
