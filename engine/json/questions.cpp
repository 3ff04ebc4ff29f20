#include "engine/json/questions.h"

#include "engine/consents.h"
#include "engine/settings.h"
#include "projection/account.h"

namespace outpost {
namespace {

// What it is and what it may hold, for people.
std::string About(const KnownSetting& known) {
  std::string about(known.about);
  if (known.settable && known.most > 0)
    about += ", " + std::to_string(known.least) + " to " + std::to_string(known.most);
  if (known.settable && !known.usual.empty()) about += "; " + std::string(known.usual) + " unless set";
  return about;
}

// The travelling fields of one group that the change `seq` carried; none where the change is not kept any more.
Result<FieldMap> FieldsOfChange(const JournalView& view, Sequence seq, GroupId group) {
  const auto event = view.Read(seq);
  if (!event && event.assume_error().code == Code::kNotFound) return FieldMap{};
  if (!event) return event.assume_error();
  if (!IsLocalChange(event.assume_value().header.kind) && !IsRemoteChange(event.assume_value().header.kind))
    return FieldMap{};
  OUTPOST_TRY(const auto body, DecodeChange(event.assume_value().body));
  return FieldsOfGroup(body.patch, group);
}

Json FieldNames(const std::vector<FieldId>& fields) {
  Json::Array names;
  for (const FieldId field : fields) names.emplace_back(FieldName(field));
  return names;
}

}  // namespace

Json GroupsJson(const std::vector<GroupId>& groups) {
  Json::Array names;
  for (const auto group : groups) names.emplace_back(GroupName(group));
  return names;
}

Result<std::vector<Json::Object>> SettingsJson(const JournalView& view) {
  OUTPOST_TRY(const auto settings, ReadSettings(view));
  std::vector<Json::Object> rows;
  for (const auto& known : KnownSettings()) {
    const auto found = settings.find(std::string(known.name));
    rows.push_back({{"name", known.name},
                    {"value", found != settings.end() ? Json(found->second) : Json()},
                    {"default", TextOrNull(std::string(known.usual))},
                    {"about", About(known)}});
  }
  return rows;
}

Result<std::vector<Json::Object>> ConsentsJson(const JournalView& view) {
  OUTPOST_TRY(const std::vector<Question> questions, WaitingQuestions(view));
  std::vector<Json::Object> rows;
  for (const Question& question : questions) {
    Json::Array items;
    for (const auto& item : question.asked.items) items.emplace_back(item.Hex());
    rows.push_back({{"folder", question.path},
                    {"folder_id", question.folder.Hex()},
                    {"deleted", question.asked.own ? "here" : "there"},
                    {"count", question.asked.count},
                    {"held", question.asked.held},
                    {"items", std::move(items)}});
  }
  return rows;
}

Result<Json::Object> LoserJson(const JournalView& view, const ItemState& item, const LoserGroup& loser,
                               const ShowFields& show) {
  OUTPOST_TRY(const auto lost, FieldsOfChange(view, loser.seq, loser.group));
  return Json::Object{{"group", GroupName(loser.group)},
                      {"winner", loser.server_lost ? "local" : "server"},
                      {"winner_seq", loser.rival == 0 ? Json() : Json(loser.rival)},
                      {"loser_seq", loser.seq},
                      {"loser", show(lost)},
                      {"now", show(FieldsOfGroup(item.Head(), loser.group))}};
}

Json::Object UndoJson(const UndoReport& report, const FolderPaths& paths) {
  return {{"item", report.item.Hex()},
          {"way", WayName(report.way)},
          {"moved_to", paths.Of(report.moved_to)},
          {"groups", GroupsJson(report.groups)},
          {"turned", FieldNames(report.turned)},
          {"kept", FieldNames(report.kept)}};
}

}  // namespace outpost
