#include <chrono>
#include <cstdlib>

#include "inspect/find_item.h"
#include "inspect/life.h"
#include "projection/past.h"
#include "tools/outpost/journal_reading.h"
#include "tools/outpost/journal_telling.h"

namespace outpost::cli {
namespace {

// The events of a day, UTC.
struct DaySpan {
  Sequence from = 1;
  Sequence to = 0;
};

Result<DaySpan> EventsOfDay(const JournalView& view, const std::string& text) {
  const auto day = ParseDate(text);
  if (!day || text.find('-') == std::string::npos)
    return Error{Code::kInvalid, Retry::kNever, "\"" + text + "\" is no day: YYYY-MM-DD"};
  const Millis begin(*day), end = begin + std::chrono::hours(24);
  const auto last = SequenceAt(view, end - Millis(1));
  if (!last && last.assume_error().code == Code::kNotFound) return DaySpan{};
  OUTPOST_TRY(const Sequence to, last);
  const auto before = SequenceAt(view, begin - Millis(1));
  if (!before && before.assume_error().code != Code::kNotFound) return before.assume_error();
  return DaySpan{before ? before.assume_value() + 1 : view.first(), to};
}

void ShowToldLine(const ToldEvent& told, bool topic) {
  const std::string front = MomentText(told.time) + "  #" + std::to_string(told.seq) + "  ";
  ShowNote(Form::kText, front + (topic && !told.topic.empty() ? told.topic + ": " : "") + told.sentence);
}

}  // namespace

Result<Language> LanguageOf(const JournalArguments& arguments) {
  if (!arguments.language.empty()) {
    if (const auto language = LanguageFromName(arguments.language)) return *language;
    return Error{Code::kInvalid, Retry::kNever, "--language is en, de or fr"};
  }
  for (const char* variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == 0) continue;
    return LanguageFromName(value).value_or(Language::kEnglish);
  }
  return Language::kEnglish;
}

Json::Object ToldJson(const ToldEvent& told) {
  return {{"seq", told.seq},
          {"last", told.last},
          {"count", told.count},
          {"time", told.time.count()},
          {"kind", KindName(told.kind)},
          {"origin", OriginName(told.origin)},
          {"item", told.item ? Json(told.item.Hex()) : Json()},
          {"type", told.type == ItemType::kNone ? Json() : Json(ItemTypeName(told.type))},
          {"key", told.key},
          {"topic", TextOrNull(told.topic)},
          {"sentence", told.sentence}};
}

Result<int> JournalExplain(const Common& common, const JournalArguments& arguments) {
  if (arguments.item.empty() == arguments.day.empty())
    return Error{Code::kInvalid, Retry::kNever, "explain takes an item, or --day YYYY-MM-DD"};
  OUTPOST_TRY(const Language language, LanguageOf(arguments));
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->Events());
  OUTPOST_TRY(const auto narrator, Narrator::For(*view, language, arguments.content));
  ListOutput list(common.form(), {});
  const auto show = [&](const ToldEvent& told, bool topic) {
    if (common.json)
      list.Row(ToldJson(told));
    else
      ShowToldLine(told, topic);
    return OutputArrived();
  };
  if (!arguments.day.empty()) {
    OUTPOST_TRY(const DaySpan span, EventsOfDay(*view, arguments.day));
    OUTPOST_TRYV(
        TellSpan(*view, span.from, span.to, narrator, [&](const ToldEvent& told) { return show(told, true); }));
  } else {
    OUTPOST_TRY(const auto found, FindItems(*view, arguments.item, kNamedMost));
    for (const FoundItem& one : found) {
      OUTPOST_TRY(const auto life, TellItem(*view, one.id, narrator));
      if (found.size() > 1 && !life.empty()) ShowNote(common.form(), life.back().topic);
      for (const ToldEvent& told : life) show(told, false);
    }
  }
  if (common.json) list.End("events");
  return kExitDone;
}

}  // namespace outpost::cli
