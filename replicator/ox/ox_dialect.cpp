#include "replicator/ox/ox_dialect.h"

#include <algorithm>
#include <set>
#include <utility>

#include "replicator/ox/answers.h"
#include "replicator/ox/attachments.h"
#include "replicator/ox/cells.h"
#include "replicator/ox/day_answer.h"
#include "replicator/ox/failures.h"
#include "replicator/ox/json_writer.h"
#include "replicator/ox/kinds.h"
#include "replicator/ox/login.h"
#include "replicator/ox/mail.h"
#include "replicator/ox/participants.h"
#include "replicator/ox/photos.h"
#include "replicator/ox/push.h"
#include "replicator/ox/requests.h"

namespace outpost {
namespace {

constexpr std::uint64_t kSlowBytesPerMs = 16;
constexpr int kTooLarge = 413;

// One Send on its way, one SignIn or one FetchSource.
struct Job {
  std::vector<Ask> asks;
  std::function<void(Reply)> done;
  std::function<void(std::optional<Failure>, SessionInfo)> signed_in;  // of a SignIn, instead of `done`
  SourceAsk source;
  std::function<void(SourceReply)> source_done;  // of a FetchSource, likewise
  std::vector<Answer> answers;
  std::vector<Element> todo;  // what has no answer yet
  Effect effect = Effect::kNone;
  bool sent = false;             // something left, so writes may have been done
  bool single = false;           // `asks` is one that is a request of its own
  std::string password;          // of a ChangePassword: the new one
  DayStep day_step{};            // of an answer to one day
  std::int64_t day_number = 0;   // that day's in its series
  std::string stored_in;         // of a Submit that is done: the folder, whose validity is asked for now
  bool repeated = false;         // the session was lost once already
  bool some_done = false;        // before it was lost, the server answered some asks
  std::uint64_t generation = 0;  // of the session it went out with
  std::uint64_t bytes = 0;
  std::chrono::microseconds took{0};
  bool finished = false;
};
using JobRef = std::shared_ptr<Job>;

Answer NotCarried() {
  Answer answer;
  answer.status = AnswerStatus::kRefused;
  answer.code = "not_carried";
  answer.text = "items of this type are not exchanged by this version";
  return answer;
}

// The answers of an ask that took several elements become one; the first that is not done decides.
void Merge(Answer& into, Answer&& from) {
  if (into.status != AnswerStatus::kDone) return;
  from.version = std::max(into.version, from.version);
  if (into.rows.empty() || from.status != AnswerStatus::kDone) {
    into = std::move(from);
    return;
  }
  into.rows.insert(into.rows.end(), std::make_move_iterator(from.rows.begin()),
                   std::make_move_iterator(from.rows.end()));
}

// Everything behind the dialect. Transport callbacks hold it weakly, so that none runs into a dialect that is gone.
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
               transport, clock, log, reader_),
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
  void Start(const JobRef& job);
  void AwaitSession(const JobRef& job);
  void OnSession(std::optional<Failure> failure);
  void Transmit(const JobRef& job);
  void TransmitSource(const JobRef& job);
  void TransmitSingle(const JobRef& job);
  void OnSingle(const JobRef& job, HttpResult result);
  void TransmitPassword(const JobRef& job);
  void OnPassword(const JobRef& job, HttpResult result);
  void TransmitDay(const JobRef& job);
  bool IsAnswered(const JobRef& job, const HttpResult& result, int also = 200);
  void OnDay(const JobRef& job, HttpResult result);
  void TransmitExamine(const JobRef& job);
  void OnExamined(const JobRef& job, HttpResult result);
  void OnSource(const JobRef& job, HttpResult result);
  static void Tell(const JobRef& job, SourceReply reply);
  void OnReply(const JobRef& job, HttpResult result);
  void OnAnswers(const JobRef& job, MultipleReply reply);
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
  bool outdated_ = false;           // the password changed while it was signing in
  std::optional<Failure> refused_;  // the sign-in; see ox_dialect.h
  std::vector<JobRef> waiting_;     // for a session
  std::set<JobRef> live_;
};

