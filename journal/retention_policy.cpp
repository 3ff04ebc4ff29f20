#include "journal/retention_policy.h"

#include "base/bytes.h"
#include "journal/record.h"

namespace outpost::journal {
namespace {

// A checkpoint is made each time so much of what the limits allow has gathered behind the last one: with four, up to
// three quarters of the allowed history are at hand at any time, and restating costs half a live copy a time.
constexpr double kCheckpointsPerHistory = 4.0;
constexpr int kCheckpointsPerKeep = 2;
constexpr std::size_t kFixedBytes = 40;

double Allowed(const RetentionPolicy& policy, std::uint64_t live_bytes) {
  return policy.history_factor * static_cast<double>(live_bytes);
}

}  // namespace

std::string CheckpointKey(Sequence begin) {
  std::string key(kMetaCheckpoint);
  AppendBe64(key, begin);
  return key;
}

std::string CheckpointValue(const CheckpointRecord& record) {
  std::string value;
  AppendBe64(value, record.end);
  AppendBe64(value, static_cast<std::uint64_t>(record.time.count()));
  AppendBe64(value, record.bytes_before);
  AppendBe64(value, record.bytes);
  AppendBe64(value, record.items);
  return value + record.cursor;
}

std::optional<CheckpointRecord> ParseCheckpoint(std::string_view key, std::string_view value) {
  if (key.size() != kMetaCheckpoint.size() + 8 || !key.starts_with(kMetaCheckpoint) || value.size() < kFixedBytes)
    return std::nullopt;
  return CheckpointRecord{ReadBe64(key, kMetaCheckpoint.size()),
                          ReadBe64(value),
                          Millis(static_cast<std::int64_t>(ReadBe64(value, 8))),
                          ReadBe64(value, 16),
                          ReadBe64(value, 24),
                          ReadBe64(value, 32),
                          std::string(value.substr(kFixedBytes))};
}

std::uint64_t Holdings::BytesFrom(Sequence seq) const {
  for (const CheckpointRecord& checkpoint : checkpoints)
    if (checkpoint.begin == seq) return appended_bytes - checkpoint.bytes_before;
  return appended_bytes;
}

bool CheckpointIsDue(const Holdings& holdings, const RetentionPolicy& policy, std::uint64_t live_bytes) {
  const CheckpointRecord* newest = holdings.checkpoints.empty() ? nullptr : &holdings.checkpoints.back();
  // Directly behind a checkpoint stands the gap that it led to: that alone is no news.
  if (holdings.last <= (newest != nullptr ? newest->end + 1 : 0)) return false;
  const Millis since = newest != nullptr ? newest->time : holdings.start;
  if (holdings.now - since >= policy.keep / kCheckpointsPerKeep) return true;
  // Without a checkpoint, what is live stands in the history itself.
  const std::uint64_t held = newest != nullptr ? newest->bytes : live_bytes;
  const std::uint64_t bytes = holdings.BytesFrom(newest != nullptr ? newest->begin : 1);
  const double history = bytes > held ? static_cast<double>(bytes - held) : 0.0;
  return history > Allowed(policy, live_bytes) / kCheckpointsPerHistory;
}

Sequence KeepFrom(const Holdings& holdings, const RetentionPolicy& policy) {
  if (holdings.checkpoints.empty()) return holdings.whole_from;
  const CheckpointRecord& newest = holdings.checkpoints.back();
  const auto allowed = [&](Sequence from, Millis time) {
    const double history = static_cast<double>(holdings.BytesFrom(from) - newest.bytes);
    return holdings.now - time <= policy.keep && history <= Allowed(policy, newest.bytes);
  };
  if (allowed(holdings.whole_from, holdings.start)) return holdings.whole_from;
  for (const CheckpointRecord& checkpoint : holdings.checkpoints)
    if (checkpoint.begin > holdings.whole_from && allowed(checkpoint.begin, checkpoint.time)) return checkpoint.begin;
  return newest.begin;
}

}  // namespace outpost::journal
