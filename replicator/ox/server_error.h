#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "replicator/dialect.h"

namespace outpost {

// What an envelope says of a failure.
struct ServerError {
  struct Problem {
    std::int64_t column = 0;  // 0: only named
    std::string name;
    std::int64_t length = 0;
    std::int64_t limit = 0;
  };
  std::string code;
  std::int64_t category = 0;  // 0: not told
  std::string text;
  std::vector<Problem> problems;
  std::vector<std::int64_t> numbers = {};  // among the arguments of the text
};

// The number of a category name ("CONFLICT"); 0 for an unknown one.
std::int64_t CategoryFromName(std::string_view name);
// A warning only dressed as an error: the data beside it is valid.
bool IsWarning(const ServerError& error);
// The session is unknown, expired or of somebody else: signing in again helps.
bool IsSessionLost(const ServerError& error);
// Not now; later the same may work.
bool IsTemporary(const ServerError& error);
// Told instead of, or beside, the answer to a mail that was sent: it has left, and there is no copy of it.
bool IsSentWithoutCopy(std::string_view code);
// What a failure means for one ask, other than a lost session.
Answer AnswerFor(const ServerError& error, const Ask& ask);
// The same where the ask was to take a day out of a series, which is done when the series has no such day.
Answer AnswerForDropped(const ServerError& error, const Ask& ask);
// The type of the items an ask is about.
ItemType TypeOf(const Ask& ask);

}  // namespace outpost
