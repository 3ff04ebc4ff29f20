#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "replicator/dialect.h"

namespace outpost {

// The columns that users are asked for (http-api.md 9.1); people.cpp reads rows of them. Threads: any.
const std::string& UserColumns();

// What "user:4" names; nullopt for what is no person's id.
struct PersonName {
  PersonKind kind{};
  std::string_view id;  // the server's, in `remote_id`
};
std::optional<PersonName> SplitPerson(std::string_view remote_id);

}  // namespace outpost
