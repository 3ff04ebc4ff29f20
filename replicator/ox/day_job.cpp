#include <utility>

#include "replicator/ox/cells.h"
#include "replicator/ox/day_answer.h"
#include "replicator/ox/jobs.h"
#include "replicator/ox/server_error.h"

namespace outpost {
namespace {

class DayJob final : public ReplyJob {
 public:
  DayJob(ask::Create ask, std::function<void(Reply)> done) : ReplyJob(std::move(done)), ask_(std::move(ask)) {
    answers_.emplace_back();
  }

  bool Write(const std::string& session, HttpRequest& request) override {
    WriteDayStep(std::get<ask::Create>(ask_), step_, number_, session, request);
    return true;
  }

  Verdict Read(HttpReply& body, AnswerReader& reader) override {
    auto reply = reader.ReadCells(body.body);
    if (!reply) return Verdict::Failed(reply.error().context);
    const auto& refused = reply.value().refused;
    if (refused && IsSessionLost(*refused)) return Verdict::SessionLost();
    Answer& answer = answers_.front();
    if (refused && step_ != DayStep::kMade) {
      answer = AnswerFor(*refused, ask_);
      return Verdict::Done();
    }
    const auto& rows = reply.value().rows;
    switch (step_) {
      case DayStep::kNumber:
        number_ = rows.size() == 1 && rows[0].size() == 1 ? Number(rows[0][0]) : 0;
        if (number_ <= 0) {
          answer = Answer{};
          answer.status = AnswerStatus::kRefused;
          answer.code = "no_such_day";
          answer.text = "the series does not take place on that day";
          return Verdict::Done();
        }
        step_ = DayStep::kAnswer;
        return Verdict::Again();
      case DayStep::kAnswer:
        step_ = DayStep::kMade;
        return Verdict::Again();
      case DayStep::kMade:
        break;
    }
    for (const auto& row : rows) {
      if (row.size() != 3 || Number(row[2]) != DayAnswered(std::get<ask::Create>(ask_))) continue;
      answer = Answer{};
      answer.remote_id = row[0];
      answer.version = Number(row[1]);
      return Verdict::Done();
    }
    return Verdict::Failed("a day that was answered is not among those of its series");
  }

  Effect effect() const override { return step_ == DayStep::kNumber ? Effect::kNone : Effect::kWrites; }
  bool some_done() const override { return step_ == DayStep::kMade; }

 private:
  static std::int64_t Number(const std::string& cell) {
    std::int64_t value = 0;
    return ReadInt(cell, value) ? value : 0;
  }

  const Ask ask_;
  DayStep step_{};
  std::int64_t number_ = 0;  // that day's in its series
};

}  // namespace

std::shared_ptr<Job> MakeDayJob(ask::Create ask, std::function<void(Reply)> done) {
  return std::make_shared<DayJob>(std::move(ask), std::move(done));
}

}  // namespace outpost
