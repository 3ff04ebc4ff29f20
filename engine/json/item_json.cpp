#include "engine/json/item_json.h"

#include "schemas/fields.h"

namespace outpost {

Result<ItemId> ParseItemId(std::string_view text) {
  const auto id = ItemId::FromHex(text);
  if (!id || !*id)
    return Error{Code::kInvalid, Retry::kNever, "\"" + std::string(text) + "\" is no id: 32 hexadecimal digits"};
  return *id;
}

Json ToJson(const Value& value) {
  struct Convert {
    Json operator()(std::monostate) const { return {}; }
    Json operator()(const std::vector<std::string>& texts) const { return Json::Array(texts.begin(), texts.end()); }
    Json operator()(const Blob& blob) const { return ToHex(AsBytes(blob.bytes)); }
    Json operator()(const ItemId& id) const { return id.Hex(); }
    Json operator()(const BlobRef& ref) const { return Json::Object{{"blob", ToHex(ref.id)}, {"size", ref.size}}; }
    Json operator()(const std::string& text) const { return text; }
    Json operator()(std::int64_t number) const { return number; }
    Json operator()(bool truth) const { return truth; }
  };
  return std::visit(Convert{}, value);
}

std::string FieldName(FieldId field) {
  const Field* known = FindField(field);
  return known != nullptr ? std::string(known->name) : "field " + std::to_string(field);
}

Json::Object ToJson(const FieldMap& fields) {
  Json::Object object;
  for (const auto& [id, value] : fields) {
    const Field* known = FindField(id);
    if (known != nullptr && known->kind == FieldKind::kId) continue;
    // Of a mail that is what a person sees of it.
    if (known != nullptr && known->merge == Merge::kServer && known->type != ItemType::kMail) continue;
    const auto* number = std::get_if<std::int64_t>(&value);
    if (known != nullptr && known->kind == FieldKind::kDecimal && number != nullptr)
      object.emplace_back(FieldName(id), static_cast<double>(*number) / 100);
    else
      object.emplace_back(FieldName(id), ToJson(value));
  }
  return object;
}

Result<FolderPaths> FolderPaths::Load(const StateReader& state) {
  OUTPOST_TRY(const auto folders, ListFolders(state));
  FolderPaths paths;
  for (const auto& folder : folders) paths.paths_.emplace(folder.id, folder.path);
  return paths;
}

Json FolderPaths::Of(const ItemId& folder) const {
  if (!folder) return {};
  const auto found = paths_.find(folder);
  return found != paths_.end() ? found->second : folder.Hex();
}

Json TextOrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json::Object ItemJson(const ItemState& item, const FolderPaths& paths) {
  return {{"id", item.id.Hex()},
          {"folder", paths.Of(item.Folder())},
          {"type", ItemTypeName(item.type)},
          {"remote_id", TextOrNull(item.remote_id)},
          {"state", ItemStateName(item)},
          {"fields", ToJson(item.Head())}};
}

Json::Object FolderJson(const FolderNode& folder) {
  return {{"id", folder.id.Hex()},
          {"path", folder.path},
          {"name", folder.name},
          {"type", folder.type == ItemType::kNone ? Json() : Json(ItemTypeName(folder.type))},
          {"remote_id", TextOrNull(folder.remote_id)},
          {"total", folder.counts.total},
          {"unread", folder.counts.unread},
          {"bytes", folder.counts.bytes},
          {"changed", folder.newest.seq == 0 ? Json() : Json(folder.newest.time.count())}};
}

}  // namespace outpost
