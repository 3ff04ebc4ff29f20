#include "replicator/ox/signatures.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "replicator/ox/server_error.h"
#include "schemas/folders.h"

namespace outpost {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kInsertion = "insertion", kContentType = "content-type";
constexpr std::string_view kHtml = "text/html", kPlain = "text/plain";
// By which the server's own web pages know the signatures of mails.
constexpr std::string_view kMailModule = "io.ox/mail";

// Ids and numbers come as either.
std::string ScalarOf(const dom::element& element) {
  std::string_view text;
  std::int64_t number = 0;
  if (!element.get(text)) return std::string(text);
  return element.get(number) ? std::string() : std::to_string(number);
}

std::uint64_t DigestOf(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return (hash ^ 0xFF) * 1099511628211u;
}

void ReadMisc(const dom::element& value, StoredSignature& signature) {
  dom::object misc;
  if (value.is_null()) return;
  signature.misc_is_open = !value.get(misc);
  if (!signature.misc_is_open) return;
  for (const auto [key, member] : misc) {
    std::string_view text;
    const bool is_text = !member.get(text);
    if (key == kInsertion && is_text) {
      signature.fields[field::kSignaturePlacement] = std::string(text);
    } else if (key == kContentType && is_text && (text == kHtml || text == kPlain)) {
      if (text == kHtml) signature.fields[field::kSignatureHtml] = true;
    } else {
      if (!signature.misc.empty()) signature.misc += ',';
      AppendJsonText(signature.misc, key);
      signature.misc += ':' + simdjson::minify(member);
    }
  }
}

bool ReadSignature(const dom::object& object, StoredSignature& signature) {
  std::uint64_t digest = 14695981039346656037u;  // FNV-1a
  const auto take = [&](const dom::element& value, FieldId id) {
    std::string_view text;
    if (value.is_null()) return true;
    if (value.get(text)) return false;
    if (!text.empty()) signature.fields[id] = std::string(text);
    return true;
  };
  bool whole = true;
  for (const auto [key, value] : object) {
    if (key == "id") {
      signature.id = ScalarOf(value);
      continue;
    }
    digest = DigestOf(DigestOf(digest, key), std::string(simdjson::minify(value)));
    bool shared = false;
    if (key == "displayname")
      whole = whole && take(value, field::kSignatureName);
    else if (key == "content")
      whole = whole && take(value, field::kSignatureContent);
    else if (key == "shared" && !value.get(shared) && shared)
      signature.fields[field::kSignatureShared] = true;
    else if (key == "createdby" && !ScalarOf(value).empty())
      signature.fields[field::kSignatureCreatedBy] = "user:" + ScalarOf(value);
    else if (key == "misc")
      ReadMisc(value, signature);
  }
  signature.version = static_cast<std::int64_t>(digest >> 1);
  return whole && !signature.id.empty();
}

bool TakeSignatures(const dom::element& data, std::vector<StoredSignature>& signatures) {
  dom::array list;
  if (data.get(list)) return false;
  for (const dom::element each : list) {
    dom::object object;
    if (each.get(object) || !ReadSignature(object, signatures.emplace_back())) return false;
  }
  return true;
}

RemoteRow SignaturesFolderRow() {
  RemoteRow row;
  row.remote_id = kSignaturesFolder;
  row.folder = kRemotePrivateRoot;
  row.version = kSignaturesState;
  row.type = ItemType::kFolder;
  row.fields[field::kFolderTitle] = std::string("Signatures");
  row.fields[field::kFolderModule] = std::string(ItemTypeName(ItemType::kSignature));
  row.fields[field::kFolderType] = kFolderPrivate;
  return row;
}

std::string RemoteIdOf(const StoredSignature& signature) { return std::string(kSignaturesFolder) + ":" + signature.id; }

std::string SignatureText(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  const auto* text = at != fields.end() ? std::get_if<std::string>(&at->second) : nullptr;
  return text != nullptr ? *text : std::string();
}

bool SignatureTruth(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  return at != fields.end() && at->second == Value(true);
}

}  // namespace

bool IsAboutSignatures(const Ask& ask) { return TypeOf(ask) == ItemType::kSignature; }
bool IsSignatureWrite(const Ask& ask) { return IsAboutSignatures(ask) && IsWrite(ask); }

