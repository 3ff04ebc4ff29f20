#include "replicator/ox/login.h"

#include <utility>

#include "replicator/ox/failures.h"
#include "replicator/ox/requests.h"

namespace outpost {
namespace {

constexpr std::int64_t kFarFuture = 4'102'444'800'000;  // the year 2100

}  // namespace

namespace {

// "host:port" of a URL.
std::string HostPart(const std::string& url) {
  const auto scheme = url.find("://");
  const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
  return url.substr(begin, url.find('/', begin) - begin);
}

}  // namespace

Login::Login(LoginOptions options, Transport& transport, const Clock& clock, Log& log, AnswerReader& reader,
             std::function<void(std::optional<Failure>)> on_facts)
    : options_(std::move(options)),
      host_(HostPart(options_.base_url)),
      transport_(transport),
      clock_(clock),
      log_(log),
      reader_(reader),
      on_facts_(std::move(on_facts)),
      self_(std::make_shared<Login*>(this)) {}

void Login::Run(std::function<void(std::optional<Failure>)> done) {
  done_ = std::move(done);
  session_.clear();
  if (retired_.empty()) return SignIn();
  HttpRequest request;
  request.url = options_.base_url + "/login?action=logout&";
  std::string query;
  AppendFormPair(query, "session", retired_);
  request.url += query;
  request.headers = {{"User-Agent", options_.user_agent}};
  ++requests_;
  transport_.Send(std::move(request), options_.deadline, [weak = std::weak_ptr(self_)](HttpResult result) {
    if (const auto self = weak.lock()) (*self)->OnLogout(std::move(result));
  });
}

// An answer of the server itself: an empty body, or that there is no such session (any more).
void Login::OnLogout(HttpResult result) {
  if (!result.ok) return End(FailureOfLink(result, Effect::kNone));
  const HttpReply& reply = result.reply;
  const bool refused = reply.status >= 400 && reply.status < 500 && reply.status != 429;
  if (reply.status != 200 && !refused) return End(FailureOfStatus(reply, host_, Effect::kNone));
  const auto text = reply.body.find_first_not_of(" \t\r\n");
  if (!refused && text != std::string::npos && reply.body[text] != '{')
    return End(FailureOfShape(reply, host_, "the end of a session", Effect::kNone));
  log_.Write(LogLevel::kInfo, "ox", "a session that may carry a late write is ended at " + host_);
  retired_.clear();
  SignIn();
}

void Login::SignIn() {
  transport_.ClearCookies();
  HttpRequest request;
  request.method = "POST";
  request.url = options_.base_url + "/login?action=login";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"User-Agent", options_.user_agent}};
  AppendFormPair(request.body, "name", options_.user);
  AppendFormPair(request.body, "password", options_.password);
  AppendFormPair(request.body, "client", options_.client);
  ++requests_;
  transport_.Send(std::move(request), options_.deadline, [weak = std::weak_ptr(self_)](HttpResult result) {
    if (const auto self = weak.lock()) (*self)->OnLogin(std::move(result));
  });
}

bool Login::UsePassword(std::string password) {
  const bool other = password != options_.password;
  options_.password = std::move(password);
  return other;
}

void Login::OnLogin(HttpResult result) {
  if (!result.ok) return End(FailureOfLink(result, Effect::kNone));
  const int status = result.reply.status;
  if (status == 401 || status == 403) {
    ServerError error;
    error.code = "HTTP " + std::to_string(status);
    return End(Refused(error));
  }
  if (status != 200) return End(FailureOfStatus(result.reply, host_, Effect::kNone));
  auto reply = reader_.ReadLogin(result.reply.body);
  if (!reply) return End(FailureOfShape(result.reply, host_, reply.error().context, Effect::kNone));
  if (reply.assume_value().refused) return End(Refused(*reply.assume_value().refused));
  session_ = std::move(reply.assume_value().session);
  info_.user_id = std::move(reply.assume_value().user_id);
  ++generation_;
  log_.Write(LogLevel::kInfo, "ox", "signed in at " + host_);
  AskFacts();
  End(std::nullopt);
}