void Core::Send(std::vector<Ask> asks, std::function<void(Reply)> done) {
  auto job = std::make_shared<Job>();
  job->asks = std::move(asks);
  for (Ask& one : job->asks)
    if (auto* folders = std::get_if<ask::Folders>(&one); folders != nullptr && folders->content.empty())
      folders->content = options_.content;
  job->done = std::move(done);
  job->todo = PlanElements(job->asks);
  job->answers.assign(job->asks.size(), NotCarried());
  for (const Element& element : job->todo) job->answers[element.ask] = Answer{};
  job->single = job->asks.size() == 1 &&
                (IsAboutAttachments(job->asks.front()) || HasPhoto(job->asks.front()) ||
                 AnswersDay(job->asks.front()) || std::holds_alternative<ask::Submit>(job->asks.front()));
  if (std::any_of(job->asks.begin(), job->asks.end(), IsWrite)) job->effect = Effect::kWrites;
  live_.insert(job);
  const bool nothing = job->todo.empty() && !job->single;
  if (refused_ || nothing) {
    strand_.Post(
        [self = shared_from_this(), job, nothing] { self->Finish(job, nothing ? std::nullopt : self->refused_); });
    return;
  }
  Start(job);
}

void Core::SignIn(std::function<void(std::optional<Failure>, SessionInfo)> done) {
  auto job = std::make_shared<Job>();
  job->signed_in = std::move(done);
  live_.insert(job);
  refused_.reset();
  AwaitSession(job);
}

void Core::FetchSource(SourceAsk ask, std::function<void(SourceReply)> done) {
  auto job = std::make_shared<Job>();
  job->source = std::move(ask);
  job->source_done = std::move(done);
  live_.insert(job);
  if (refused_) {
    strand_.Post([self = shared_from_this(), job] { self->Finish(job, self->refused_); });
    return;
  }
  Start(job);
}

void Core::TransmitSource(const JobRef& job) {
  HttpRequest request;
  request.method = "GET";
  const ItemType type = FieldOwner(job->source.type);
  request.url = options_.base_url + (type == ItemType::kContact ? PhotoUrl(job->source, login_.session())
                                     : type == ItemType::kAttachment
                                         ? "/attachment?" + DocumentQuery(job->source, login_.session())
                                         : "/mail?" + SourceQuery(job->source, login_.session()));
  request.headers = {{"User-Agent", options_.user_agent}};
  job->generation = login_.generation();
  ++requests_;
  transport_.Send(std::move(request), options_.request_deadline, [weak = weak_from_this(), job](HttpResult result) {
    if (const auto self = weak.lock()) self->OnSource(job, std::move(result));
  });
}

// The bytes, or an envelope with an error: nothing that begins a mail or an image is one.
void Core::OnSource(const JobRef& job, HttpResult result) {
  if (job->finished) return;
  if (!result.ok) return Fail(job, FailureOfLink(result, Effect::kNone));
  const int status = result.reply.status;
  if (status == 400 || status == 401 || status == 403)
    return OnSessionLost(job, FailureOfStatus(result.reply, login_.host(), Effect::kNone));
  if (status == 404) {
    live_.erase(job);
    return Tell(job, {std::nullopt, AnswerStatus::kGone, {}});
  }
  if (status != 200) return Fail(job, FailureOfStatus(result.reply, login_.host(), Effect::kNone));
  SourceReply reply;
  // A file may look like an envelope: what is as long as it must be is the file.
  const auto size = job->source.fields.find(field::kAttachmentSize);
  const bool attachment = job->source.type == ItemType::kAttachment;
  const bool whole = attachment && size != job->source.fields.end() &&
                     size->second == Value(static_cast<std::int64_t>(result.reply.body.size()));
  if (whole) {
    reply.bytes = std::move(result.reply.body);
  } else if (const auto error = reader_.ReadError(result.reply.body)) {
    if (IsSessionLost(*error))
      return OnSessionLost(job,
                           FailureOfShape({}, login_.host(), "the session is lost again and again", Effect::kNone));
    reply.status = IsTemporary(*error) ? AnswerStatus::kTryLater : AnswerStatus::kGone;
  } else if (FieldOwner(job->source.type) == ItemType::kContact
                 ? !IsPhoto(result.reply.body)
                 : attachment || !IsSourceOf(result.reply.body, job->source.fields)) {
    reply.status = AnswerStatus::kGone;
  } else {
    reply.bytes = std::move(result.reply.body);
  }
  live_.erase(job);
  Tell(job, std::move(reply));
}