bool WriteSignatureElement(JsonWriter& json, const char* module, const Ask& ask) {
  const bool tree = module == std::string_view(kSnippetModule) && TypeOf(ask) == ItemType::kFolder;
  if (!tree && !IsAboutSignatures(ask)) return false;
  json.BeginObject().Pair("module", kSnippetModule).Pair("action", "all").Pair("type", "signature").EndObject();
  return true;
}

std::optional<std::string_view> SignatureId(std::string_view remote_id) {
  if (!remote_id.starts_with(kSignaturesFolder)) return std::nullopt;
  remote_id.remove_prefix(kSignaturesFolder.size());
  if (remote_id.size() < 2 || remote_id.front() != ':') return std::nullopt;
  return remote_id.substr(1);
}

std::string WriteSignature(const FieldMap& fields, const StoredSignature* stored, Answer& refused) {
  FieldMap whole = stored != nullptr ? stored->fields : FieldMap{};
  for (const auto& [id, value] : fields) whole[id] = value;
  const bool is_new = stored == nullptr;
  const auto changes = [&](FieldId id) { return is_new || fields.contains(id); };
  JsonWriter json;
  json.BeginObject();
  if (is_new) json.Pair("type", "signature").Pair("module", kMailModule);
  if (changes(field::kSignatureName)) json.Pair("displayname", SignatureText(whole, field::kSignatureName));
  if (changes(field::kSignatureContent)) json.Pair("content", SignatureText(whole, field::kSignatureContent));
  if (changes(field::kSignatureShared)) json.Key("shared").Bool(SignatureTruth(whole, field::kSignatureShared));
  if (changes(field::kSignatureHtml) || changes(field::kSignaturePlacement)) {
    if (!is_new && !stored->misc_is_open) {
      refused.status = AnswerStatus::kRefused;
      refused.code = "not_understood";
      refused.text = "what the signature says of its place and kind is of a shape that this version does not know";
    }
    std::string misc = is_new ? std::string() : stored->misc;
    const auto add = [&](std::string_view key, std::string_view text) {
      if (!misc.empty()) misc += ',';
      AppendJsonText(misc, key);
      misc += ':';
      AppendJsonText(misc, text);
    };
    const std::string placement = SignatureText(whole, field::kSignaturePlacement);
    if (!placement.empty()) add(kInsertion, placement);
    add(kContentType, SignatureTruth(whole, field::kSignatureHtml) ? kHtml : kPlain);
    json.Key("misc").Raw("{" + misc + "}");
  }
  return json.EndObject().Take();
}

bool ReadSignatureList(std::string_view envelope, std::vector<StoredSignature>& signatures) {
  dom::parser parser;
  dom::element root, data;
  if (parser.parse(envelope.data(), envelope.size()).get(root)) return false;
  return !root["data"].get(data) && TakeSignatures(data, signatures);
}

std::optional<std::string> ReadNewSignature(std::string_view envelope) {
  dom::parser parser;
  dom::element root, data;
  if (parser.parse(envelope.data(), envelope.size()).get(root) || root["data"].get(data)) return std::nullopt;
  std::string id = ScalarOf(data);
  return id.empty() ? std::nullopt : std::optional(std::move(id));
}

bool ReadSignatureData(std::string_view data, const Ask& ask, Answer& answer) {
  dom::parser parser;
  dom::element root;
  std::vector<StoredSignature> signatures;
  if (parser.parse(data.data(), data.size()).get(root) || !TakeSignatures(root, signatures)) return false;
  const auto* fetch = std::get_if<ask::Fetch>(&ask);
  const auto wanted = [&](std::string_view id) {
    return fetch == nullptr ||
           std::find(fetch->remote_ids.begin(), fetch->remote_ids.end(), id) != fetch->remote_ids.end();
  };
  if (!IsAboutSignatures(ask)) {
    if (wanted(kSignaturesFolder)) answer.rows.push_back(SignaturesFolderRow());
    return true;
  }
  for (StoredSignature& signature : signatures) {
    std::string id = RemoteIdOf(signature);
    if (fetch == nullptr)
      answer.heads.push_back({std::move(id), signature.version, {}});
    else if (wanted(id))
      answer.rows.push_back({std::move(id), std::string(kSignaturesFolder), signature.version, ItemType::kSignature,
                             std::move(signature.fields)});
  }
  answer.cursor = kSignaturesState;
  return true;
}

}  // namespace outpost