bool Login::AskFacts() {
  if (asking_ || facts_ == Facts::kAll) return false;
  asking_ = true;
  ++asked_;
  fresh_ = asked_with_ != generation_;
  asked_with_ = generation_;
  // None of the four depends on another: on a long line they take one round trip.
  struct Told {
    int missing = 4;
    std::optional<std::int64_t> contacts;
  };
  const auto told = std::make_shared<Told>();
  const auto answered = [this, told] {
    if (--told->missing > 0) return;
    if (told->contacts) ProbeDeltas(*told->contacts);
    Know(told->contacts ? Facts::kTimes : Facts::kAll);
  };
  AskConfig("tombstoneCleanup/timespan", [this, answered](std::optional<std::int64_t> horizon) {
    info_.tombstone_horizon = horizon && *horizon > 0 ? Millis{*horizon} : kTombstoneHorizonUsual;
    answered();
  });
  AskConfig("currentTime", [this, answered](std::optional<std::int64_t> now) {
    info_.server_now = now ? Millis{*now} : clock_.WallNow();
    info_.then = clock_.MonotonicNow();
    answered();
  });
  AskConfig("folder/contacts", [told, answered](std::optional<std::int64_t> folder) {
    told->contacts = folder;
    answered();
  });
  AskConfig("modules/mail/deletemail", [this, answered](std::optional<std::int64_t> truth) {
    info_.mail_goes_for_good = truth ? std::optional(*truth != 0) : std::nullopt;
    answered();
  });
  return true;
}

void Login::Know(Facts facts) {
  facts_ = facts;
  if (facts == Facts::kAll) asking_ = false;
  on_facts_(std::nullopt);
}

void Login::FactsFailed(Failure failure) {
  asking_ = false;
  on_facts_(std::move(failure));
}

// A node that the server does not have is no trouble: every one of them has a usual value. No answer is: a usual value
// in place of the server's own would hide that it has forgotten deletions.
void Login::AskConfig(const char* path, std::function<void(std::optional<std::int64_t>)> done) {
  Ask(std::string("/config/") + path + "?timezone=UTC&", [this, done = std::move(done)](HttpReply reply) {
    if (reply.status != 200) return done(std::nullopt);
    const auto number = reader_.ReadNumber(reply.body);
    if (number) return done(number.assume_value());
    if (number.error().code == Code::kNotFound) return done(std::nullopt);
    FactsFailed(FailureOfShape(reply, host_, number.error().context, Effect::kNone));
  });
}

// What changed since a time that has not come yet: nothing. A server that answers 0 as the time looks deletions up by
// the time asked for; one that answers that time by one that what it found has advanced (http-api.md, 1.9).
void Login::ProbeDeltas(std::int64_t folder) {
  Ask("/contacts?action=updates&columns=1&ignore=false&timestamp=" + std::to_string(kFarFuture) +
          "&folder=" + std::to_string(folder) + "&",
      [this](HttpReply reply) {
        if (reply.status == 200) {
          const auto stamp = reader_.ReadNumber(reply.body, "timestamp");
          info_.deltas_complete = stamp && stamp.assume_value() == 0;
        }
        Know(Facts::kAll);
      });
}

void Login::Ask(const std::string& path_and_query, std::function<void(HttpReply)> done) {
  HttpRequest request;
  request.url = options_.base_url + path_and_query;
  std::string query;
  AppendFormPair(query, "session", session_);
  request.url += query;
  request.headers = {{"User-Agent", options_.user_agent}};
  ++requests_;
  transport_.Send(
      std::move(request), options_.deadline,
      [weak = std::weak_ptr(self_), asked = asked_, session = session_, done = std::move(done)](HttpResult result) {
        const auto self = weak.lock();
        if (!self) return;
        Login& login = **self;
        if (!login.asking_ || asked != login.asked_) return;  // another answer was a failure
        if (!result.ok) return login.FactsFailed(FailureOfLink(result, Effect::kNone));
        const int status = result.reply.status;
        // Without a session there is a page. One that was just made is there: then a node is closed to us,
        // which is as good as none.
        const bool ended = session != login.session_;
        const bool lost = (ended || !login.fresh_) && (status == 400 || status == 401 || status == 403);
        if (lost && !ended) login.Forget();
        if (status == 429 || status >= 500 || lost)
          return login.FactsFailed(FailureOfStatus(result.reply, login.host_, Effect::kNone));
        done(std::move(result.reply));
      });
}

// Whatever the reason, trying again with the same credentials could lock the account; except where the server says that
// it is not ready.
Failure Login::Refused(const ServerError& error) const {
  Failure failure;
  if (IsTemporary(error) || error.code == "SES-0007" || error.code == "SES-0207") {
    failure.why = LinkState::kServerDown;
    failure.text = host_ + " cannot take the sign-in now (" + error.code + ")";
    return failure;
  }
  failure.why = LinkState::kWrongPassword;
  failure.text = host_ + " refused the sign-in: user name or password is wrong (" + error.code + ")";
  return failure;
}

void Login::End(std::optional<Failure> failure) {
  if (failure) session_.clear();
  const auto done = std::exchange(done_, nullptr);
  if (done) done(std::move(failure));
}

}  // namespace outpost
