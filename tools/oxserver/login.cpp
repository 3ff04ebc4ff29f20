#include "tools/oxserver/login.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace outpost::oxserver {
namespace {

constexpr std::size_t kPasswordCharactersMin = 4;
constexpr const char* kPasswords = "password/";  // among the settings of no user, which none can ask for

HttpResponse LoginError(const ApiError& error, std::string_view error_id) {
  std::string body = "{";
  AppendErrorFields(body, error, error_id);
  return JsonResponse(body + "}");
}

// Compares in a time that depends on the lengths alone.
bool SameSecret(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  }
  return difference == 0;
}

}  // namespace

HttpResponse TooManyRequests(std::int64_t retry_after_s) {
  return {429,
          {{"Content-Type", "text/plain; charset=UTF-8"}, {"Retry-After", std::to_string(retry_after_s)}},
          "Too many requests"};
}

HttpResponse JsonResponse(std::string body) {
  return {200, {{"Content-Type", "text/javascript; charset=UTF-8"}, {"Cache-Control", "no-store"}}, std::move(body)};
}

HttpResponse HtmlPage(int status, std::string_view text) {
  std::string body = "<!DOCTYPE html><html><head><title>" + std::to_string(status) + "</title></head><body><h1>";
  for (const char c : text) {
    if (c == '<')
      body += "&lt;";
    else if (c == '&')
      body += "&amp;";
    else
      body += c;
  }
  return {status, {{"Content-Type", "text/html; charset=UTF-8"}}, body + "</h1></body></html>\n"};
}

Login::Login(World& world, Sessions& sessions, const Clock& clock)
    : world_(world),
      sessions_(sessions),
      attempts_(clock, world.options.rate_window, world.options.logins_per_window) {}

HttpResponse Login::Handle(const HttpRequest& http, const Params& query, const Params& form, Origin origin,
                           std::string_view error_id) {
  const auto action = query.Find("action").value_or(form.Find("action").value_or(""));
  if (action == "login") {
    if (origin == Origin::kNetwork) {
      const auto wait = attempts_.Count(std::string(FindHeader(http.headers, "User-Agent")));
      if (wait) return TooManyRequests(*wait);
    }
    return SignIn(http, query, form, error_id);
  }
  if (action == "logout") return SignOut(http, query);
  if (action == "autologin") return Autologin(http, query, error_id);
  if (action == "store" || action == "refreshSecret") return Keep(http, query, action == "store", error_id);
  return LoginError(UnknownAction("login", action), error_id);
}

HttpResponse Login::SignIn(const HttpRequest& http, const Params& query, const Params& form,
                           std::string_view error_id) {
  if (query.Find("password")) {
    return LoginError({"SVL-0018", Category::kError, "A password must not be part of the URL.", {"password"}, {}, {}},
                      error_id);
  }
  const auto name = form.Need("name"), password = form.Need("password");
  if (!name) return LoginError(name.error(), error_id);
  if (!password) return LoginError(password.error(), error_id);
  const auto& users = world_.options.users;
  const auto user = std::find_if(users.begin(), users.end(), [&](const User& u) { return u.name == name.value(); });
  if (user == users.end() || !SameSecret(PasswordOf(user->name), password.value())) {
    return LoginError({"LGI-0006", Category::kUserInput, "The user name or password is wrong.", {}, {}, {}}, error_id);
  }
  const auto client = form.Find("client").value_or(query.Find("client").value_or(""));
  const auto session = sessions_.Open(world_.state.FindAccount(user->name)->id, client,
                                      query.Find("authId").value_or(""), query.IsTrue("staySignedIn"));
  if (!session) return LoginError(session.error(), error_id);
  auto response = JsonResponse(SessionBody(*session.value()));
  sessions_.SetCookies(*session.value(), http, response);
  if (session.value()->long_lived) sessions_.SetAutologinCookie(*session.value(), http, response);
  return response;
}

std::string Login::PasswordOf(std::string_view user) const {
  const auto changed = world_.state.FindSetting(0, kPasswords + std::string(user));
  if (changed) return Unquoted(*changed);
  for (const User& known : world_.options.users)
    if (known.name == user) return known.password;
  return {};
}

Api<Answer> Login::ChangePassword(const Request& request) {
  if (request.action != "update") return UnknownAction("passwordchange", request.action);
  OUTPOST_TRY(const Json* body, NeedObject(request));
  const auto text = [&](const char* name) {
    return body->value(name, Json()).is_string() ? body->at(name).get<std::string>() : "";
  };
  const std::string before = text("old_password"), after = text("new_password");
  for (const auto& [name, value] : {std::pair("old_password", &before), {"new_password", &after}})
    if (value->empty()) return MissingParameter(name);
  const std::string user = world_.state.FindAccount(request.user)->name;
  if (!SameSecret(PasswordOf(user), before))
    return ApiError{"PSW-0002", Category::kUserInput, "The current password is wrong.", {}, {}, {}};
  if (CountCharacters(after) < kPasswordCharactersMin)
    return ApiError{"PSW-0003", Category::kUserInput, "The new password is too short.", {}, {}, {}};
  world_.state.PutSetting(0, kPasswords + user, Quoted(after));
  sessions_.CloseAll(request.user);
  return Answer{};
}

std::string Login::SessionBody(const Session& session) const {
  std::string body = "{\"session\":";
  AppendQuoted(body, session.id);
  body += ",\"user\":";
  AppendQuoted(body, world_.state.FindAccount(session.user)->name);
  body += ",\"user_id\":" + std::to_string(session.user) + ",\"context_id\":" + std::to_string(kContextId);
  return body + ",\"locale\":\"en_US\"}";
}

HttpResponse Login::SignOut(const HttpRequest& http, const Params& query) {
  const auto session = sessions_.Check(query.Find("session"), http);
  if (!session) return HtmlPage(403, "Forbidden");
  HttpResponse response{200, {{"Content-Type", "text/javascript; charset=UTF-8"}}, ""};
  sessions_.ExpireCookies(*session.value(), http, response);
  sessions_.Close(session.value()->id);
  return response;
}

HttpResponse Login::Autologin(const HttpRequest& http, const Params& query, std::string_view error_id) {
  const Session* session = sessions_.FindByCookie(query.Find("client").value_or(""), http);
  if (session == nullptr) {
    return LoginError({"SES-0203", Category::kTryAgain, "The session has expired.", {}, {}, {}}, error_id);
  }
  auto response = JsonResponse(SessionBody(*session));
  sessions_.SetCookies(*session, http, response);
  return response;
}

HttpResponse Login::Keep(const HttpRequest& http, const Params& query, bool store, std::string_view error_id) {
  const auto session = sessions_.Check(query.Find("session"), http);
  if (!session) return LoginError(session.error(), error_id);
  if (store) session.value()->long_lived = true;
  auto response = JsonResponse("{}");
  sessions_.SetCookies(*session.value(), http, response);
  if (store) sessions_.SetAutologinCookie(*session.value(), http, response);
  return response;
}

}  // namespace outpost::oxserver
