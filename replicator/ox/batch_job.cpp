#include <algorithm>
#include <iterator>
#include <utility>

#include "replicator/ox/jobs.h"
#include "replicator/ox/requests.h"
#include "replicator/ox/rules.h"
#include "replicator/ox/signatures.h"

namespace outpost {
namespace {

// The answers of an ask that took several elements become one; the first that is not done decides.
void Merge(Answer& into, Answer&& from) {
  if (into.status != AnswerStatus::kDone) return;
  from.version = std::max(into.version, from.version);
  std::move(into.untold.begin(), into.untold.end(), std::back_inserter(from.untold));
  if (into.rows.empty() || from.status != AnswerStatus::kDone) {
    into = std::move(from);
    return;
  }
  into.untold = std::move(from.untold);
  into.rows.insert(into.rows.end(), std::make_move_iterator(from.rows.begin()),
                   std::make_move_iterator(from.rows.end()));
}

class BatchJob final : public ReplyJob {
 public:
  BatchJob(std::vector<Ask> asks, std::function<void(Reply)> done)
      : ReplyJob(std::move(done)), asks_(std::move(asks)), todo_(PlanElements(asks_)) {
    answers_.assign(asks_.size(), NotCarried());
    for (const Element& element : todo_) answers_[element.ask] = Answer{};
    for (std::size_t i = 0; i < asks_.size(); ++i)
      if (std::holds_alternative<ask::Examine>(asks_[i]) && (IsAboutRules(asks_[i]) || IsAboutSignatures(asks_[i]))) {
        answers_[i] = Answer{};
        answers_[i].cursor = IsAboutRules(asks_[i]) ? kRulesState : kSignaturesState;
      }
    if (std::any_of(asks_.begin(), asks_.end(), IsWrite)) effect_ = Effect::kWrites;
  }

  bool Write(const std::string& session, HttpRequest& request) override {
    if (todo_.empty()) return false;
    std::string query;
    AppendFormPair(query, "session", session);
    request.method = "PUT";
    request.url = "/multiple?" + query;
    request.headers.emplace_back("Content-Type", kOxJson);
    request.body = WriteMultiple(asks_, todo_);
    return true;
  }

  Verdict Read(HttpReply& body, AnswerReader& reader) override {
    auto read = reader.ReadMultiple(body.body, asks_, todo_);
    if (!read) return Verdict::Failed(read.error().context);
    MultipleReply reply = std::move(read).assume_value();
    if (reply.refused) {
      if (IsSessionLost(*reply.refused)) return Verdict::SessionLost();
      return Verdict::Failed("the request as a whole is refused with " + reply.refused->code,
                             IsTemporary(*reply.refused) ? LinkState::kServerDown : LinkState::kProtocolError);
    }
    std::vector<Element> lost;
    for (std::size_t i = 0; i < reply.elements.size(); ++i) {
      if (reply.elements[i].session_lost)
        lost.push_back(todo_[i]);
      else
        Merge(answers_[todo_[i].ask], std::move(reply.elements[i].answer));
    }
    if (lost.size() < todo_.size()) some_done_ = true;
    todo_ = std::move(lost);
    return todo_.empty() ? Verdict::Done() : Verdict::SessionLost();
  }

  bool NeedsNothing() const override { return todo_.empty(); }
  Effect effect() const override { return effect_; }
  bool some_done() const override { return some_done_; }

 private:
  const std::vector<Ask> asks_;
  std::vector<Element> todo_;  // what has no answer yet
  Effect effect_ = Effect::kNone;
  bool some_done_ = false;
};

}  // namespace

std::shared_ptr<Job> MakeBatchJob(std::vector<Ask> asks, std::function<void(Reply)> done) {
  return std::make_shared<BatchJob>(std::move(asks), std::move(done));
}

}  // namespace outpost
