#include "care/manifest.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "base/system/crypto.h"

namespace outpost {
namespace {

using Json = nlohmann::json;

Error Bad(const std::string& what) { return {Code::kCorrupt, Retry::kNever, "the backup's manifest " + what}; }

Result<std::uint64_t> Number(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_unsigned()) return Bad(std::string("has no number \"") + name + "\"");
  return found->get<std::uint64_t>();
}

Result<std::string> Text(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return Bad(std::string("has no text \"") + name + "\"");
  return found->get<std::string>();
}

Result<Digest> Hash(const Json& object, const char* name) {
  OUTPOST_TRY(const std::string hex, Text(object, name));
  const auto bytes = ParseHex(hex);
  Digest digest;
  if (!bytes || bytes->size() != digest.size()) return Bad(std::string("has no hash \"") + name + "\"");
  std::memcpy(digest.data(), bytes->data(), digest.size());
  return digest;
}

std::string Dumped(const Json& object) { return object.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string EncodeManifest(const BackupManifest& manifest) {
  Json files = Json::array();
  for (const ArchivedFile& file : manifest.files)
    files.push_back({{"name", file.name}, {"bytes", file.bytes}, {"sha256", ToHex(file.sha256)}});
  Json object{{"format", kBackupFormat},
              {"account", manifest.account},
              {"time", static_cast<std::uint64_t>(manifest.time.count())},
              {"encrypted", manifest.encrypted},
              {"first", manifest.first},
              {"last", manifest.last},
              {"root", ToHex(manifest.root)},
              {"files", std::move(files)}};
  object["sha256"] = ToHex(Sha256Of(Dumped(object)));
  return Dumped(object) + "\n";
}

Result<BackupManifest> DecodeManifest(std::string_view bytes) {
  const Json object = Json::parse(bytes, nullptr, false);
  if (!object.is_object()) return Bad("is no JSON object");
  OUTPOST_TRY(const auto format, Number(object, "format"));
  if (format > kBackupFormat)
    return Error{Code::kNewerFormat, Retry::kNever,
                 "the backup has format " + std::to_string(format) + ", this program knows formats up to " +
                     std::to_string(kBackupFormat)};
  BackupManifest manifest;
  OUTPOST_TRY(manifest.account, Text(object, "account"));
  OUTPOST_TRY(const auto time, Number(object, "time"));
  manifest.time = Millis(static_cast<std::int64_t>(time));
  manifest.encrypted = object.value("encrypted", Json()) == Json(true);
  OUTPOST_TRY(manifest.first, Number(object, "first"));
  OUTPOST_TRY(manifest.last, Number(object, "last"));
  OUTPOST_TRY(manifest.root, Hash(object, "root"));
  const auto files = object.find("files");
  if (files == object.end() || !files->is_array()) return Bad("lists no files");
  for (const Json& entry : *files) {
    ArchivedFile file;
    OUTPOST_TRY(file.name, Text(entry, "name"));
    OUTPOST_TRY(file.bytes, Number(entry, "bytes"));
    OUTPOST_TRY(file.sha256, Hash(entry, "sha256"));
    manifest.files.push_back(std::move(file));
  }
  OUTPOST_TRY(const Digest hash, Hash(object, "sha256"));
  Json rest = object;
  rest.erase("sha256");
  if (Sha256Of(Dumped(rest)) != hash) return Bad("is not the one that was written");
  return manifest;
}

}  // namespace outpost