void Core::Tell(const JobRef& job, SourceReply reply) {
  if (!std::exchange(job->finished, true)) job->source_done(std::move(reply));
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
  auto job = std::make_shared<Job>();
  job->password = std::move(password);
  job->done = std::move(done);
  job->effect = Effect::kWrites;
  job->answers.emplace_back();
  live_.insert(job);
  if (refused_) {
    strand_.Post([self = shared_from_this(), job] { self->Finish(job, self->refused_); });
    return;
  }
  Start(job);
}

void Core::TransmitPassword(const JobRef& job) {
  HttpRequest request;
  std::string query;
  AppendFormPair(query, "action", "update");
  AppendFormPair(query, "session", login_.session());
  JsonWriter json;
  json.BeginObject().Pair("old_password", login_.password()).Pair("new_password", job->password).EndObject();
  request.method = "PUT";
  request.url = options_.base_url + "/passwordchange?" + query;
  request.headers = {{"Content-Type", "application/json; charset=UTF-8"}, {"User-Agent", options_.user_agent}};
  request.body = json.Take();
  job->generation = login_.generation();
  job->sent = true;
  ++requests_;
  transport_.Send(std::move(request), options_.request_deadline, [weak = weak_from_this(), job](HttpResult result) {
    if (const auto self = weak.lock()) self->OnPassword(job, std::move(result));
  });
}

// The server holds no session made with the old password to be good any more.
void Core::OnPassword(const JobRef& job, HttpResult result) {
  if (job->finished) return;
  if (!result.ok) return Fail(job, FailureOfLink(result, job->effect));
  const int status = result.reply.status;
  if (status == 400 || status == 401 || status == 403)
    return OnSessionLost(job, FailureOfStatus(result.reply, login_.host(), job->effect));
  if (status != 200) return Fail(job, FailureOfStatus(result.reply, login_.host(), job->effect));
  const auto reply = reader_.ReadCells(result.reply.body);
  if (!reply) return Fail(job, FailureOfShape(result.reply, login_.host(), reply.error().context, job->effect));
  if (const auto& refused = reply.value().refused) {
    if (IsSessionLost(*refused))
      return OnSessionLost(job, FailureOfShape({}, login_.host(), "the session is lost again and again", job->effect));
    Answer& answer = job->answers.front();
    answer.status = IsTemporary(*refused) ? AnswerStatus::kTryLater : AnswerStatus::kRefused;
    answer.code = refused->code;
    answer.text = refused->text;
    return Finish(job, std::nullopt);
  }
  login_.UsePassword(job->password);
  login_.Forget();
  Finish(job, std::nullopt);
}

void Core::Close() {
  for (const JobRef& job : std::exchange(live_, {})) {
    job->finished = true;
    Failure failure;
    failure.why = LinkState::kOffline;
    failure.maybe_applied = job->sent && job->effect == Effect::kWrites;
    failure.text = "the connection was closed here";
    strand_.Post([job, failure] {
      if (job->signed_in)
        job->signed_in(failure, SessionInfo{});
      else if (job->source_done)
        job->source_done({failure, AnswerStatus::kTryLater, {}});
      else
        job->done(Reply{failure, {}});
    });
  }
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
    else if (job->signed_in)
      Finish(job, std::nullopt);
    else
      Start(job);
  }
}

