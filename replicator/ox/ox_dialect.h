#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "base/strand.h"
#include "replicator/dialect.h"
#include "replicator/transport.h"

namespace outpost {

// How long one request may take. Below, a page of 1 MiB over a slow line is cut and fetched for ever; above, a dead
// line blocks a round.
inline constexpr Millis kOxRequestDeadline{60'000};

// The types of items that this dialect carries.
std::vector<ItemType> CarriedTypes();

struct OxOptions {
  std::string base_url;  // as ProbeBase gives it: "https://host/ajax"
  std::string user;
  std::string password;
  std::string client = "outpost";  // constant like the user agent: servers bind the session to both
  std::string user_agent = "outpost";
  std::vector<ItemType> content = CarriedTypes();  // folders with other content are not told
  Millis request_deadline = kOxRequestDeadline;
  std::uint64_t seed = 0;  // of what must only differ from line to line
};

// The OX HTTP API as a Dialect. Every Send is one `multiple` request. A lost session is made anew once for each Send,
// and only the asks that the server did not do are repeated. After a refused sign-in no Send goes out any more
// (kWrongPassword at once) until SignIn is called: accounts lock. When the dialect goes, what is still open ends with
// kOffline, maybe_applied as the asks are. Secrets appear in no log line and no text. All references outlive the
// dialect. Source: http-api.md, sections 1 to 4 and 9.3.
std::unique_ptr<Dialect> MakeOxDialect(OxOptions options, Transport& transport, Strand& strand, const Clock& clock,
                                       Log& log);

// What ProbeBase found.
struct BaseFound {
  std::string url;                 // the base, when there is no failure
  std::optional<Failure> failure;  // text: a sentence that names what the user typed, and what was tried
};

// Finds the base URL behind what a user typed: https://host/usm-json, a bare host (https), …/ajax, …/appsuite/api or
// another base. Asks each candidate without a session and takes the first that answers with an OX error. Failures:
// kProtocolError for what is no URL, or where nothing speaks OX; else those of the link. `transport` outlives the call.
// Threads: its owner strand; `done` runs there, for a malformed `url` before ProbeBase returns.
void ProbeBase(const std::string& url, Transport& transport, std::function<void(BaseFound)> done);

}  // namespace outpost
