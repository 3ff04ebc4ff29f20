#include "inspect/find_item.h"
#include "inspect/why.h"
#include "tools/outpost/journal_reading.h"
#include "tools/outpost/journal_telling.h"

namespace outpost::cli {
namespace {

Json FindingJson(const Finding& finding) {
  return Json::Object{{"topic", finding.topic},
                      {"rule", finding.rule},
                      {"sentence", finding.sentence},
                      {"next", TextOrNull(finding.next)},
                      {"events", Json::Array(finding.events.begin(), finding.events.end())},
                      {"other", finding.other ? Json(finding.other->Hex()) : Json()}};
}

Json FateJson(const EditFate& fate) {
  Json::Array fields;
  for (const FieldId id : fate.fields) fields.emplace_back(FieldName(id));
  return Json::Object{{"seq", fate.seq},
                      {"time", fate.time.count()},
                      {"kind", KindName(fate.kind)},
                      {"group", GroupName(fate.group)},
                      {"fields", std::move(fields)},
                      {"fate", fate.fate},
                      {"decided", fate.decided == 0 ? Json() : Json(fate.decided)}};
}

Json WhyJson(const WhyReport& report, const Describer& describer) {
  Json::Array findings, edits, chain;
  for (const Finding& finding : report.findings) findings.push_back(FindingJson(finding));
  for (const EditFate& fate : report.edits) edits.push_back(FateJson(fate));
  for (const ToldEvent& told : report.chain) chain.emplace_back(ToldJson(told));
  const ItemState& item = report.item;
  return Json::Object{{"id", report.id.Hex()},
                      {"type", report.forgotten ? Json() : Json(ItemTypeName(item.type))},
                      {"folder", describer.Folder(report.forgotten ? ItemId{} : item.Folder())},
                      {"state", report.forgotten ? "forgotten" : ItemStateName(item)},
                      {"visible", !report.forgotten && item.Visible()},
                      {"findings", std::move(findings)},
                      {"edits", std::move(edits)},
                      {"chain", std::move(chain)}};
}

void ShowWhy(const WhyReport& report, const Narrator& narrator) {
  const std::string topic =
      report.forgotten ? narrator.Topic(ItemType::kNone, report.id, {}) : narrator.Topic(report.item);
  const std::string state = report.forgotten ? "forgotten" : ItemStateName(report.item);
  ShowNote(Form::kText, topic + " (" + state + ")");
  for (const Finding& finding : report.findings) {
    ShowNote(Form::kText, "  " + finding.topic + ": " + finding.sentence + " [" + finding.rule + "]");
    if (!finding.next.empty()) ShowNote(Form::kText, "    -> " + finding.next);
  }
  for (const ToldEvent& told : report.chain) {
    const bool other = told.item && told.item != report.id;
    ShowNote(Form::kText, "  #" + std::to_string(told.seq) + "  " + MomentText(told.time) + "  " +
                              (other ? told.topic + ": " : "") + told.sentence);
  }
}

}  // namespace

Result<int> JournalWhy(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const Language language, LanguageOf(arguments));
  OUTPOST_TRY(const auto reading, BeginReading(common, arguments));
  OUTPOST_TRY(const auto narrator, Narrator::For(*reading.view, language, arguments.content));
  OUTPOST_TRY(const auto found, FindItems(*reading.view, arguments.item, kNamedMost));
  const WhyContext context{LoadRunRecord(reading.access->place().folder)};
  Json::Array items;
  for (const FoundItem& one : found) {
    OUTPOST_TRY(const auto report, Why(*reading.view, one.id, context, narrator));
    if (common.json)
      items.push_back(WhyJson(report, reading.describer));
    else
      ShowWhy(report, narrator);
  }
  if (common.json) ShowReport(common.form(), {{"found", items.size()}, {"items", std::move(items)}});
  return kExitDone;
}

}  // namespace outpost::cli