void Core::Transmit(const JobRef& job) {
  if (job->source_done) return TransmitSource(job);
  if (!job->password.empty()) return TransmitPassword(job);
  if (job->single) return TransmitSingle(job);
  HttpRequest request;
  request.method = "PUT";
  request.url = options_.base_url + "/multiple?";
  std::string query;
  AppendFormPair(query, "session", login_.session());
  request.url += query;
  request.headers = {{"Content-Type", "application/json; charset=UTF-8"}, {"User-Agent", options_.user_agent}};
  request.body = WriteMultiple(job->asks, job->todo);
  job->generation = login_.generation();
  job->sent = true;
  ++requests_;
  log_.Write(LogLevel::kDebug, "ox",
             "multiple of " + std::to_string(job->todo.size()) + ", " + std::to_string(request.body.size()) + " bytes");
  transport_.Send(std::move(request), options_.request_deadline, [weak = weak_from_this(), job](HttpResult result) {
    if (const auto self = weak.lock()) self->OnReply(job, std::move(result));
  });
}

void Core::TransmitSingle(const JobRef& job) {
  if (!job->stored_in.empty()) return TransmitExamine(job);
  if (AnswersDay(job->asks.front())) return TransmitDay(job);
  HttpRequest request;
  const auto* submit = std::get_if<ask::Submit>(&job->asks.front());
  const bool photo = HasPhoto(job->asks.front());
  const bool written = submit != nullptr ? WriteSubmission(*submit, login_.session(), request)
                       : photo           ? WritePhotoRequest(job->asks.front(), login_.session(), request)
                                         : WriteAttachmentRequest(job->asks.front(), login_.session(), request);
  if (!written) {
    job->answers.front() = NotCarried();
    if (photo) BlamePhoto(job->answers.front());
    return Finish(job, std::nullopt);
  }
  request.url = options_.base_url + request.url;
  request.headers.emplace_back("User-Agent", options_.user_agent);
  // A large file on a slow line may take longer than an answer may.
  const std::uint64_t streamed = request.stream ? request.stream->size() : 0;
  const Millis deadline = options_.request_deadline + Millis(static_cast<std::int64_t>(streamed / kSlowBytesPerMs));
  job->generation = login_.generation();
  job->sent = true;
  ++requests_;
  transport_.Send(std::move(request), deadline, [weak = weak_from_this(), job](HttpResult result) {
    if (const auto self = weak.lock()) self->OnSingle(job, std::move(result));
  });
}

void Core::OnSingle(const JobRef& job, HttpResult result) {
  if (job->finished) return;
  if (!IsAnswered(job, result, kTooLarge)) return;
  Answer& answer = job->answers.front();
  if (result.reply.status == kTooLarge) {
    answer = Answer{};
    answer.status = AnswerStatus::kRefused;
    answer.code = "http_413";
    answer.text = "the server takes no file of this size";
    if (HasPhoto(job->asks.front())) BlamePhoto(answer);
    return Finish(job, std::nullopt);
  }
  const bool upload = std::holds_alternative<ask::Attach>(job->asks.front()) || HasPhoto(job->asks.front()) ||
                      std::holds_alternative<ask::Submit>(job->asks.front());
  std::string envelope = upload ? EnvelopeInPage(result.reply.body) : std::string();
  // An error may come without the page.
  auto element = reader_.ReadSingle(envelope.empty() ? result.reply.body : envelope, job->asks.front());
  if (!element) return Fail(job, FailureOfShape(result.reply, login_.host(), element.error().context, job->effect));
  if (element.value().session_lost)
    return OnSessionLost(job, FailureOfShape({}, login_.host(), "the session is lost again and again", Effect::kNone));
  answer = std::move(element.value().answer);
  if (!std::holds_alternative<ask::Submit>(job->asks.front()) || answer.status != AnswerStatus::kDone)
    return Finish(job, std::nullopt);
  // Whatever comes of it now, the mail has left.
  job->some_done = true;
  const auto place = SplitMailId(answer.remote_id);
  job->stored_in = place ? std::string(place->folder) : std::string();
  TransmitExamine(job);
}

