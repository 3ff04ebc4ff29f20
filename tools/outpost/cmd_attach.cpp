#include "tools/outpost/cmd_attach.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>
#include <memory>

#include "journal/item_fold.h"
#include "projection/items.h"
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

}  // namespace

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
}

}  // namespace outpost::cli
