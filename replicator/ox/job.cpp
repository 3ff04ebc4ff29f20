#include "replicator/ox/job.h"

#include <utility>

#include "replicator/ox/participants.h"

namespace outpost {

void ReplyJob::Tell(std::optional<Failure> failure, const SessionInfo& info) {
  Reply reply;
  reply.bytes = bytes;
  reply.took = took;
  if (!failure) reply.answers = std::move(answers_);
  for (Answer& answer : reply.answers)
    for (RemoteRow& row : answer.rows) NoteOwnAnswer(info.user_id, row);
  reply.failure = std::move(failure);
  done_(std::move(reply));
}

Answer NotCarried() {
  Answer answer;
  answer.status = AnswerStatus::kRefused;
  answer.code = "not_carried";
  answer.text = "items of this type are not exchanged by this version";
  return answer;
}

}  // namespace outpost
