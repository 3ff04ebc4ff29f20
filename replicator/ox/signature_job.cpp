#include <algorithm>
#include <utility>

#include "replicator/ox/jobs.h"
#include "replicator/ox/requests.h"
#include "replicator/ox/server_error.h"
#include "replicator/ox/signatures.h"

namespace outpost {
namespace {

// One signature is written. Nothing on the server refuses a late write, so they are read just before: only what is
// still as it was known is changed, and only what was changed here is sent.
class SignatureJob final : public ReplyJob {
 public:
  SignatureJob(Ask ask, std::function<void(Reply)> done) : ReplyJob(std::move(done)), ask_(std::move(ask)) {
    answers_.emplace_back();
    if (std::holds_alternative<ask::Create>(ask_)) step_ = Step::kNew;
  }

  bool Write(const std::string& session, HttpRequest& request) override {
    constexpr const char* kActions[] = {"all", "new", "update", "delete"};
    std::string query;
    AppendFormPair(query, "action", kActions[static_cast<std::size_t>(step_)]);
    AppendFormPair(query, "session", session);
    if (step_ == Step::kList) AppendFormPair(query, "type", "signature");
    if (step_ == Step::kUpdate || step_ == Step::kDelete) AppendFormPair(query, "id", stored_.id);
    request.url = std::string("/") + kSnippetModule + "?" + query;
    if (step_ == Step::kList) return true;
    request.method = "PUT";
    request.headers.emplace_back("Content-Type", kOxJson);
    if (step_ == Step::kDelete) return true;
    request.body = WriteSignature(Fields(), step_ == Step::kNew ? nullptr : &stored_, answers_.front());
    return answers_.front().status == AnswerStatus::kDone;
  }

  Verdict Read(HttpReply& reply, AnswerReader& reader) override {
    if (const auto error = reader.ReadError(reply.body)) {
      if (IsSessionLost(*error)) return Verdict::SessionLost();
      answers_.front() = AnswerFor(*error, ask_);
      return Verdict::Done();
    }
    if (step_ == Step::kList) {
      std::vector<StoredSignature> signatures;
      if (!ReadSignatureList(reply.body, signatures)) {  // nothing was written, and everything else goes on
        answers_.front().status = AnswerStatus::kTryLater;
        answers_.front().code = kAnotherShape;
        return Verdict::Done();
      }
      return Judge(signatures);
    }
    if (step_ == Step::kNew) {
      const auto id = ReadNewSignature(reply.body);
      if (!id) return Verdict::Failed("a new signature has no id");
      answers_.front().remote_id = std::string(kSignaturesFolder) + ":" + *id;
    }
    return Verdict::Done();
  }

  Effect effect() const override { return step_ == Step::kList ? Effect::kNone : Effect::kWrites; }

 private:
  enum class Step : std::uint8_t { kList, kNew, kUpdate, kDelete };

  const FieldMap& Fields() const {
    const auto* create = std::get_if<ask::Create>(&ask_);
    return create != nullptr ? create->fields : std::get<ask::Update>(ask_).fields;
  }

  // What is to be done with the signature, now that it is known how it stands.
  Verdict Judge(std::vector<StoredSignature>& signatures) {
    const auto* update = std::get_if<ask::Update>(&ask_);
    const auto* deletion = std::get_if<ask::Delete>(&ask_);
    const auto id = SignatureId(update != nullptr ? update->remote_id : deletion->remote_id);
    const auto found = std::find_if(signatures.begin(), signatures.end(),
                                    [&](const StoredSignature& one) { return id && one.id == *id; });
    Answer& answer = answers_.front();
    if (found == signatures.end()) {
      answer.status = AnswerStatus::kGone;
      answer.code = "no_such_signature";
      return Verdict::Done();
    }
    if (found->version != (update != nullptr ? update->version : deletion->version)) {
      answer.status = AnswerStatus::kChangedMeanwhile;
      return Verdict::Done();
    }
    stored_ = std::move(*found);
    step_ = deletion != nullptr ? Step::kDelete : Step::kUpdate;
    return Verdict::Again();
  }

  const Ask ask_;
  Step step_ = Step::kList;
  StoredSignature stored_;
};

}  // namespace

std::shared_ptr<Job> MakeSignatureJob(Ask ask, std::function<void(Reply)> done) {
  return std::make_shared<SignatureJob>(std::move(ask), std::move(done));
}

}  // namespace outpost
