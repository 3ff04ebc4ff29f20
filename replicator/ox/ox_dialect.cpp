#include "replicator/ox/ox_dialect.h"

#include <algorithm>
#include <set>
#include <utility>

#include "replicator/ox/failures.h"
#include "replicator/ox/jobs.h"
#include "replicator/ox/kinds.h"
#include "replicator/ox/login.h"
#include "replicator/ox/push.h"
#include "replicator/ox/signatures.h"

namespace outpost {
namespace {

constexpr std::uint64_t kSlowBytesPerMs = 16;

using JobRef = std::shared_ptr<Job>;

// Everything behind the dialect: which job has a session to go out with, and what a line or a lost session means for
// it. Transport callbacks hold it weakly, so that none runs into a dialect that is gone.
class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(OxOptions options, Transport& transport, Strand& strand, const Clock& clock, Log& log)
      : options_(std::move(options)),
        transport_(transport),
        strand_(strand),
        log_(log),
        reader_(options_.content),
        login_(LoginOptions{options_.base_url, options_.user, options_.password, options_.client, options_.user_agent,
                            options_.request_deadline},
               transport, clock, log, reader_, [this](std::optional<Failure> failure) { OnFacts(std::move(failure)); }),
        push_(PushOptions{options_.base_url, options_.user_agent, options_.request_deadline, options_.seed}, transport,
              strand, clock, log) {}

  void Send(std::vector<Ask> asks, std::function<void(Reply)> done);
  void SignIn(std::function<void(std::optional<Failure>, SessionInfo)> done);
  void FetchSource(SourceAsk ask, std::function<void(SourceReply)> done);
  void UsePassword(std::string password);
  void ChangePassword(std::string password, std::function<void(Reply)> done);
  void Close();
  void Listen(std::function<void()> news) { push_.Keep(login_.session(), std::move(news)); }
  std::uint64_t requests() const { return requests_ + login_.requests(); }
  const SessionInfo& session() const { return login_.info(); }

 private:
  void Begin(JobRef job);
  void Start(const JobRef& job);
  void AwaitSession(const JobRef& job);
  void OnSession(std::optional<Failure> failure);
  void OnFacts(std::optional<Failure> failure);
  void Transmit(const JobRef& job);
  void OnResult(const JobRef& job, HttpResult result);
  void Follow(const JobRef& job, const HttpReply& reply, const Verdict& verdict);
  void OnSessionLost(const JobRef& job, Failure otherwise);
  void Fail(const JobRef& job, Failure failure);
  void Finish(const JobRef& job, std::optional<Failure> failure);

