#include <algorithm>
#include <charconv>
#include <functional>

#include "base/system/terminal.h"
#include "inspect/event_filter.h"
#include "inspect/find_item.h"
#include "projection/folders.h"
#include "projection/past.h"
#include "tools/outpost/access.h"
#include "tools/outpost/describe.h"
#include "tools/outpost/journal_verbs.h"
#include "tools/outpost/moment.h"

namespace outpost::cli {
namespace {

// How often `--follow` looks for news.
constexpr Millis kFollowPause{300};
// More items than a name means by chance.
constexpr std::size_t kItemsMeantMost = 1'000;
// Columns of the table, so that a row is shown as soon as it is found.
constexpr std::size_t kSeqWidth = 4, kWhenWidth = 19, kKindWidth = 17, kOriginWidth = 7, kIdWidth = 32;

// Names of fields, groups or entries: what a line of the log says about its event.
std::string DetailOf(const Json::Object& event) {
  std::string detail;
  for (const char* name :
       {"fields", "groups", "refusals", "settings", "answer", "count", "cursor", "resumed", "problem"}) {
    const Json* member = Find(event, name);
    if (member == nullptr) continue;
    std::string text;
    if (const auto* array = member->array()) {
      for (const auto& element : *array)
        text += (text.empty() ? "" : ",") + (element.text() ? *element.text() : ToLine(element));
    } else {
      text = member->text() ? *member->text() : ToLine(*member);
    }
    detail += (detail.empty() ? "" : " ") + std::string(name) + "=" + text;
  }
  if (const Json* entries = Find(event, "entries")) detail += "entries=" + std::to_string(entries->array()->size());
  return detail;
}

// Adds what only the table of the text form shows.
void AddColumns(Json::Object& event, const Event& read) {
  event.emplace_back("when", TimeText(read.header.time.count()));
  event.emplace_back("detail", DetailOf(event));
}

// The first event that is not before the moment `text` (a sequence, or a time).
Result<Sequence> FromMoment(const JournalView& view, const std::string& text) {
  if (text.empty()) return view.first();
  auto time = ParseTime(text);
  if (!time || text.find('-') == std::string::npos) time = ParseDate(text);
  if (!time || text.find('-') == std::string::npos) return ParseMoment(view, text);
  const auto before = SequenceAt(view, Millis(*time) - Millis(1));
  if (before) return before.assume_value() + 1;
  return before.assume_error().code == Code::kNotFound ? Result<Sequence>(view.first()) : before.assume_error();
}

// The last event that is not after it; 0 where all are.
Result<Sequence> ToMoment(const JournalView& view, const std::string& text) {
  if (text.empty()) return view.last();
  auto seq = ParseMoment(view, text);
  if (!seq && seq.assume_error().code == Code::kNotFound) return Sequence{0};
  return seq;
}

Result<EventFilter> FilterOf(const JournalView& view, const JournalArguments& arguments) {
  EventFilter filter;
  for (const auto& name : arguments.kinds) {
    const auto kind = KindFromName(name);
    if (!kind) return Error{Code::kInvalid, Retry::kNever, "no kind of event is called \"" + name + "\""};
    filter.kinds.insert(*kind);
  }
  for (const auto& name : arguments.origins) {
    const auto size = filter.origins.size();
    for (const Origin origin : {Origin::kUser, Origin::kServer, Origin::kEngine, Origin::kRestore})
      if (name == OriginName(origin)) filter.origins.insert(origin);
    if (filter.origins.size() == size)
      return Error{Code::kInvalid, Retry::kNever, "--origin is user, server, engine or restore"};
  }
  if (!arguments.item.empty()) {
    OUTPOST_TRY(const auto found, FindItems(view, arguments.item, kItemsMeantMost));
    filter.items.emplace();
    for (const FoundItem& one : found) filter.items->insert(one.id);
  }
  if (!arguments.folder.empty()) {
    OUTPOST_TRY(const auto folder, FindFolder(view, arguments.folder));
    filter.folder = folder.id;
  }
  if (!arguments.batch.empty()) {
    filter.batch = BatchId::FromHex(arguments.batch);
    if (!filter.batch) return Error{Code::kInvalid, Retry::kNever, "--batch is an id of 32 hexadecimal digits"};
  }
  if (!arguments.text.empty() && !arguments.content)
    return Error{Code::kInvalid, Retry::kNever, "--text looks into what people wrote: it needs --content"};
  filter.text = arguments.text;
  return filter;
}

// Shows the wanted events of one view after another.
class LogPrinter {
 public:
  // `last`: the largest sequence that is likely.
  LogPrinter(const Common& common, const JournalArguments& arguments, Sequence last)
      : common_(common),
        arguments_(arguments),
        left_(arguments.limit),
        list_(common.form(), {"seq", "when", "kind", "origin", "item", "detail"},
              {std::max(kSeqWidth, std::to_string(last).size()), kWhenWidth, kKindWidth, kOriginWidth, kIdWidth}) {}

