#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replicator/dialect.h"
#include "replicator/ox/json_writer.h"

// Signatures: objects of the module snippet (openapi.json). They lie in no folder, have no versions, and nobody tells
// of changes: the dialect makes a folder of them, as of rules (replicator/ox/rules.h). Threads: any.
namespace outpost {

// The id of that folder; ids of signatures begin with it: "snippet:17".
inline constexpr std::string_view kSignaturesFolder = "snippet";
inline constexpr const char* kSnippetModule = "snippet";
// What ask::Examine tells of it, always: only a listing says what is other.
inline constexpr std::int64_t kSignaturesState = 1;

// A signature as the server has it.
struct StoredSignature {
  std::string id;            // the server's
  std::int64_t version = 0;  // of all it says
  FieldMap fields;
  std::string misc;          // the members of `misc` that no field tells, as JSON: "a":1,"b":2
  bool misc_is_open = true;  // false: `misc` is no object, and stays as it is
};

bool IsAboutSignatures(const Ask& ask);
bool IsSignatureWrite(const Ask& ask);
// Writes one element of `multiple`; false where the ask is not one about signatures. A Folders ask gets the element
// that tells whether there are any (`module` is theirs).
bool WriteSignatureElement(JsonWriter& json, const char* module, const Ask& ask);
// The server's id of a signature; nullopt for an id that is none.
std::optional<std::string_view> SignatureId(std::string_view remote_id);

// The body of `new`, or of `update` of the signature `stored`, where `fields` are what changes. `refused`: why there is
// none.
std::string WriteSignature(const FieldMap& fields, const StoredSignature* stored, Answer& refused);

// Reads the answer to `all`, and to `new`. False, and nullopt, where it is of another shape.
bool ReadSignatureList(std::string_view envelope, std::vector<StoredSignature>& signatures);
std::optional<std::string> ReadNewSignature(std::string_view envelope);
// What the `data` of a list, as text, means for a Listing or a Fetch, or for the tree of folders.
bool ReadSignatureData(std::string_view data, const Ask& ask, Answer& answer);

}  // namespace outpost
