#include "engine/run_record.h"

#include <nlohmann/json.hpp>

#include "base/system/files.h"

namespace outpost {
namespace {

using Json = nlohmann::json;

constexpr std::pair<const char*, std::string RunRecord::*> kTexts[] = {{"state", &RunRecord::state},
                                                                       {"last_error", &RunRecord::last_error}};
constexpr std::pair<const char*, std::int64_t RunRecord::*> kTimes[] = {
    {"since", &RunRecord::since},
    {"last_run", &RunRecord::last_run},
    {"last_success", &RunRecord::last_success},
    {"last_error_time", &RunRecord::last_error_time},
    {"next_try", &RunRecord::next_try}};

struct SpeedText {
  const char* name;
  Speed Speeds::*speed;
};
constexpr SpeedText kSpeeds[] = {{"receiving", &Speeds::receiving}, {"sending", &Speeds::sending}};

// What is there and can be read: it is only for guessing.
Speed ReadSpeed(const Json& stored, const char* name) {
  Speed speed;
  const auto found = stored.find(name);
  if (found == stored.end() || !found->is_object()) return speed;
  const auto number = [&](const char* member) {
    const auto at = found->find(member);
    return at != found->end() && at->is_number_unsigned() ? at->get<std::uint64_t>() : 0;
  };
  speed.done = number("done");
  speed.micros = number("micros");
  return speed;
}

std::filesystem::path RecordFile(const std::filesystem::path& account) { return account / "last-run.json"; }

}  // namespace

RunRecord After(const RunRecord& before, const SyncReport& report, Millis now) {
  RunRecord record = before;
  record.state = report.local_failure ? "failed" : LinkStateName(report.link);
  if (record.state != before.state || before.since == 0) record.since = now.count();
  record.last_run = now.count();
  record.next_try = 0;
  if (!report.local_failure && report.link == LinkState::kOnline) record.last_success = now.count();
  if (!report.problem.empty()) {
    record.last_error = report.problem;
    record.last_error_time = now.count();
  }
  return record;
}

std::optional<RunRecord> LoadRunRecord(const std::filesystem::path& account) {
  const auto bytes = ReadFile(RecordFile(account));
  if (!bytes) return std::nullopt;
  const Json stored = Json::parse(bytes.assume_value(), nullptr, false);
  if (!stored.is_object()) return std::nullopt;
  RunRecord record;
  for (const auto& [name, text] : kTexts) {
    const auto found = stored.find(name);
    if (found == stored.end() || !found->is_string()) return std::nullopt;
    record.*text = found->get<std::string>();
  }
  for (const auto& [name, time] : kTimes) {
    const auto found = stored.find(name);
    if (found == stored.end() || !found->is_number_integer()) return std::nullopt;
    record.*time = found->get<std::int64_t>();
  }
  for (const auto& [name, speed] : kSpeeds) record.speeds.*speed = ReadSpeed(stored, name);
  return record;
}

Result<void> SaveRunRecord(const std::filesystem::path& account, const RunRecord& record) {
  Json stored = Json::object();
  for (const auto& [name, text] : kTexts) stored[name] = record.*text;
  for (const auto& [name, time] : kTimes) stored[name] = record.*time;
  for (const auto& [name, speed] : kSpeeds)
    stored[name] = {{"done", (record.speeds.*speed).done}, {"micros", (record.speeds.*speed).micros}};
  return ReplaceFile(RecordFile(account), stored.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace outpost
