#include <cstdio>
#include <filesystem>
#include <set>

#include "engine/people.h"
#include "inspect/csv.h"
#include "inspect/find_item.h"
#include "inspect/icalendar.h"
#include "inspect/vcard.h"
#include "journal/blobs.h"
#include "journal/item_fold.h"
#include "projection/past.h"
#include "replicator/queue.h"
#include "tools/outpost/cmd_attach.h"
#include "tools/outpost/journal_reading.h"
#include "tools/outpost/moment.h"

namespace outpost::cli {
namespace {

constexpr std::size_t kNamedItemsMost = 1'000;
constexpr std::uint64_t kPhotoMost = 16u << 20;

bool IsOf(ItemType type, const JournalArguments& arguments) {
  if (arguments.vcf) return FieldOwner(type) == ItemType::kContact;
  if (arguments.ics) return type == ItemType::kAppointment || type == ItemType::kTask;
  return !arguments.eml || type == ItemType::kMail;
}

// What goes out, one item after another.
class Exporter {
 public:
  Exporter(const Reading& reading, const JournalArguments& arguments)
      : reading_(reading),
        arguments_(arguments),
        calendar_([this](const std::string& uid) { return SeriesWith(uid); },
                  [this](const std::string& who) { return MailOf(who); }) {}

  Result<void> Begin() {
    OUTPOST_TRY(paths_, FolderPaths::Load(*reading_.view));
    if (arguments_.ics) Put(calendar_.Begin());
    return Ok();
  }

  Result<void> One(const ItemState& item) {
    if (!IsOf(item.type, arguments_)) return Ok();
    if (arguments_.vcf) return Card(item);
    if (arguments_.csv) return Csv(item);
    if (arguments_.eml) return Mail(item);
    if (arguments_.ics) {
      OUTPOST_TRY(const std::string text, calendar_.Add(item));
      if (text.empty())
        ++left_out_;
      else
        Put(text);
      return Ok();
    }
    Json::Object row = ItemJson(item, paths_);
    if (!arguments_.content)
      for (auto& [name, member] : row) {
        if (name == "folder") member = reading_.describer.Folder(item.Folder());
        if (name == "fields") member = reading_.describer.Fields(item.Head());
      }
    Put(ToLine(row) + "\n");
    return Ok();
  }

  void End() {
    if (arguments_.ics) Put(calendar_.End());
    if (left_out_ > 0)
      ShowError(std::to_string(left_out_) +
                " items have no place in this format, or what they are is not here: left out");
  }

