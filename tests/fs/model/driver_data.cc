// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/model/model_driver.h"

namespace chainfs::fs::model {
namespace {}  // namespace

void ModelDriver::GetAttributes() {
  const InodeNumber number = AnyInode();
  Begin("getattr") << number.value;
  auto actual = volume_->GetAttributes(number);
  const Outcome expected = tree_.Has(number) ? Outcome() : Outcome(ErrorCode::kStale);
  if (Agree(expected, actual)) CompareAttributes(number, *actual);
}

void ModelDriver::SetAttributes() {
  const InodeNumber number = AnyInode();
  AttributeChange change;
  if (random_.OneIn(3)) change.mode = static_cast<uint32_t>(random_.Below(010000));
  if (random_.OneIn(4)) change.uid = static_cast<uint32_t>(random_.Below(4));
  if (random_.OneIn(4)) change.gid = static_cast<uint32_t>(random_.Below(4));
  if (random_.OneIn(4)) change.atime = AnyTime();
  if (random_.OneIn(4)) change.mtime = AnyTime();
  if (random_.OneIn(8)) change.ctime = AnyTime();
  if (random_.OneIn(8)) change.size = AnyOffset(number);
  change.kill_suid_sgid = random_.OneIn(6);
  Begin("setattr") << number.value << (change.mode ? " mode" : "") << (change.uid ? " uid" : "")
                   << (change.size ? " size " + std::to_string(*change.size) : "")
                   << (change.kill_suid_sgid ? " kill" : "");
  auto actual = volume_->SetAttributes(number, change);
  if (Agree(tree_.SetAttributes(number, change), actual)) CompareAttributes(number, *actual);
}

void ModelDriver::Truncate() {
  const InodeNumber number = AnyFile();
  AttributeChange change;
  change.size = random_.OneIn(4) ? 0 : AnyOffset(number);
  Begin("truncate") << number.value << ' ' << *change.size;
  auto actual = volume_->SetAttributes(number, change);
  if (Agree(tree_.SetAttributes(number, change), actual)) CompareAttributes(number, *actual);
}

void ModelDriver::SetXattr() {
  const InodeNumber number = AnyInode();
  const std::string name = XattrName();
  if (name.starts_with("system.posix")) return;
  const size_t length = random_.OneIn(4) ? random_.Of<size_t>({0, 1536, 1537, 5000, 65536, 65537})
                                         : random_.Below(200);
  const std::string value = random_.Text(length);
  const auto mode =
      random_.Of({XattrMode::kAny, XattrMode::kAny, XattrMode::kCreate, XattrMode::kReplace});
  Begin("setxattr") << number.value << ' ' << name << ' ' << length;
  auto actual = volume_->SetXattr(number, name, value, mode);
  Agree(tree_.SetXattr(number, name, value, mode), actual);
}

void ModelDriver::SetAcl() {
  const InodeNumber number = AnyInode();
  const bool is_default = random_.OneIn(2);
  const ModelAcl acl = AnyAcl();
  Begin("setacl") << number.value << (is_default ? " default" : "");
  auto actual =
      volume_->SetXattr(number, is_default ? "system.posix_acl_default" : "system.posix_acl_access",
                        acl.Encode(), XattrMode::kAny);
  Agree(tree_.SetAcl(number, is_default, acl), actual);
}

void ModelDriver::GetXattr() {
  const InodeNumber number = AnyInode();
  const std::string name = XattrName();
  Begin("getxattr") << number.value << ' ' << name;
  auto actual = volume_->GetXattr(number, name);
  std::string value;
  if (Agree(tree_.GetXattr(number, name, &value), actual) && *actual != value) {
    Fail("another value");
  }
}

void ModelDriver::RemoveXattr() {
  const InodeNumber number = AnyInode();
  const std::string name = XattrName();
  Begin("removexattr") << number.value << ' ' << name;
  auto actual = volume_->RemoveXattr(number, name);
  Agree(tree_.RemoveXattr(number, name), actual);
}

void ModelDriver::ListXattrs() {
  const InodeNumber number = AnyInode();
  Begin("listxattr") << number.value;
  auto actual = volume_->ListXattrs(number);
  const Outcome expected = tree_.Has(number) ? Outcome() : Outcome(ErrorCode::kStale);
  if (!Agree(expected, actual)) return;
  std::sort(actual->begin(), actual->end());
  if (*actual != tree_.XattrNames(number)) Fail("another list");
}

void ModelDriver::Read() {
  const InodeNumber number = AnyFile();
  if (!tree_.Has(number) || !tree_.at(number).is_regular()) return;
  const uint64_t offset = AnyOffset(number);
  Bytes out(AnyLength(), 0xee);
  Begin("read") << number.value << ' ' << offset << ' ' << out.size();
  auto actual = volume_->Read(number, offset, out);
  if (!Agree({}, actual)) return;
  const std::string expected = tree_.at(number).data.Read(offset, out.size());
  const std::string_view text(reinterpret_cast<const char*>(out.data()), *actual);
  if (text != expected) Fail("other content");
}

void ModelDriver::Write() {
  const InodeNumber number = AnyFile();
  const uint64_t offset = AnyOffset(number);
  const std::string data = random_.Text(AnyLength());
  const bool kill = random_.OneIn(4);
  Begin("write") << number.value << ' ' << offset << ' ' << data.size();
  auto actual = volume_->Write(number, offset, AsBytes(data), kill);
  Agree(tree_.Write(number, offset, data, kill), actual);
}

void ModelDriver::Allocate() {
  const InodeNumber number = AnyFile();
  const uint64_t offset = AnyOffset(number), length = AnyLength();
  const bool keep_size = random_.OneIn(2);
  Begin("allocate") << number.value << ' ' << offset << ' ' << length << ' ' << keep_size;
  auto actual = volume_->Allocate(number, offset, length, keep_size);
  Agree(tree_.Resize(number, offset, length, keep_size, false), actual);
}

void ModelDriver::PunchHole() {
  const InodeNumber number = AnyFile();
  const uint64_t offset = AnyOffset(number), length = AnyLength();
  Begin("punch") << number.value << ' ' << offset << ' ' << length;
  auto actual = volume_->PunchHole(number, offset, length);
  Agree(tree_.Resize(number, offset, length, true, true), actual);
}

void ModelDriver::ZeroRange() {
  const InodeNumber number = AnyFile();
  const uint64_t offset = AnyOffset(number), length = AnyLength();
  const bool keep_size = random_.OneIn(2);
  Begin("zero") << number.value << ' ' << offset << ' ' << length << ' ' << keep_size;
  auto actual = volume_->ZeroRange(number, offset, length, keep_size);
  Agree(tree_.Resize(number, offset, length, keep_size, true), actual);
}

void ModelDriver::Seek() {
  const InodeNumber number = AnyFile();
  if (!tree_.Has(number) || !tree_.at(number).is_regular()) return;
  const ModelData& data = tree_.at(number).data;
  const uint64_t offset = AnyOffset(number);
  const SeekKind kind = random_.Of({SeekKind::kData, SeekKind::kHole});
  Begin("seek") << number.value << ' ' << offset << (kind == SeekKind::kData ? " data" : " hole");
  auto actual = volume_->Seek(number, offset, kind);
  const bool nothing = !actual && actual.error().code == ErrorCode::kNoSeekTarget;
  if (!actual && !nothing) return Fail("seek failed");
  if (offset >= data.size()) {
    if (!nothing) Fail("found something past the end");
  } else if (kind == SeekKind::kData) {
    const uint64_t found = nothing ? data.size() : *actual;
    if (found < offset || data.NextNonZero(offset) < found) Fail("missed data");
  } else if (nothing || *actual < offset || *actual > data.size()) {
    Fail("the end of the file is a hole");
  } else if (*actual < data.size() && data.NextNonZero(*actual) == *actual) {
    Fail("a hole that is not zero");
  }
}

void ModelDriver::CopyRange() {
  const InodeNumber from = AnyFile();
  const InodeNumber to = random_.OneIn(4) ? from : AnyFile();
  const uint64_t from_offset = AnyOffset(from), to_offset = AnyOffset(to), length = AnyLength();
  Begin("copy") << from.value << ' ' << from_offset << ' ' << to.value << ' ' << to_offset << ' '
                << length;
  auto actual = volume_->CopyRange(from, from_offset, to, to_offset, length);
  uint64_t copied;
  const Outcome expected = tree_.CopyRange(from, from_offset, to, to_offset, length, &copied);
  if (Agree(expected, actual) && *actual != copied) Fail("copied another length");
}

void ModelDriver::SyncSomething() {
  if (random_.OneIn(2)) return;
  const InodeNumber number = AnyInode();
  Begin("sync") << number.value;
  auto actual = random_.OneIn(4) ? volume_->Sync() : volume_->SyncInode(number);
  Agree({}, actual);
}

}  // namespace chainfs::fs::model
