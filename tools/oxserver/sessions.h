#pragma once
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "tools/oxserver/api.h"
#include "tools/oxserver/http_types.h"

namespace outpost::oxserver {

struct Session {
  std::string id;
  std::string secret;     // value of open-xchange-secret-…
  std::string public_id;  // value of open-xchange-public-session-…
  std::string route;      // value of JSESSIONID
  std::string client;
  std::string auth_id;
  int user = 0;
  bool long_lived = false;
  std::chrono::microseconds last_used{0};
};

// The sessions of all users and their cookies (http-api.md 1.3). Threads: one.
class Sessions {
 public:
  struct Limits {
    Millis idle;
    std::uint32_t per_user;
    bool secure_cookies;
  };
  Sessions(const Clock& clock, Random& random, Limits limits);

  // The session of a request that carries its id, and the secret cookie under the name that User-Agent and client give.
  // Errors: SES-0201, SES-0203, SES-0206.
  Api<Session*> Check(std::optional<std::string_view> id, const HttpRequest& request);
  // That of a request which proves it by the cookie for public resources alone. Errors: SES-0203.
  Api<Session*> CheckPublic(const HttpRequest& request);
  // Errors: SES-0007, SES-0008.
  Api<Session*> Open(int user, std::string_view client, std::string_view auth_id, bool long_lived);
  // The session that the autologin cookie of this User-Agent and client names; null where there is none.
  Session* FindByCookie(std::string_view client, const HttpRequest& request);
  void Close(std::string_view id);
  void CloseAll(int user);
  // Without counting as a use of it.
  bool IsOpen(std::string_view id) const;

  void SetCookies(const Session& session, const HttpRequest& request, HttpResponse& response) const;
  // The autologin cookie: only after `store` or with staySignedIn.
  void SetAutologinCookie(const Session& session, const HttpRequest& request, HttpResponse& response) const;
  void ExpireCookies(const Session& session, const HttpRequest& request, HttpResponse& response) const;

 private:
  std::string Hash(std::string_view kind, std::string_view client, const HttpRequest& request) const;
  void AddCookie(HttpResponse& response, std::string_view name, std::string_view value, std::string_view more) const;
  bool Expired(const Session& session) const;
  std::string RandomHex();

  const Clock& clock_;
  Random& random_;
  Limits limits_;
  std::string salt_;
  std::map<std::string, Session, std::less<>> sessions_;
};

std::string_view FindCookie(const HttpRequest& request, std::string_view name);

// Counts events of a key in a sliding window. Threads: one.
class RateLimiter {
 public:
  RateLimiter(const Clock& clock, Millis window, std::uint32_t limit) : clock_(clock), window_(window), limit_(limit) {}
  // Counts one; nullopt where it is within the limit, else the seconds until one is free again.
  std::optional<std::int64_t> Count(const std::string& key);

 private:
  const Clock& clock_;
  Millis window_;
  std::uint32_t limit_;
  std::map<std::string, std::deque<std::chrono::microseconds>> seen_;
};

}  // namespace outpost::oxserver