  const OxOptions options_;
  Transport& transport_;
  Strand& strand_;
  Log& log_;
  AnswerReader reader_;
  Login login_;
  Push push_;
  std::uint64_t requests_ = 0;
  bool signing_in_ = false;
  bool outdated_ = false;                 // the password changed while it was signing in
  std::optional<Failure> refused_;        // the sign-in; see ox_dialect.h
  std::vector<JobRef> waiting_;           // for a session
  std::vector<JobRef> held_;              // done, but for what they need to know of the server
  std::optional<Failure> facts_failure_;  // why that is not known, and not being asked for
  std::set<JobRef> live_;
  const std::shared_ptr<std::optional<FilterOffer>> offer_ = std::make_shared<std::optional<FilterOffer>>();
};

void Core::Send(std::vector<Ask> asks, std::function<void(Reply)> done) {
  for (Ask& one : asks)
    if (auto* folders = std::get_if<ask::Folders>(&one); folders != nullptr && folders->content.empty())
      folders->content = options_.content;
  if (asks.size() == 1 && IsRuleWrite(asks.front()))
    return Begin(MakeRuleJob(std::move(asks.front()), offer_, std::move(done)));
  if (asks.size() == 1 && IsSignatureWrite(asks.front()))
    return Begin(MakeSignatureJob(std::move(asks.front()), std::move(done)));
  const bool single = asks.size() == 1 && IsSingle(asks.front());
  Begin(single ? MakeSingleJob(std::move(asks.front()), std::move(done))
               : MakeBatchJob(std::move(asks), std::move(done)));
}

void Core::SignIn(std::function<void(std::optional<Failure>, SessionInfo)> done) {
  refused_.reset();
  const JobRef job = MakeSignInJob(std::move(done));
  job->needs = Facts::kAll;
  live_.insert(job);
  AwaitSession(job);
}

void Core::FetchSource(SourceAsk ask, std::function<void(SourceReply)> done) {
  Begin(MakeSourceJob(std::move(ask), std::move(done)));
}

void Core::UsePassword(std::string password) {
  refused_.reset();
  if (!login_.UsePassword(std::move(password))) return;
  if (signing_in_)
    outdated_ = true;
  else
    login_.Forget();
}

void Core::ChangePassword(std::string password, std::function<void(Reply)> done) {
  Begin(MakePasswordJob(login_, std::move(password), std::move(done)));
}

void Core::Close() {
  for (const JobRef& job : std::exchange(live_, {})) {
    job->finished = true;
    Failure failure;
    failure.why = LinkState::kOffline;
    failure.maybe_applied = job->sent && job->effect() == Effect::kWrites;
    failure.text = "the connection was closed here";
    strand_.Post([job, failure] { job->Tell(failure, SessionInfo{}); });
  }
}

void Core::Begin(JobRef job) {
  live_.insert(job);
  const bool nothing = job->NeedsNothing();
  if (refused_ || nothing) {
    strand_.Post(
        [self = shared_from_this(), job, nothing] { self->Finish(job, nothing ? std::nullopt : self->refused_); });
    return;
  }
  Start(job);
}

void Core::Start(const JobRef& job) {
  if (signing_in_ || login_.session().empty())
    AwaitSession(job);
  else
    Transmit(job);
}

void Core::AwaitSession(const JobRef& job) {
  waiting_.push_back(job);
  if (signing_in_) return;
  signing_in_ = true;
  login_.Run([weak = weak_from_this()](std::optional<Failure> failure) {
    if (const auto self = weak.lock()) self->OnSession(std::move(failure));
  });
}

void Core::OnSession(std::optional<Failure> failure) {
  signing_in_ = false;
  if (std::exchange(outdated_, false)) {
    login_.Forget();
    failure = Failure{LinkState::kOffline, false, Millis{0}, "the password was changed while signing in"};
  }
  if (failure && failure->why == LinkState::kWrongPassword) refused_ = failure;
  for (const JobRef& job : std::exchange(waiting_, {})) {
    if (job->finished) continue;
    if (failure)
      Fail(job, *failure);
    else
      Start(job);
  }
}

// Who asked for something is told when the facts are known that were not when he asked: he goes on by them.
void Core::OnFacts(std::optional<Failure> failure) {
  facts_failure_ = std::move(failure);
  for (const JobRef& job : std::exchange(held_, {}))
    if (!job->finished) Finish(job, std::nullopt);
}

void Core::Transmit(const JobRef& job) {
  job->needs = std::max(job->needs, login_.facts() == Facts::kNone ? Facts::kTimes : Facts::kAll);
  if (login_.AskFacts()) facts_failure_.reset();
  HttpRequest request;
  if (!job->Write(login_.session(), request)) return Finish(job, std::nullopt);
  request.url = options_.base_url + request.url;
  request.headers.emplace_back("User-Agent", options_.user_agent);
  // A large file on a slow line may take longer than an answer may.
  const std::uint64_t streamed = request.stream ? request.stream->size() : 0;
  const Millis deadline = options_.request_deadline + Millis(static_cast<std::int64_t>(streamed / kSlowBytesPerMs));
  job->generation = login_.generation();
  job->sent = true;
  ++requests_;
  log_.Write(LogLevel::kDebug, "ox", "request of " + std::to_string(request.body.size() + streamed) + " bytes");
  transport_.Send(std::move(request), deadline, [weak = weak_from_this(), job](HttpResult result) {
    if (const auto self = weak.lock()) self->OnResult(job, std::move(result));
  });
}

// Without a session the server answers a page, not an envelope; the servlet did nothing then.
void Core::OnResult(const JobRef& job, HttpResult result) {
  if (job->finished) return;
  job->bytes += result.wire_bytes;
  job->took += result.took;
  if (!result.ok) return Fail(job, FailureOfLink(result, job->effect()));
  HttpReply& reply = result.reply;
  log_.Write(LogLevel::kDebug, "ox",
             "answer " + std::to_string(reply.status) + ", " + std::to_string(reply.body.size()) + " bytes");
  if (job->Reads(reply.status)) return Follow(job, reply, job->Read(reply, reader_));
  Failure failure = FailureOfStatus(reply, login_.host(), job->effect());
  if (reply.status == 400 || reply.status == 401 || reply.status == 403)
    OnSessionLost(job, std::move(failure));
  else
    Fail(job, std::move(failure));
}

void Core::Follow(const JobRef& job, const HttpReply& reply, const Verdict& verdict) {
  switch (verdict.next) {
    case Verdict::Next::kDone:
      return Finish(job, std::nullopt);
    case Verdict::Next::kAgain:
      return Transmit(job);
    case Verdict::Next::kSessionLost:
      return OnSessionLost(job,
                           FailureOfShape({}, login_.host(), "the session is lost again and again", Effect::kNone));
    case Verdict::Next::kFailed: {
      Failure failure = FailureOfShape(reply, login_.host(), verdict.what, job->effect());
      if (failure.why == LinkState::kProtocolError) failure.why = verdict.why;
      return Fail(job, std::move(failure));
    }
  }
}

void Core::OnSessionLost(const JobRef& job, Failure otherwise) {
  if (job->repeated) return Fail(job, std::move(otherwise));
  job->repeated = true;
  log_.Write(LogLevel::kInfo, "ox", "the session is lost; signing in again");
  // Another job may have made a new one meanwhile.
  if (job->generation == login_.generation()) login_.Forget();
  Start(job);
}

void Core::Fail(const JobRef& job, Failure failure) {
  // What was done before the session was lost stays done, whatever became of the rest.
  if (job->some_done() && job->effect() == Effect::kWrites) failure.maybe_applied = true;
  // It may arrive when all was read back, and be done a second time: its session ends before anything else is asked.
  if (!job->finished && job->sent && failure.maybe_applied && job->generation == login_.generation()) login_.Retire();
  if (!job->finished)
    log_.Write(LogLevel::kWarning, "ox", failure.text + (failure.maybe_applied ? "; writes may have been done" : ""));
  Finish(job, std::move(failure));
}

void Core::Finish(const JobRef& job, std::optional<Failure> failure) {
  if (!failure && !job->finished && login_.facts() < job->needs) {
    if (!facts_failure_) return held_.push_back(job);
    failure = facts_failure_;
    failure->maybe_applied = job->sent && job->effect() == Effect::kWrites;
  }
  if (std::exchange(job->finished, true)) return;
  live_.erase(job);
  job->Tell(std::move(failure), login_.info());
}

class OxDialect final : public Dialect {
 public:
  explicit OxDialect(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  ~OxDialect() override { core_->Close(); }
  void SignIn(std::function<void(std::optional<Failure>, SessionInfo)> done) override {
    core_->SignIn(std::move(done));
  }
  void Send(std::vector<Ask> asks, std::function<void(Reply)> done) override {
    core_->Send(std::move(asks), std::move(done));
  }
  void FetchSource(SourceAsk ask, std::function<void(SourceReply)> done) override {
    core_->FetchSource(std::move(ask), std::move(done));
  }
  bool IsExamined(ItemType type) const override {
    const OxKind* kind = KindOf(type);
    return kind != nullptr && (kind->is_mail || kind->is_setting);
  }
  void Listen(std::function<void()> news) override { core_->Listen(std::move(news)); }
  void UsePassword(std::string password) override { core_->UsePassword(std::move(password)); }
  void ChangePassword(std::string password, std::function<void(Reply)> done) override {
    core_->ChangePassword(std::move(password), std::move(done));
  }
  std::uint64_t requests() const override { return core_->requests(); }
  const SessionInfo& session() const override { return core_->session(); }

 private:
  std::shared_ptr<Core> core_;
};

}  // namespace

std::vector<ItemType> CarriedTypes() {
  std::vector<ItemType> types;
  for (const OxKind& kind : AllKinds()) types.push_back(kind.type);
  return types;
}

std::unique_ptr<Dialect> MakeOxDialect(OxOptions options, Transport& transport, Strand& strand, const Clock& clock,
                                       Log& log) {
  return std::make_unique<OxDialect>(std::make_shared<Core>(std::move(options), transport, strand, clock, log));
}

}  // namespace outpost