// Counts what came. False where there is no answer to go on with, of status 200 or `also`: the job has then failed, or
// waits for a session. Without one the server answers a page, not an envelope; the servlet did nothing then.
bool Core::IsAnswered(const JobRef& job, const HttpResult& result, int also) {
  job->bytes += result.wire_bytes;
  job->took += result.took;
  const int status = result.reply.status;
  if (result.ok && (status == 200 || status == also)) return true;
  if (!result.ok)
    Fail(job, FailureOfLink(result, job->effect));
  else if (status == 400 || status == 401 || status == 403)
    OnSessionLost(job, FailureOfStatus(result.reply, login_.host(), job->effect));
  else
    Fail(job, FailureOfStatus(result.reply, login_.host(), job->effect));
  return false;
}

void Core::TransmitDay(const JobRef& job) {
  HttpRequest request;
  WriteDayStep(std::get<ask::Create>(job->asks.front()), job->day_step, job->day_number, login_.session(), request);
  request.url = options_.base_url + request.url;
  request.headers.emplace_back("User-Agent", options_.user_agent);
  job->generation = login_.generation();
  job->sent = job->day_step != DayStep::kNumber;
  job->effect = job->sent ? Effect::kWrites : Effect::kNone;
  ++requests_;
  transport_.Send(std::move(request), options_.request_deadline, [weak = weak_from_this(), job](HttpResult result) {
    if (const auto self = weak.lock()) self->OnDay(job, std::move(result));
  });
}

void Core::OnDay(const JobRef& job, HttpResult result) {
  if (job->finished) return;
  if (!IsAnswered(job, result)) return;
  auto reply = reader_.ReadCells(result.reply.body);
  if (!reply) return Fail(job, FailureOfShape(result.reply, login_.host(), reply.error().context, job->effect));
  const auto& refused = reply.value().refused;
  if (refused && IsSessionLost(*refused))
    return OnSessionLost(job, FailureOfShape({}, login_.host(), "the session is lost again and again", job->effect));
  Answer& answer = job->answers.front();
  if (refused && job->day_step != DayStep::kMade) {
    answer = AnswerFor(*refused, job->asks.front());
    return Finish(job, std::nullopt);
  }
  const auto& rows = reply.value().rows;
  const auto number = [](const std::string& cell) {
    std::int64_t value = 0;
    return ReadInt(cell, value) ? value : 0;
  };
  switch (job->day_step) {
    case DayStep::kNumber:
      job->day_number = rows.size() == 1 && rows[0].size() == 1 ? number(rows[0][0]) : 0;
      if (job->day_number <= 0) {
        answer = Answer{};
        answer.status = AnswerStatus::kRefused;
        answer.code = "no_such_day";
        answer.text = "the series does not take place on that day";
        return Finish(job, std::nullopt);
      }
      job->day_step = DayStep::kAnswer;
      return TransmitDay(job);
    case DayStep::kAnswer:
      job->some_done = true;
      job->day_step = DayStep::kMade;
      return TransmitDay(job);
    case DayStep::kMade:
      break;
  }
  for (const auto& row : rows) {
    if (row.size() != 3 || number(row[2]) != DayAnswered(std::get<ask::Create>(job->asks.front()))) continue;
    answer = Answer{};
    answer.remote_id = row[0];
    answer.version = number(row[1]);
    return Finish(job, std::nullopt);
  }
  Fail(job, FailureOfShape({}, login_.host(), "a day that was answered is not among those of its series", job->effect));
}

// The id that a mail was given is good for a folder as it is: asked for when the mail is there.
void Core::TransmitExamine(const JobRef& job) {
  const std::vector<Ask> asks{ask::Examine{job->stored_in, ItemType::kMail}};
  HttpRequest request;
  request.method = "PUT";
  std::string query;
  AppendFormPair(query, "session", login_.session());
  request.url = options_.base_url + "/multiple?" + query;
  request.headers = {{"Content-Type", "application/json; charset=UTF-8"}, {"User-Agent", options_.user_agent}};
  request.body = WriteMultiple(asks, PlanElements(asks));
  job->generation = login_.generation();
  ++requests_;
  transport_.Send(std::move(request), options_.request_deadline, [weak = weak_from_this(), job](HttpResult result) {
    if (const auto self = weak.lock()) self->OnExamined(job, std::move(result));
  });
}

