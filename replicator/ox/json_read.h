#pragma once
#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "replicator/ox/server_error.h"

// For the .cpp files of this folder that read answers, and no others: simdjson is slow to compile.
namespace outpost {

namespace od = simdjson::ondemand;

// Depth: the readers go down to the few levels that the protocol has; what is nested deeper is refused by its shape or
// skipped without recursion, so that no answer costs stack. Size: net/curl_transport.h, kReplyBytesMax.

// The token of a value without white space: a scalar whole, an array or object only its bracket.
inline std::string_view TokenOf(od::value& value) {
  std::string_view token = value.raw_json_token();
  while (!token.empty() &&
         (token.back() == ' ' || token.back() == '\t' || token.back() == '\n' || token.back() == '\r'))
    token.remove_suffix(1);
  return token;
}

// Starts reading `body`, which gets the room behind its end that simdjson wants (mostly there already, see
// net/exchange.cpp).
inline simdjson::error_code Begin(od::parser& parser, std::string& body, od::document& document) {
  if (body.capacity() - body.size() < simdjson::SIMDJSON_PADDING)
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  return parser.iterate(simdjson::padded_string_view(body)).get(document);
}

// True when nothing follows what was read.
inline bool AtEnd(od::document& document) { return document.current_location().error() == simdjson::OUT_OF_BOUNDS; }

// Calls `visit(key, value)` for each member of an object, until it answers false. False then, and where `data` is no
// object or breaks off.
template <class Visit>
bool EachMember(od::value data, Visit visit) {
  od::object members;
  if (data.get_object().get(members)) return false;
  for (auto member : members) {
    std::string_view key;
    od::value value;
    if (member.unescaped_key().get(key) || member.value().get(value) || !visit(key, value)) return false;
  }
  return true;
}

// Collects the members of an envelope that tell of an error. Take returns false where `key` is none of them, and sets
// `bad` where the value is of another shape than the protocol has.
class ErrorCollector {
 public:
  bool Take(std::string_view key, od::value value);
  bool bad() const { return bad_; }
  // Set when the envelope tells of a failure; a warning dressed as one is none.
  std::optional<ServerError> Failure() &&;
  // The code told, of a warning too; empty: none.
  const std::string& code() const { return error_.code; }
  // The failure, if what was read so far is one: `data` beside it means nothing.
  bool has_error() const { return has_error_ && !IsWarning(error_); }

 private:
  void TakeText(od::value& value, std::string& out);
  void TakeCategories(od::value value);
  void TakeProblems(od::value value);
  void TakeArguments(od::value value);
  void TakeTruncated(od::value value);

  bool has_error_ = false;
  bool bad_ = false;
  ServerError error_;
};

}  // namespace outpost
