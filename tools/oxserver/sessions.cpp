#include "tools/oxserver/sessions.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/system/crypto.h"

namespace outpost::oxserver {
namespace {

constexpr auto kLongLife = std::chrono::hours(24 * 7);
constexpr std::string_view kSecret = "open-xchange-secret-";
constexpr std::string_view kPublic = "open-xchange-public-session-";
constexpr std::string_view kAutologin = "open-xchange-session-";

ApiError SessionError(const char* code, const char* text) { return {code, Category::kTryAgain, text, {}, {}, {}}; }

}  // namespace

std::string_view FindCookie(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (!EqualNoCase(key, "Cookie")) continue;
    for (const auto piece : Split(value, ';')) {
      const auto pair = Trimmed(piece);
      const auto equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
    }
  }
  return {};
}

Sessions::Sessions(const Clock& clock, Random& random, Limits limits)
    : clock_(clock), random_(random), limits_(limits), salt_(RandomHex()) {}

std::string Sessions::RandomHex() {
  std::string raw;
  AppendBe64(raw, random_.Next());
  AppendBe64(raw, random_.Next());
  return ToHex(AsBytes(raw));
}

std::string Sessions::Hash(std::string_view kind, std::string_view client, const HttpRequest& request) const {
  std::string text = salt_;
  for (const auto part : {kind, client, FindHeader(request.headers, "User-Agent")}) text.append(part).append(1, '\0');
  return ToHex(Bytes(Sha256Of(text)).first(16));
}

bool Sessions::Expired(const Session& session) const {
  const auto idle = clock_.MonotonicNow() - session.last_used;
  return idle > (session.long_lived ? std::chrono::microseconds(kLongLife) : std::chrono::microseconds(limits_.idle));
}

Api<Session*> Sessions::Check(std::optional<std::string_view> id, const HttpRequest& request) {
  if (!id || id->empty()) return SessionError("SES-0201", "The session parameter is missing.");
  const auto found = sessions_.find(*id);
  if (found == sessions_.end()) return SessionError("SES-0203", "The session has expired.");
  if (Expired(found->second)) {
    sessions_.erase(found);
    return SessionError("SES-0203", "The session has expired.");
  }
  Session& session = found->second;
  const auto cookie = FindCookie(request, std::string(kSecret) + Hash(kSecret, session.client, request));
  if (cookie != session.secret) return SessionError("SES-0206", "The session secret is missing or wrong.");
  session.last_used = clock_.MonotonicNow();
  return &session;
}

Api<Session*> Sessions::CheckPublic(const HttpRequest& request) {
  const auto cookie = FindCookie(request, std::string(kPublic) + Hash(kPublic, {}, request));
  for (auto& [id, session] : sessions_) {
    if (cookie.empty() || session.public_id != cookie || Expired(session)) continue;
    session.last_used = clock_.MonotonicNow();
    return &session;
  }
  return SessionError("SES-0203", "The session has expired.");
}

bool Sessions::IsOpen(std::string_view id) const {
  const auto found = sessions_.find(id);
  return found != sessions_.end() && !Expired(found->second);
}

Api<Session*> Sessions::Open(int user, std::string_view client, std::string_view auth_id, bool long_lived) {
  std::erase_if(sessions_, [&](const auto& entry) { return Expired(entry.second); });
  std::uint32_t mine = 0;
  for (const auto& [id, session] : sessions_) {
    if (session.user == user) ++mine;
    if (!auth_id.empty() && session.auth_id == auth_id)
      return SessionError("SES-0008", "This login attempt was already made.");
  }
  if (mine >= limits_.per_user) return SessionError("SES-0007", "The user has too many sessions.");
  Session session;
  session.id = RandomHex();
  session.secret = RandomHex();
  session.public_id = RandomHex();
  session.route = RandomHex() + ".OX1";
  session.client = client;
  session.auth_id = auth_id;
  session.user = user;
  session.long_lived = long_lived;
  session.last_used = clock_.MonotonicNow();
  const auto added = sessions_.emplace(session.id, session).first;
  return &added->second;
}

Session* Sessions::FindByCookie(std::string_view client, const HttpRequest& request) {
  const auto id = FindCookie(request, std::string(kAutologin) + Hash(kAutologin, client, request));
  auto session = Check(id, request);
  return session ? session.value() : nullptr;
}

void Sessions::Close(std::string_view id) {
  const auto found = sessions_.find(id);
  if (found != sessions_.end()) sessions_.erase(found);
}

void Sessions::CloseAll(int user) {
  std::erase_if(sessions_, [&](const auto& entry) { return entry.second.user == user; });
}

void Sessions::AddCookie(HttpResponse& response, std::string_view name, std::string_view value,
                         std::string_view more) const {
  std::string cookie(name);
  cookie.append("=").append(value).append("; Path=/; HttpOnly").append(more);
  // A cookie marked Secure never comes back over plain HTTP, so it is marked only where TLS is spoken.
  if (limits_.secure_cookies) cookie += "; Secure";
  response.headers.emplace_back("Set-Cookie", std::move(cookie));
}

void Sessions::SetCookies(const Session& session, const HttpRequest& request, HttpResponse& response) const {
  const std::string_view age = session.long_lived ? "; Max-Age=604800" : "";
  AddCookie(response, std::string(kSecret) + Hash(kSecret, session.client, request), session.secret, age);
  AddCookie(response, std::string(kPublic) + Hash(kPublic, {}, request), session.public_id, age);
  AddCookie(response, "JSESSIONID", session.route, "");
}

void Sessions::SetAutologinCookie(const Session& session, const HttpRequest& request, HttpResponse& response) const {
  AddCookie(response, std::string(kAutologin) + Hash(kAutologin, session.client, request), session.id,
            "; Max-Age=604800");
}

void Sessions::ExpireCookies(const Session& session, const HttpRequest& request, HttpResponse& response) const {
  constexpr std::string_view kGone = "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
  AddCookie(response, std::string(kSecret) + Hash(kSecret, session.client, request), "", kGone);
  AddCookie(response, std::string(kPublic) + Hash(kPublic, {}, request), "", kGone);
  AddCookie(response, std::string(kAutologin) + Hash(kAutologin, session.client, request), "", kGone);
  AddCookie(response, "JSESSIONID", "", kGone);
}

std::optional<std::int64_t> RateLimiter::Count(const std::string& key) {
  if (limit_ == 0) return std::nullopt;
  const auto now = clock_.MonotonicNow();
  const auto oldest = now - std::chrono::microseconds(window_);
  constexpr std::size_t kKeysMax = 4096;  // beyond this a client that changes its name every time is making them
  if (seen_.size() > kKeysMax) seen_.clear();
  auto& times = seen_[key];
  while (!times.empty() && times.front() <= oldest) times.pop_front();
  if (times.size() < limit_) {
    times.push_back(now);
    return std::nullopt;
  }
  const auto wait = times.front() - oldest;
  return std::chrono::duration_cast<std::chrono::seconds>(wait).count() + 1;
}

}  // namespace outpost::oxserver