void Core::OnExamined(const JobRef& job, HttpResult result) {
  if (job->finished) return;
  if (!IsAnswered(job, result)) return;
  const std::vector<Ask> asks{ask::Examine{job->stored_in, ItemType::kMail}};
  auto reply = reader_.ReadMultiple(result.reply.body, asks, PlanElements(asks));
  if (!reply || reply.value().refused || reply.value().elements.empty() || reply.value().elements.front().failed) {
    if (reply && !reply.value().elements.empty() && reply.value().elements.front().session_lost)
      return OnSessionLost(job, FailureOfShape({}, login_.host(), "the session is lost again and again", job->effect));
    return Fail(job, FailureOfShape(result.reply, login_.host(), "a mail's folder does not say what its id is good for",
                                    job->effect));
  }
  Answer& answer = job->answers.front();
  const std::string submitted = answer.remote_id;
  const auto place = SplitMailId(submitted);
  answer.remote_id =
      JoinMailId(job->stored_in, reply.value().elements.front().examined.validity, place ? place->id : "");
  Finish(job, std::nullopt);
}

void Core::OnReply(const JobRef& job, HttpResult result) {
  if (job->finished) return;
  if (result.ok)
    log_.Write(
        LogLevel::kDebug, "ox",
        "answer " + std::to_string(result.reply.status) + ", " + std::to_string(result.reply.body.size()) + " bytes");
  if (!IsAnswered(job, result)) return;
  auto reply = reader_.ReadMultiple(result.reply.body, job->asks, job->todo);
  if (!reply) return Fail(job, FailureOfShape(result.reply, login_.host(), reply.error().context, job->effect));
  OnAnswers(job, std::move(reply).assume_value());
}

void Core::OnAnswers(const JobRef& job, MultipleReply reply) {
  if (reply.refused) {
    Failure failure =
        FailureOfShape({}, login_.host(), "the request as a whole is refused with " + reply.refused->code, job->effect);
    if (IsSessionLost(*reply.refused)) return OnSessionLost(job, std::move(failure));
    if (IsTemporary(*reply.refused)) failure.why = LinkState::kServerDown;
    return Fail(job, std::move(failure));
  }
  std::vector<Element> lost;
  for (std::size_t i = 0; i < reply.elements.size(); ++i) {
    if (reply.elements[i].session_lost)
      lost.push_back(job->todo[i]);
    else
      Merge(job->answers[job->todo[i].ask], std::move(reply.elements[i].answer));
  }
  if (lost.size() < job->todo.size()) job->some_done = true;
  job->todo = std::move(lost);
  if (job->todo.empty()) return Finish(job, std::nullopt);
  Failure failure = FailureOfShape({}, login_.host(), "the session is lost again and again", Effect::kNone);
  OnSessionLost(job, std::move(failure));
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
  // Asks done before the session was lost stay done, whatever became of the rest.
  if (job->some_done && job->effect == Effect::kWrites) failure.maybe_applied = true;
  if (!job->finished)
    log_.Write(LogLevel::kWarning, "ox", failure.text + (failure.maybe_applied ? "; writes may have been done" : ""));
  Finish(job, std::move(failure));
}

void Core::Finish(const JobRef& job, std::optional<Failure> failure) {
  if (std::exchange(job->finished, true)) return;
  live_.erase(job);
  if (job->signed_in) return job->signed_in(std::move(failure), login_.info());
  if (job->source_done) return job->source_done({std::move(failure), AnswerStatus::kTryLater, {}});
  Reply reply;
  reply.bytes = job->bytes;
  reply.took = job->took;
  if (!failure) reply.answers = std::move(job->answers);
  for (Answer& answer : reply.answers)
    for (RemoteRow& row : answer.rows) NoteOwnAnswer(login_.info().user_id, row);
  reply.failure = std::move(failure);
  job->done(std::move(reply));
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
    return kind != nullptr && kind->is_mail;
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