 private:
  static void Put(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

  Result<void> Card(const ItemState& item) {
    std::optional<std::string> photo;
    const Value value = item.HeadValue(field::kContactPhoto);
    if (const auto* blob = std::get_if<BlobRef>(&value); blob != nullptr && blob->size <= kPhotoMost) {
      OUTPOST_TRY(photo, BytesOf(*blob));
    }
    const auto card = ToVCard(item, arguments_.vcard4 ? VCardVersion::k4 : VCardVersion::k3, photo);
    if (!card) return ++left_out_, Ok();
    Put(*card);
    return Ok();
  }

  Result<std::string> BytesOf(const BlobRef& blob) const {
    OUTPOST_TRY(const auto reader, BlobsOf(*reading_.view)->Open(blob));
    std::string bytes(static_cast<std::size_t>(blob.size), '\0');
    std::size_t at = 0;
    while (at < bytes.size()) {
      const std::span<std::uint8_t> rest(reinterpret_cast<std::uint8_t*>(bytes.data()) + at, bytes.size() - at);
      OUTPOST_TRY(const std::size_t read, reader->Read(rest));
      if (read == 0) break;
      at += read;
    }
    bytes.resize(at);
    return bytes;
  }

  Result<void> Csv(const ItemState& item) {
    if (type_ == ItemType::kNone) {
      type_ = item.type;
      Put(CsvHeader(type_));
    }
    if (FieldOwner(item.type) != FieldOwner(type_))
      return Error{Code::kInvalid, Retry::kNever, "a table has items of one type: choose it with --type or --folder"};
    const Json path = paths_.Of(item.Folder());
    Put(CsvRow(item, path.text() != nullptr ? *path.text() : std::string()));
    return Ok();
  }

  Result<void> Mail(const ItemState& item) {
    const Value source = item.HeadValue(field::kMailSource);
    const auto* blob = std::get_if<BlobRef>(&source);
    if (blob == nullptr) return ++left_out_, Ok();
    if (arguments_.out.empty() && ++to_output_ > 1)
      return Error{Code::kInvalid, Retry::kNever, "several mails go to a folder: --out DIR"};
    const std::string file =
        arguments_.out.empty() ? "" : (std::filesystem::path(arguments_.out) / (item.id.Hex() + ".eml")).string();
    OUTPOST_TRYV(SaveBlob(*reading_.view, *blob, file));
    return Ok();
  }

  Result<std::optional<ItemState>> SeriesWith(const std::string& uid) const {
    OUTPOST_TRY(const auto id, FindByUid(*reading_.view, uid));
    if (!id) return std::optional<ItemState>{};
    return LoadItem(*reading_.view, *id);
  }

  std::string MailOf(const std::string& who) const {
    const auto id = FindByRemoteId(*reading_.view, ItemType::kPerson, who);
    if (!id || !id.assume_value()) return {};
    const auto person = LoadItem(*reading_.view, *id.assume_value());
    if (!person || !person.assume_value()) return {};
    const Value mail = person.assume_value()->HeadValue(field::kPersonMail);
    const auto* text = std::get_if<std::string>(&mail);
    return text != nullptr ? *text : std::string();
  }

  const Reading& reading_;
  const JournalArguments& arguments_;
  CalendarWriter calendar_;
  FolderPaths paths_;
  ItemType type_ = ItemType::kNone;
  std::uint64_t left_out_ = 0;
  std::uint64_t to_output_ = 0;
};

Result<void> CheckFormat(const JournalArguments& arguments) {
  const int formats =
      int(arguments.ndjson) + int(arguments.ics) + int(arguments.vcf) + int(arguments.eml) + int(arguments.csv);
  if (formats != 1) return Error{Code::kInvalid, Retry::kNever, "one of --ndjson, --ics, --vcf, --eml, --csv says how"};
  if (!arguments.content && !arguments.ndjson)
    return Error{Code::kInvalid, Retry::kNever, "this format is nothing but what people wrote: it needs --content"};
  if (!arguments.out.empty() && !arguments.eml)
    return Error{Code::kInvalid, Retry::kNever,
                 "--out is where --eml puts its files; all else goes to standard output"};
  return Ok();
}

// Calls `visit` for what the arguments choose, folder by folder.
Result<void> EachChosen(const JournalView& view, const JournalArguments& arguments, const ItemFn& visit) {
  if (!arguments.item.empty()) {
    OUTPOST_TRY(const auto found, FindItems(view, arguments.item, kNamedItemsMost));
    for (const FoundItem& one : found)
      if (one.item && !visit(*one.item)) break;
    return Ok();
  }
  OUTPOST_TRY(auto folders, ListFolders(view));
  if (!arguments.folder.empty()) {
    OUTPOST_TRY(auto folder, FindFolder(view, arguments.folder));
    folders = {std::move(folder)};
  }
  std::optional<Past> past;
  if (!arguments.at.empty()) {
    OUTPOST_TRY(const Sequence at, ParseMoment(view, arguments.at));
    OUTPOST_TRY(auto opened, Past::Open(view, at));
    past.emplace(std::move(opened));
  }
  bool wanted = true;
  const auto until = [&](const ItemState& item) { return wanted = visit(item); };
  for (const FolderNode& folder : folders) {
    if (!wanted) break;
    OUTPOST_TRYV(past ? past->ForEachItem(folder.id, until) : ForEachItem(view, folder.id, until));
  }
  return Ok();
}

}  // namespace

Result<int> JournalExport(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRYV(CheckFormat(arguments));
  std::optional<ItemType> type;
  if (!arguments.type.empty()) {
    type = ItemTypeFromName(arguments.type);
    if (!type) return Error{Code::kInvalid, Retry::kNever, "there is no type \"" + arguments.type + "\""};
  }
  OUTPOST_TRY(const auto reading, BeginReading(common, arguments));
  Exporter exporter(reading, arguments);
  OUTPOST_TRYV(exporter.Begin());
  Result<void> written = Ok();
  OUTPOST_TRYV(EachChosen(*reading.view, arguments, [&](const ItemState& item) {
    if (type && item.type != *type) return true;
    written = exporter.One(item);
    return written && !OutputBroken();
  }));
  OUTPOST_TRYV(std::move(written));
  exporter.End();
  return kExitDone;
}

}  // namespace outpost::cli
