#include "tools/outpost/cmd_attach.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "engine/rich_text.h"
#include "journal/blobs.h"
#include "journal/item_fold.h"
#include "projection/items.h"
#include "replicator/rows.h"
#include "tools/outpost/access.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

struct AttachArguments {
  std::string item;
  std::string file;
  std::string name;
  std::string type;
  std::vector<std::string> items;
  std::string save;
  bool remove = false;
};

Json::Object AttachmentJson(const ItemState& attachment) {
  const auto value = [&](FieldId field) { return ToJson(attachment.HeadValue(field)); };
  return {{"id", attachment.id.Hex()},
          {"item", attachment.Folder().Hex()},
          {"remote_id", TextOrNull(attachment.remote_id)},
          {"state", ItemStateName(attachment)},
          {"filename", value(field::kAttachmentName)},
          {"size", value(field::kAttachmentSize)},
          {"type", value(field::kAttachmentType)},
          {"here", !IsNull(attachment.HeadValue(field::kAttachmentContent))}};
}

Result<int> AttachFileTo(const Common& common, const AttachArguments& arguments) {
  OUTPOST_TRY(const auto item, ParseItemId(arguments.item));
  std::error_code failed;
  const auto path = std::filesystem::absolute(arguments.file, failed);
  if (failed) return Error{Code::kInvalid, Retry::kNever, "FILE: " + failed.message()};
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto made, access->commands().Attach(item, {path, arguments.name, arguments.type}));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto attachment, LoadItem(*view, made));
  if (!attachment) return Error{Code::kNotFound, Retry::kNever, "no attachment " + made.Hex()};
  ShowReport(common.form(), AttachmentJson(*attachment));
  return kExitDone;
}

Result<int> Attached(const Common& common, const AttachArguments& arguments) {
  OUTPOST_TRY(const auto item, ParseItemId(arguments.item));
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto known, LoadItem(*view, item));
  if (!known || !known->Visible()) return Error{Code::kNotFound, Retry::kNever, "no item " + item.Hex()};
  ListOutput list(common.form(), {"id", "filename", "size", "type", "state", "here"});
  OUTPOST_TRYV(ForEachItem(*view, item, [&](const ItemState& attachment) {
    if (attachment.type == ItemType::kAttachment) list.Row(AttachmentJson(attachment));
    return true;
  }));
  list.End("attachments");
  return kExitDone;
}

Result<int> Detach(const Common& common, const AttachArguments& arguments) {
  OUTPOST_TRY(const auto id, ParseItemId(arguments.item));
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto attachment, LoadItem(*view, id));
  if (!attachment || !attachment->Visible() || attachment->type != ItemType::kAttachment)
    return Error{Code::kNotFound, Retry::kNever, "no attachment " + id.Hex()};
  OUTPOST_TRYV(access->commands().Delete(id));
  ShowReport(common.form(), {{"detached", id.Hex()}});
  return kExitDone;
}

Result<int> Fetch(const Common& common, const AttachArguments& arguments) {
  std::vector<ItemId> ids;
  for (const auto& text : arguments.items) {
    OUTPOST_TRY(const auto id, ParseItemId(text));
    ids.push_back(id);
  }
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  Json::Array wanted;
  for (const auto& id : ids) {
    OUTPOST_TRY(const auto item, LoadItem(*view, id));
    const auto* source = item && item->Visible() ? field::SourceOf(item->type) : nullptr;
    if (source == nullptr) return Error{Code::kNotFound, Retry::kNever, id.Hex() + " is no attachment and no mail"};
    OUTPOST_TRYV(access->commands().Set(id, {{source->wanted, true}}));
    wanted.emplace_back(id.Hex());
  }
  ShowReport(common.form(), {{"wanted", std::move(wanted)}});
  return kExitDone;
}

Result<int> Photo(const Common& common, const AttachArguments& arguments) {
  OUTPOST_TRY(const auto id, ParseItemId(arguments.item));
  if (!arguments.file.empty() || arguments.remove) {
    std::error_code failed;
    const auto path = std::filesystem::absolute(arguments.file, failed);
    if (failed && !arguments.remove) return Error{Code::kInvalid, Retry::kNever, "--set: " + failed.message()};
    OUTPOST_TRY(const auto place, PlaceOf(common));
    OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
    OUTPOST_TRYV(arguments.remove ? access->commands().Set(id, {{field::kContactPhoto, Value{}}})
                                  : access->commands().SetPhoto(id, path));
  }
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto contact, LoadItem(*view, id));
  if (!contact || !contact->Visible()) return Error{Code::kNotFound, Retry::kNever, "no item " + id.Hex()};
  if (FieldOwner(contact->type) != ItemType::kContact)
    return Error{Code::kInvalid, Retry::kNever, "an item of this type has no photo"};
  const Value photo = contact->HeadValue(field::kContactPhoto);
  const auto* blob = std::get_if<BlobRef>(&photo);
  if (!arguments.save.empty()) {
    if (blob == nullptr) return Error{Code::kNotFound, Retry::kNever, "there is no photo here"};
    return SaveBlob(*view, *blob, arguments.save == "-" ? std::string() : arguments.save);
  }
  ShowReport(common.form(), {{"id", id.Hex()},
                             {"state", ItemStateName(*contact)},
                             {"size", blob != nullptr ? Json(blob->size) : Json()},
                             {"current", !PhotoIsDue(*contact)}});
  return kExitDone;
}

