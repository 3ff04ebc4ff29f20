#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "tools/oxserver/http_types.h"
#include "tools/oxserver/stamps.h"

namespace outpost::oxserver {

struct User {
  std::string name;
  std::string password;
};

// How ids of contacts go out (http-api.md 1.6: numbers or strings, by module and version).
enum class IdStyle : std::uint8_t { kStrings, kNumbers, kMixed /* numbers in some rows, strings in others */ };
// Whether `updates` reports what was written in the very millisecond of the timestamp (1.9: not settled).
enum class Boundary : std::uint8_t { kAfter, kFrom };
// What a length limit counts (1.5: not documented).
enum class LengthUnit : std::uint8_t { kCharacters, kBytes };

struct Object;

// Of a contact's photo, unless a server is told otherwise.
inline constexpr std::int64_t kPhotoBytesMax = 4 << 20;

// The server and its awkwardness. Every value given here is a behaviour that http-api.md lists for real servers.
struct LogicOptions {
  std::vector<User> users;                 // anna:secret and bert:secret unless given
  std::string state_file;                  // SQLite; empty: in memory only
  std::string timezone = "Europe/Berlin";  // of every user, until he sets another
  std::string zoneinfo = "/usr/share/zoneinfo";
  StampMode stamps = StampMode::kStrict;
  IdStyle ids = IdStyle::kStrings;
  Boundary boundary = Boundary::kAfter;
  LengthUnit length_unit = LengthUnit::kCharacters;
  bool older_contacts_path = false;  // 1.9: deletions looked up with the timestamp the modified ones have advanced
  bool move_tombstones = true;       // an object that moves is reported deleted in its old folder
  bool revoke_tombstones = false;    // a folder one may no longer see is reported deleted
  bool four_byte_characters = true;  // false: an emoji is refused with CON-0168
  bool private_participants = true;  // 6.6: false: a private appointment with other participants is refused, APP-0023
  bool mail_filters = true;          // 11: false: there are none, as on a server without Sieve
  bool snippets = true;              // false: the module is unknown, as where it is not installed
  // Of contacts, tasks, calendar and mail those that are taken from all users: their calls and lists of folders are
  // refused (FLD-0005); or, where the latter are not, such lists are empty.
  std::vector<std::string> closed_modules;
  bool closed_modules_are_refused = true;
  bool keep_exceptions = true;                   // 6.4: false: any change of a series' times drops its exceptions
  std::int64_t attachment_size_max = 0;          // bytes of one file; 0: no limit
  std::int64_t attachment_quota = 0;             // bytes of all that a user attached; 0: no limit
  std::int64_t photo_size_max = kPhotoBytesMax;  // of a contact; 0: no limit
  std::int64_t mail_size_max = 0;                // bytes of a mail that is sent; 0: no limit
  std::int64_t mail_quota = 0;                   // bytes of all mails of a user; 0: no limit
  std::uint32_t recipients_max = 0;              // of a mail that is sent; 0: no limit
  Millis tombstone_retention{7'257'600'000};
  Millis session_idle{3'600'000};
  Millis rate_window{300'000};
  std::uint32_t requests_per_window = 1500;  // 0: no limit
  std::uint32_t logins_per_window = 50;      // 0: no limit
  std::uint32_t mail_accounts = 1;  // of each user: trees of folders default0, default1, … with special folders each
  std::uint32_t sessions_per_user = 100;
  bool secure_cookies = false;  // set where TLS is spoken
  // Told of each object as it is stored (`before` null: it is new) or goes (`after` null), in the order of the writes.
  // For those who keep a record of their own; must not call the server.
  std::function<void(const Object* before, const Object* after)> on_object;
  // Told of what clients may be told of at once (http-api.md section 12): for whom, the topic, and what about it, as
  // JSON. Must not call the server.
  std::function<void(int user, std::string topic, std::string data)> on_event;
};

// Whether `module` is one of those that may be taken from users.
inline bool IsClosable(std::string_view module) {
  return module == "contacts" || module == "tasks" || module == "calendar" || module == "mail";
}

// Who asks: rate limits are for the network.
enum class Origin : std::uint8_t { kNetwork, kInProcess };

// An answer forced upon a call instead of doing it.
enum class Refusal : std::uint8_t {
  kServiceDown,
  kTryAgain,
  kOtherShape /* done, but its data are told in a shape that no document gives */
};
struct RefusedElement {
  std::size_t element = 0;  // index in `multiple`; 0 of a plain request
  Refusal refusal = Refusal::kServiceDown;
};
struct HandleOptions {
  Origin origin = Origin::kNetwork;
  std::vector<RefusedElement> refused;
  bool expire_session = false;      // the session named by the request is forgotten first
  std::string revoke_folder = {};   // this folder is its owner's alone first; empty: none
  std::string reset_validity = {};  // mails in this folder get other ids first; empty: none
  std::string close_module = {};    // this one is taken from all users first; empty: none
  std::string open_module = {};     // and this one given back
  Millis clock_back{0};             // the server's clock is set back by so much first
};

struct SessionOf {
  int user = 0;
  std::string session;
};

// The server without its transport: a request in, an answer out.
// Threads: one caller at a time. The clock, the random source and the log are the caller's and outlive this object.
class Logic {
 public:
  // Errors: kUnavailable, kCorrupt, kNewerFormat of the state file.
  static Result<std::unique_ptr<Logic>> Open(LogicOptions options, Clock& clock, Random& random, Log& log);
  ~Logic();
  HttpResponse Handle(const HttpRequest& request, const HandleOptions& options = {});
  // The session that a request names and proves by its cookies; the answer to one that does neither.
  std::variant<HttpResponse, SessionOf> Admit(const HttpRequest& request);
  bool HasSession(std::string_view id) const;

 private:
  Logic();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace outpost::oxserver
