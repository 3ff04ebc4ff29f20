#include <algorithm>
#include <utility>

#include "replicator/ox/attachments.h"
#include "replicator/ox/day_answer.h"
#include "replicator/ox/jobs.h"
#include "replicator/ox/mail.h"
#include "replicator/ox/photos.h"
#include "replicator/ox/requests.h"

namespace outpost {
namespace {

constexpr int kTooLarge = 413;

class SingleJob : public ReplyJob {
 public:
  SingleJob(Ask ask, std::function<void(Reply)> done)
      : ReplyJob(std::move(done)), ask_(std::move(ask)), photo_(HasPhoto(ask_)) {
    answers_.emplace_back();
  }

  bool Write(const std::string& session, HttpRequest& request) override {
    const bool written =
        photo_ ? WritePhotoRequest(ask_, session, request) : WriteAttachmentRequest(ask_, session, request);
    if (!written) Unreadable();
    return written;
  }

  bool Reads(int status) const override { return status == 200 || status == kTooLarge; }

  Verdict Read(HttpReply& reply, AnswerReader& reader) override {
    Answer& answer = answers_.front();
    if (reply.status == kTooLarge) {
      answer = Answer{};
      answer.status = AnswerStatus::kRefused;
      answer.code = "http_413";
      answer.text = "the server takes no file of this size";
      if (photo_) BlamePhoto(answer);
      return Verdict::Done();
    }
    std::string envelope = IsUpload() ? EnvelopeInPage(reply.body) : std::string();
    // An error may come without the page.
    auto element = reader.ReadSingle(envelope.empty() ? reply.body : envelope, ask_);
    if (!element) return Verdict::Failed(element.error().context);
    if (element.value().session_lost) return Verdict::SessionLost();
    answer = std::move(element.value().answer);
    return Verdict::Done();
  }

  Effect effect() const override { return IsWrite(ask_) ? Effect::kWrites : Effect::kNone; }

 protected:
  void Unreadable() {
    answers_.front() = NotCarried();
    if (photo_) BlamePhoto(answers_.front());
  }
  const Ask ask_;

 private:
  bool IsUpload() const {
    return photo_ || std::holds_alternative<ask::Attach>(ask_) || std::holds_alternative<ask::Submit>(ask_);
  }
  const bool photo_;
};

// A mail that is made of its source. The id that it is given is good for a folder as it is: asked for when it is there.
class SubmitJob final : public SingleJob {
 public:
  using SingleJob::SingleJob;

  bool Write(const std::string& session, HttpRequest& request) override {
    if (stored_in_.empty()) {
      const bool written = WriteSubmission(std::get<ask::Submit>(ask_), session, request);
      if (!written) Unreadable();
      return written;
    }
    std::string query;
    AppendFormPair(query, "session", session);
    const std::vector<Ask> asks = Examine();
    request.method = "PUT";
    request.url = "/multiple?" + query;
    request.headers.emplace_back("Content-Type", kOxJson);
    request.body = WriteMultiple(asks, PlanElements(asks));
    return true;
  }

  bool Reads(int status) const override { return stored_in_.empty() ? SingleJob::Reads(status) : status == 200; }

  Verdict Read(HttpReply& reply, AnswerReader& reader) override {
    Answer& answer = answers_.front();
    if (!stored_in_.empty()) return ReadExamined(reply, reader, answer);
    Verdict verdict = SingleJob::Read(reply, reader);
    if (verdict.next != Verdict::Next::kDone || answer.status != AnswerStatus::kDone) return verdict;
    const auto place = SplitMailId(answer.remote_id);
    if (!place || place->folder.empty()) return Verdict::Failed("a mail was stored, and the answer names no folder");
    stored_in_ = std::string(place->folder);
    return Verdict::Again();
  }

  // Whatever comes of it then, the mail has left.
  bool some_done() const override { return !stored_in_.empty(); }

 private:
  std::vector<Ask> Examine() const { return {ask::Examine{stored_in_, ItemType::kMail}}; }

  Verdict ReadExamined(HttpReply& body, AnswerReader& reader, Answer& answer) {
    const std::vector<Ask> asks = Examine();
    auto reply = reader.ReadMultiple(body.body, asks, PlanElements(asks));
    if (!reply || reply.value().refused || reply.value().elements.empty() || reply.value().elements.front().failed) {
      if (reply && !reply.value().elements.empty() && reply.value().elements.front().session_lost)
        return Verdict::SessionLost();
      return Verdict::Failed("a mail's folder does not say what its id is good for");
    }
    const std::string submitted = answer.remote_id;
    const auto place = SplitMailId(submitted);
    answer.remote_id = JoinMailId(stored_in_, reply.value().elements.front().examined.validity, place ? place->id : "");
    return Verdict::Done();
  }

  std::string stored_in_;  // the folder, whose validity is asked for now
};

}  // namespace

bool IsSingle(const Ask& ask) {
  return IsAboutAttachments(ask) || HasPhoto(ask) || AnswersDay(ask) || std::holds_alternative<ask::Submit>(ask);
}

std::shared_ptr<Job> MakeSingleJob(Ask ask, std::function<void(Reply)> done) {
  if (AnswersDay(ask)) return MakeDayJob(std::get<ask::Create>(std::move(ask)), std::move(done));
  if (std::holds_alternative<ask::Submit>(ask)) return std::make_shared<SubmitJob>(std::move(ask), std::move(done));
  return std::make_shared<SingleJob>(std::move(ask), std::move(done));
}

}  // namespace outpost
