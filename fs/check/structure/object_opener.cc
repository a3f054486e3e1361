// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/object_opener.h"

#include <algorithm>
#include <system_error>

#include "fs/file/piece_damage.h"
#include "fs/open_object.h"

namespace chainfs::fs::check {
namespace {

constexpr size_t kTasksPerBatch = 32;

bool IsZero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; });
}

}  // namespace

ObjectOpener::ObjectOpener(const store::Store& store, const crypto::ObjectSealer& sealer,
                           unsigned threads, Handler handler)
    : store_(store), sealer_(sealer), handler_(std::move(handler)) {
  if (threads == 0) threads = std::max(std::thread::hardware_concurrency(), 1u);
  try {
    while (threads_.size() < threads) threads_.emplace_back([this] { Work(); });
  } catch (const std::system_error&) {
  }
}

ObjectOpener::~ObjectOpener() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    to_open_.clear();
  }
  work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ObjectOpener::Submit(ObjectTask task) {
  if (!filling_) filling_ = std::make_unique<Batch>();
  filling_->tasks.push_back(std::move(task));
  if (filling_->tasks.size() == kTasksPerBatch) Send();
}

void ObjectOpener::Finish() {
  if (filling_) Send();
  while (!under_way_.empty()) HandleOldest();
}

void ObjectOpener::Send() {
  std::shared_ptr<Batch> batch = std::move(filling_);
  batch->results.resize(batch->tasks.size());
  if (threads_.empty()) {
    Open(*batch);
    batch->done = true;
    under_way_.push_back(std::move(batch));
    return HandleOldest();
  }
  // Only this thread touches under_way_.
  under_way_.push_back(batch);
  {
    std::lock_guard lock(mutex_);
    to_open_.push_back(std::move(batch));
  }
  work_.notify_one();
  while (under_way_.size() > 2 * threads_.size() + 1) HandleOldest();
}

void ObjectOpener::HandleOldest() {
  const std::shared_ptr<Batch> batch = std::move(under_way_.front());
  under_way_.pop_front();
  {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return batch->done; });
  }
  for (size_t i = 0; i < batch->tasks.size(); ++i) handler_(batch->tasks[i], batch->results[i]);
}

void ObjectOpener::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [&] { return stopping_ || !to_open_.empty(); });
    if (stopping_) return;
    const std::shared_ptr<Batch> batch = std::move(to_open_.front());
    to_open_.pop_front();
    lock.unlock();
    Open(*batch);
    lock.lock();
    batch->done = true;
    done_.notify_one();
  }
}

void ObjectOpener::Open(Batch& batch) const {
  auto txn = store_.BeginRead();
  if (!txn) return;
  Bytes plaintext;
  for (size_t i = 0; i < batch.tasks.size(); ++i) {
    batch.results[i] = Open(*txn, batch.tasks[i], plaintext);
  }
}

ObjectResult ObjectOpener::Open(const store::ReadTxn& txn, const ObjectTask& task,
                                Bytes& plaintext) const {
  const Pointer& pointer = task.piece.pointer;
  plaintext.resize(pointer.length_bytes);
  if (const auto opened = OpenObject(txn, sealer_, task.type, pointer, plaintext); !opened) {
    const ErrorCode code = opened.error().code;
    ObjectResult result;
    result.state = code == ErrorCode::kNotFound ? ObjectState::kMissing
                   : code == ErrorCode::kIo     ? ObjectState::kDiskError
                                                : ObjectState::kNotGenuine;
    if (task.type == ObjectType::kData) {
      const auto damaged = DamagedBlocks(txn, sealer_, task.piece);
      result.damaged = damaged ? *damaged : task.piece.live;
    }
    return result;
  }
  const ByteView zeros(plaintext.data() + task.zero_from, task.zero_to - task.zero_from);
  if (!IsZero(zeros)) return {ObjectState::kNotZero, {}, 0};
  return {ObjectState::kSound, task.wants_content ? plaintext : Bytes(), 0};
}

}  // namespace chainfs::fs::check