// The item's text with its format.
Result<int> RichText(const Common& common, const AttachArguments& arguments) {
  OUTPOST_TRY(const auto id, ParseItemId(arguments.item));
  if (!arguments.file.empty() || arguments.remove) {
    std::error_code failed;
    const auto path = std::filesystem::absolute(arguments.file, failed);
    if (failed && !arguments.remove) return Error{Code::kInvalid, Retry::kNever, "--set: " + failed.message()};
    OUTPOST_TRY(const auto place, PlaceOf(common));
    OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
    if (arguments.remove) {
      OUTPOST_TRY(const auto before, access->View());
      OUTPOST_TRY(const auto item, LoadItem(*before, id));
      OUTPOST_TRY(const auto text, item ? RichTextOf(*before, *item) : Result<std::optional<ItemState>>(item));
      if (!text) return Error{Code::kNotFound, Retry::kNever, "item " + id.Hex() + " has no formatted text"};
      OUTPOST_TRYV(access->commands().Delete(text->id));
    } else {
      OUTPOST_TRYV(access->commands().Attach(id, {path, "", "", true}));
    }
  }
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto item, LoadItem(*view, id));
  if (!item || !item->Visible()) return Error{Code::kNotFound, Retry::kNever, "no item " + id.Hex()};
  OUTPOST_TRY(const auto text, RichTextOf(*view, *item));
  if (!arguments.save.empty()) {
    const Value content = text ? text->HeadValue(field::kAttachmentContent) : Value{};
    const auto* blob = std::get_if<BlobRef>(&content);
    if (blob == nullptr)
      return Error{Code::kNotFound, Retry::kNever,
                   text ? "its bytes are not here: say \"outpost item fetch " + text->id.Hex() + "\" and sync"
                        : "item " + id.Hex() + " has no formatted text"};
    return SaveBlob(*view, *blob, arguments.save == "-" ? std::string() : arguments.save);
  }
  ShowReport(common.form(), {{"id", id.Hex()}, {"attachment", text ? Json(AttachmentJson(*text)) : Json()}});
  return kExitDone;
}

}  // namespace

Result<int> SaveBlob(const JournalView& view, const BlobRef& blob, const std::string& file) {
  OUTPOST_TRY(const auto reader, BlobsOf(view)->Open(blob));
  constexpr std::size_t kPiece = 65'536;
  std::vector<std::uint8_t> piece(kPiece);
  std::FILE* out = file.empty() ? stdout : std::fopen(file.c_str(), "wbx");
  if (out == nullptr)
    return Error{Code::kUnavailable, Retry::kNever, "the file is there already, or cannot be written"};
  Result<int> ended = kExitDone;
  while (ended) {
    const auto read = reader->Read(piece);
    if (!read) ended = read.error();
    if (!read || read.value() == 0) break;
    if (std::fwrite(piece.data(), 1, read.value(), out) != read.value())
      ended = Error{Code::kUnavailable, Retry::kNever, "the bytes cannot be written"};
  }
  const bool flushed = (out == stdout ? std::fflush(out) : std::fclose(out)) == 0;
  if (ended && !flushed) return Error{Code::kUnavailable, Retry::kNever, "the bytes cannot be written"};
  return ended;
}

void AddAttachmentVerbs(Program& program, CLI::App& group) {
  const auto add = [&](const char* name, const char* about,
                       Result<int> (*verb)(const Common&, const AttachArguments&)) {
    auto arguments = std::make_shared<AttachArguments>();
    CLI::App& added = AddVerb(program, group, name, about,
                              [arguments, verb](const Common& common) { return verb(common, *arguments); });
    return std::pair<CLI::App&, AttachArguments&>(added, *arguments);
  };
  {
    auto [verb, arguments] = add("attach", "Attach a file to an item", AttachFileTo);
    verb.add_option("ID", arguments.item, "The item's id")->required();
    verb.add_option("FILE", arguments.file, "The file; its bytes as they are now")->type_name("FILE")->required();
    verb.add_option("--name", arguments.name, "The name that others see; the file's own");
    verb.add_option("--type", arguments.type, "Such as text/plain; by the ending of the name");
  }
  {
    auto [verb, arguments] = add("attachments", "What is attached to an item", Attached);
    verb.add_option("ID", arguments.item, "The item's id")->required();
  }
  {
    auto [verb, arguments] = add("detach", "Take an attachment away", Detach);
    verb.add_option("ATTACHMENT", arguments.item, "The attachment's id")->required();
  }
  {
    auto [verb, arguments] = add("fetch", "Have the bytes of attachments or mails come with the next sync", Fetch);
    verb.add_option("ID", arguments.items, "Their ids")->required();
  }
  {
    auto [verb, arguments] = add("photo", "The photo of a contact: shown, set, removed or saved", Photo);
    verb.add_option("ID", arguments.item, "The contact's id")->required();
    auto* set = verb.add_option("--set", arguments.file, "An image (JPEG, PNG, GIF or BMP); its bytes as they are now");
    set->type_name("FILE");
    auto* remove = verb.add_flag("--remove", arguments.remove, "Take the photo away");
    auto* save = verb.add_option("--save", arguments.save, "Write it to a new file; - for standard output");
    save->type_name("FILE");
    set->excludes(remove)->excludes(save);
    remove->excludes(save);
  }
  {
    auto [verb, arguments] = add("rich-text", "An item's text with its format: shown, set, removed or saved", RichText);
    verb.add_option("ID", arguments.item, "The item's id")->required();
    auto* set = verb.add_option("--set", arguments.file, "An RTF file; its bytes as they are now");
    set->type_name("FILE");
    auto* remove = verb.add_flag("--remove", arguments.remove, "Leave the plain text alone");
    auto* save = verb.add_option("--save", arguments.save, "Write it to a new file; - for standard output");
    save->type_name("FILE");
    set->excludes(remove)->excludes(save);
    remove->excludes(save);
  }
}

}  // namespace outpost::cli
