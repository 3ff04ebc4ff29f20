#include <utility>

#include "replicator/ox/jobs.h"
#include "replicator/ox/json_writer.h"
#include "replicator/ox/requests.h"
#include "replicator/ox/server_error.h"

namespace outpost {
namespace {

class PasswordJob final : public ReplyJob {
 public:
  PasswordJob(Login& login, std::string password, std::function<void(Reply)> done)
      : ReplyJob(std::move(done)), login_(login), password_(std::move(password)) {
    answers_.emplace_back();
  }

  bool Write(const std::string& session, HttpRequest& request) override {
    std::string query;
    AppendFormPair(query, "action", "update");
    AppendFormPair(query, "session", session);
    JsonWriter json;
    json.BeginObject().Pair("old_password", login_.password()).Pair("new_password", password_).EndObject();
    request.method = "PUT";
    request.url = "/passwordchange?" + query;
    request.headers.emplace_back("Content-Type", kOxJson);
    request.body = json.Take();
    return true;
  }

  // The server holds no session made with the old password to be good any more.
  Verdict Read(HttpReply& body, AnswerReader& reader) override {
    const auto reply = reader.ReadCells(body.body);
    if (!reply) return Verdict::Failed(reply.error().context);
    if (const auto& refused = reply.value().refused) {
      if (IsSessionLost(*refused)) return Verdict::SessionLost();
      Answer& answer = answers_.front();
      answer.status = IsTemporary(*refused) ? AnswerStatus::kTryLater : AnswerStatus::kRefused;
      answer.code = refused->code;
      answer.text = refused->text;
      return Verdict::Done();
    }
    login_.UsePassword(password_);
    login_.Forget();
    return Verdict::Done();
  }

  Effect effect() const override { return Effect::kWrites; }

 private:
  Login& login_;
  const std::string password_;
};

class SignInJob final : public Job {
 public:
  explicit SignInJob(std::function<void(std::optional<Failure>, SessionInfo)> done) : done_(std::move(done)) {}
  bool Write(const std::string&, HttpRequest&) override { return false; }
  Verdict Read(HttpReply&, AnswerReader&) override { return Verdict::Done(); }
  void Tell(std::optional<Failure> failure, const SessionInfo& info) override { done_(std::move(failure), info); }

 private:
  std::function<void(std::optional<Failure>, SessionInfo)> done_;
};

}  // namespace

std::shared_ptr<Job> MakePasswordJob(Login& login, std::string password, std::function<void(Reply)> done) {
  return std::make_shared<PasswordJob>(login, std::move(password), std::move(done));
}

std::shared_ptr<Job> MakeSignInJob(std::function<void(std::optional<Failure>, SessionInfo)> done) {
  return std::make_shared<SignInJob>(std::move(done));
}

}  // namespace outpost