  // Those of [from, to], but for the first `skip`. False where nobody wants more.
  Result<bool> Show(const JournalView& view, const EventSieve& sieve, Sequence from, Sequence to, std::uint64_t skip) {
    OUTPOST_TRY(const auto describer, Describer::For(view, arguments_.content ? Contents::kShown : Contents::kHidden));
    EventFolders folders(view);
    Result<void> done = Ok();
    const auto visit = [&](const Event& event) {
      done = One(describer, sieve, folders, event, skip);
      return done && wanted();
    };
    std::optional<std::vector<Sequence>> chosen;
    if (sieve.filter().items) {
      OUTPOST_TRY(chosen, SequencesOf(view, *sieve.filter().items));
    }
    if (!chosen) {
      OUTPOST_TRYV(view.Scan(from, to, visit));
    } else {
      for (const Sequence seq : *chosen) {
        if (seq < from || seq > to) continue;
        OUTPOST_TRY(const auto event, view.Read(seq));
        if (!visit(event)) break;
      }
    }
    OUTPOST_TRYV(std::move(done));
    return wanted();
  }
  void End() {
    if (!arguments_.follow) list_.End("events");
  }

 private:
  bool wanted() const { return left_ > 0 && !OutputBroken(); }

  Result<void> One(const Describer& describer, const EventSieve& sieve, EventFolders& folders, const Event& event,
                   std::uint64_t& skip) {
    OUTPOST_TRY(const bool has, sieve.Has(event, folders));
    if (!has) return Ok();
    if (skip > 0) return --skip, Ok();
    OUTPOST_TRY(const ItemId folder, folders.Of(event));
    auto row = describer.Event(event, folder);
    --left_;
    if (!common_.json) AddColumns(row, event);
    if (!arguments_.follow)
      list_.Row(std::move(row));
    else if (common_.json)
      ShowEvent(common_.form(), row);
    else
      ShowLogLine(row);
    return Ok();
  }

  static void ShowLogLine(const Json::Object& row) {
    std::string line;
    for (const char* name : {"seq", "when", "kind", "origin", "item", "detail"}) {
      const Json* member = Find(row, name);
      const std::string cell = member->text() != nullptr ? *member->text() : member->null() ? "-" : ToLine(*member);
      line += (line.empty() ? "" : "  ") + cell;
    }
    ShowNote(Form::kText, line);
    OutputArrived();
  }

  const Common& common_;
  const JournalArguments& arguments_;
  std::uint64_t left_;
  ListOutput list_;
};

// Further events as they come, until the program is to stop.
Result<void> Follow(ReadAccess& access, const JournalArguments& arguments, EventFilter filter, LogPrinter& printer,
                    Sequence seen, StopRequest& stop) {
  while (!stop.WaitFor(kFollowPause)) {
    auto looked = access.Events();
    if (!looked && looked.assume_error().code == Code::kUnavailable) continue;  // a busy writer
    OUTPOST_TRY(const auto view, std::move(looked));
    if (view->last() <= seen) continue;
    OUTPOST_TRY(const Sequence to, ToMoment(*view, arguments.to));
    OUTPOST_TRY(const auto sieve, EventSieve::Make(*view, filter, std::min(seen + 1, view->first())));
    OUTPOST_TRY(const bool wanted, printer.Show(*view, sieve, seen + 1, std::min(to, view->last()), 0));
    if (!wanted) return Ok();
    seen = view->last();
  }
  return Ok();
}

}  // namespace

Result<int> JournalLog(const Common& common, const JournalArguments& arguments) {
  std::optional<StopRequest> stop;
  if (arguments.follow) {
    stop.emplace();
    UseNoPager();
  }
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(auto view, access->Events());
  OUTPOST_TRY(const auto filter, FilterOf(*view, arguments));
  OUTPOST_TRY(const Sequence asked, FromMoment(*view, arguments.from));
  OUTPOST_TRY(const Sequence asked_to, ToMoment(*view, arguments.to));
  const Sequence from = std::max(asked, view->first()), to = std::min(asked_to, view->last());
  OUTPOST_TRY(const auto sieve, EventSieve::Make(*view, filter, view->first()));
  LastOnes start{from, 0};
  if (arguments.last != ~std::uint64_t{0} && to >= from) {
    EventFolders folders(*view);
    OUTPOST_TRY(start, FindLast(*view, sieve, folders, from, to, arguments.last));
  }
  LogPrinter printer(common, arguments, view->last());
  OUTPOST_TRY(const bool wanted, printer.Show(*view, sieve, start.from, to, start.before));
  const Sequence seen = view->last();
  view.reset();
  if (stop && wanted) OUTPOST_TRYV(Follow(*access, arguments, filter, printer, seen, *stop));
  printer.End();
  return kExitDone;
}

}  // namespace outpost::cli
