#include "tools/outpost/cmd_propose.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>
#include <memory>

#include "base/system/files.h"
#include "engine/occurrence.h"
#include "engine/profile.h"
#include "inspect/proposal.h"
#include "replicator/queue.h"
#include "tools/outpost/access.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

struct ProposalArguments {
  std::string item, start, end, from, message, occurrence;
};

// The appointment that is meant: a day of a series as it takes place, be it that it has no item of its own.
Result<ItemState> Meant(const StateReader& view, const ProposalArguments& arguments) {
  OUTPOST_TRY(const auto id, ParseItemId(arguments.item));
  OUTPOST_TRY(auto item, LoadItem(view, id));
  if (!item || !item->Visible()) return Error{Code::kNotFound, Retry::kNever, "no item " + id.Hex()};
  if (arguments.occurrence.empty()) return std::move(*item);
  const auto day = ParseDate(arguments.occurrence);
  if (!day) return Error{Code::kInvalid, Retry::kNever, "--occurrence: \"" + arguments.occurrence + "\" is no day"};
  OUTPOST_TRY(const auto own, ExceptionOn(view, *item, *day));
  if (own) {
    OUTPOST_TRY(auto exception, LoadItem(view, *own));
    if (exception) return std::move(*exception);
  }
  OUTPOST_TRY(FieldMap fields, ExceptionFields(*item, *day, {}));
  ItemState occurrence;
  occurrence.id = item->id;
  occurrence.type = item->type;
  occurrence.base = std::move(fields);
  return occurrence;
}

Result<Millis> TimeIn(const char* name, const std::string& text) {
  OUTPOST_TRY(const Value value, ParseValueOf(FieldKind::kTime, name, text));
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr) return Error{Code::kInvalid, Retry::kNever, std::string(name) + ": a day or a time"};
  return Millis(*number);
}

// As long as the appointment where only a start is said.
Result<Proposal> ProposalOf(const StateReader& view, const ItemState& item, const ProposalArguments& arguments) {
  Proposal proposal;
  proposal.now = SystemClock().WallNow();
  proposal.message = arguments.message;
  OUTPOST_TRY(proposal.start, TimeIn("--start", arguments.start));
  if (!arguments.end.empty()) {
    OUTPOST_TRY(proposal.end, TimeIn("--end", arguments.end));
  } else {
    const Value start = item.HeadValue(field::kAppointmentStart), end = item.HeadValue(field::kAppointmentEnd);
    const auto *first = std::get_if<std::int64_t>(&start), *last = std::get_if<std::int64_t>(&end);
    proposal.end = proposal.start + Millis(first != nullptr && last != nullptr ? *last - *first : 0);
  }
  proposal.from = arguments.from;
  if (!proposal.from.empty()) return proposal;
  OUTPOST_TRY(const auto own, OwnEntry(view));
  const Field* email = FindField(ItemType::kContact, "email1");
  const Value address = own ? own->HeadValue(email->id) : Value{};
  if (const auto* text = std::get_if<std::string>(&address)) proposal.from = *text;
  return proposal;
}

// A file of this call that goes with it.
class LetterFile {
 public:
  static Result<LetterFile> Write(const std::string& bytes) {
    LetterFile letter;
    OUTPOST_TRY(letter.folder_, MakeTemporaryFolder("outpost-letter-"));
    OUTPOST_TRYV(WriteFileDurably(letter.path(), bytes));
    return letter;
  }
  LetterFile(LetterFile&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}
  LetterFile& operator=(LetterFile&&) = delete;
  ~LetterFile() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  std::filesystem::path path() const { return folder_ / "letter.eml"; }

 private:
  LetterFile() = default;
  std::filesystem::path folder_;
};

Result<int> Propose(const Common& common, const ProposalArguments& arguments) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const std::shared_ptr<const JournalView> view, access->View());
  OUTPOST_TRY(const ItemState item, Meant(*view, arguments));
  OUTPOST_TRY(const Proposal proposal, ProposalOf(*view, item, arguments));
  CalendarWriter writer(
      [&](const std::string& uid) -> Result<std::optional<ItemState>> {
        OUTPOST_TRY(const auto id, FindByUid(*view, uid));
        if (!id) return std::optional<ItemState>{};
        return LoadItem(*view, *id);
      },
      [](const std::string&) { return std::string(); });
  OUTPOST_TRY(const std::string mail, ProposalMail(item, proposal, writer));
  OUTPOST_TRY(const LetterFile letter, LetterFile::Write(mail));
  OUTPOST_TRY(const ItemId sent, access->commands().WriteMail({letter.path(), false, {}}));
  OUTPOST_TRY(const auto now, access->View());
  OUTPOST_TRY(const auto paths, FolderPaths::Load(*now));
  OUTPOST_TRY(const auto written, LoadItem(*now, sent));
  if (written) ShowReport(common.form(), ItemJson(*written, paths));
  return kExitDone;
}

}  // namespace

void AddProposalVerb(Program& program, CLI::App& group) {
  const auto arguments = std::make_shared<ProposalArguments>();
  CLI::App& verb = AddVerb(program, group, "propose", "Propose another time to who invited, by a mail",
                           [arguments](const Common& common) { return Propose(common, *arguments); });
  verb.add_option("ID", arguments->item, "The appointment's id")->required();
  verb.add_option("--start", arguments->start, "When it should begin")->type_name("DAY|TIME")->required();
  verb.add_option("--end", arguments->end, "When it should end; as long as now unless given")->type_name("DAY|TIME");
  verb.add_option("--occurrence", arguments->occurrence, "This day of a series")->type_name("DAY");
  verb.add_option("--message", arguments->message, "What he reads with it")->type_name("TEXT");
  verb.add_option("--from", arguments->from, "The own address; that of the server's directory unless given")
      ->type_name("ADDRESS");
}

}  // namespace outpost::cli
