#pragma once
#include <optional>

#include "tools/oxserver/sessions.h"
#include "tools/oxserver/world.h"

namespace outpost::oxserver {

// The login module (http-api.md 1.3): its answers carry their fields without `data`. Threads: one.
class Login {
 public:
  Login(World& world, Sessions& sessions, const Clock& clock);
  // `query` and `form` apart, because a password in the URL is refused.
  HttpResponse Handle(const HttpRequest& http, const Params& query, const Params& form, Origin origin,
                      std::string_view error_id);

  // The module passwordchange: all sessions of the user end with it. Errors: PSW-0002, PSW-0003.
  Api<Answer> ChangePassword(const Request& request);

 private:
  // What counts now: the one he was given, or the last that he chose.
  std::string PasswordOf(std::string_view user) const;
  HttpResponse SignIn(const HttpRequest& http, const Params& query, const Params& form, std::string_view error_id);
  HttpResponse SignOut(const HttpRequest& http, const Params& query);
  HttpResponse Autologin(const HttpRequest& http, const Params& query, std::string_view error_id);
  HttpResponse Keep(const HttpRequest& http, const Params& query, bool store, std::string_view error_id);
  std::string SessionBody(const Session& session) const;

  World& world_;
  Sessions& sessions_;
  RateLimiter attempts_;
};

// 429 as the servlet container gives it.
HttpResponse TooManyRequests(std::int64_t retry_after_s);
HttpResponse JsonResponse(std::string body);
HttpResponse HtmlPage(int status, std::string_view text);

}  // namespace outpost::oxserver
