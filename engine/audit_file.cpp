#include "engine/audit_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/system/files.h"
#include "replicator/queue.h"

namespace outpost {
namespace {

using Json = nlohmann::json;

// Two lines: what was found, and what to go on from, which is long where much is undecided.
std::filesystem::path AuditFile(const std::filesystem::path& account) { return account / "audit.json"; }

// What is counted of events; the rest of a report is of the stored rows, and made anew each time.
constexpr std::pair<const char*, std::uint64_t AuditReport::*> kCounts[] = {
    {"edits", &AuditReport::edits},
    {"pairs", &AuditReport::pairs},
    {"twice_decided", &AuditReport::twice_decided},
    {"stray_outcomes", &AuditReport::stray_outcomes},
    {"overruled", &AuditReport::overruled},
    {"losers_settled", &AuditReport::losers_settled},
    {"losers_before", &AuditReport::losers_before},
    {"batches", &AuditReport::batches},
    {"batches_closed", &AuditReport::batches_closed},
    {"batches_resumed", &AuditReport::batches_resumed}};

Json TrailJson(const AuditTrail& trail) {
  Json json{{"at", trail.at}, {"mark", trail.mark}};
  for (const auto& [name, count] : kCounts) json["counts"][name] = trail.counted.*count;
  for (const auto& [kind, count] : trail.counted.outcomes) json["outcomes"][OutcomeName(kind)] = count;
  json["undecided"] = Json::array();
  for (const auto& [seq, edit] : trail.undecided)
    json["undecided"].push_back({seq, edit.item.Hex(), edit.op.Hex(), edit.groups});
  json["findings"] = Json::array();
  for (const AuditFinding& finding : trail.counted.findings)
    json["findings"].push_back({finding.what, finding.seq, finding.item.Hex(), finding.group});
  return json;
}

ItemId ItemIn(const Json& hex) { return ItemId::FromHex(hex.get<std::string>()).value_or(ItemId{}); }

// Throws what nlohmann/json throws where something is missing or of another type.
AuditTrail TrailIn(const Json& json) {
  AuditTrail trail;
  trail.at = json.at("at").get<Sequence>();
  trail.mark = json.at("mark").get<std::string>();
  for (const auto& [name, count] : kCounts) trail.counted.*count = json.at("counts").at(name).get<std::uint64_t>();
  for (auto& [kind, count] : trail.counted.outcomes)
    count = json.at("outcomes").at(OutcomeName(kind)).get<std::uint64_t>();
  for (const Json& edit : json.at("undecided"))
    trail.undecided.emplace(
        edit.at(0).get<Sequence>(),
        UndecidedEdit{ItemIn(edit.at(1)), OpId::FromHex(edit.at(2).get<std::string>()).value_or(OpId{}),
                      edit.at(3).get<std::vector<GroupId>>()});
  for (const Json& finding : json.at("findings"))
    trail.counted.Add({finding.at(0).get<AuditFinding::What>(), finding.at(1).get<Sequence>(), ItemIn(finding.at(2)),
                       finding.at(3).get<GroupId>()});
  return trail;
}

// An empty one where there is none that can be read.
AuditTrail LoadTrail(const std::filesystem::path& account) {
  const auto bytes = ReadFile(AuditFile(account));
  if (!bytes) return {};
  try {
    return TrailIn(Json::parse(bytes.assume_value().substr(bytes.assume_value().find('\n') + 1)));
  } catch (const Json::exception&) {
    return {};
  }
}

Result<void> Follow(const Journal& journal, const std::filesystem::path& account, const std::function<bool()>& stop,
                    Log& log) {
  const auto view = journal.View();
  AuditTrail trail = LoadTrail(account);
  OUTPOST_TRY(const bool level, trail.Follow(*view, stop));
  if (!level) return Ok();
  Sequence first = 0;
  OUTPOST_TRY(const std::vector<ItemId> queued, QueuedItems(*view, first, ~std::size_t{0}, first));
  OUTPOST_TRY(const AuditReport report, CompareWaiting(*view, trail, queued));
  if (!report.sound())
    log.Write(LogLevel::kError, "engine",
              "the audit up to event " + std::to_string(trail.at) + " found " +
                  std::to_string(report.edits_without_outcome) + " edits without outcome, " +
                  std::to_string(report.twice_decided) + " decided twice, " + std::to_string(report.still_pending) +
                  " decided and still pending, " + std::to_string(report.stray_outcomes) +
                  " outcomes of no edit: see outpost journal audit");
  const Json found{
      {"at", trail.at}, {"edits_without_outcome", report.edits_without_outcome}, {"sound", report.sound()}};
  return WriteFileDurably(AuditFile(account), found.dump() + "\n" + TrailJson(trail).dump() + "\n");
}

}  // namespace

void FollowAudit(const Journal& journal, const std::filesystem::path& account, const std::function<bool()>& stop,
                 Log& log) {
  if (const auto done = Follow(journal, account, stop, log); !done)
    log.Write(LogLevel::kWarning, "engine", "the audit is behind: " + done.error().context);
}

std::optional<AuditSummary> LoadAuditSummary(const std::filesystem::path& account) {
  const auto bytes = ReadFile(AuditFile(account));
  if (!bytes) return std::nullopt;
  try {
    const Json found = Json::parse(bytes.assume_value().substr(0, bytes.assume_value().find('\n')));
    return AuditSummary{found.at("at").get<Sequence>(), found.at("edits_without_outcome").get<std::uint64_t>(),
                        found.at("sound").get<bool>()};
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace outpost
