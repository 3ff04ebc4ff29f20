#include <utility>

#include "replicator/ox/attachments.h"
#include "replicator/ox/jobs.h"
#include "replicator/ox/mail.h"
#include "replicator/ox/photos.h"
#include "replicator/ox/server_error.h"

namespace outpost {
namespace {

constexpr int kNotFound = 404;

class SourceJob final : public Job {
 public:
  SourceJob(SourceAsk ask, std::function<void(SourceReply)> done) : ask_(std::move(ask)), done_(std::move(done)) {}

  bool Write(const std::string& session, HttpRequest& request) override {
    request.url = IsContact()                          ? PhotoUrl(ask_, session)
                  : ask_.type == ItemType::kAttachment ? "/attachment?" + DocumentQuery(ask_, session)
                                                       : "/mail?" + SourceQuery(ask_, session);
    return true;
  }

  bool Reads(int status) const override { return status == 200 || status == kNotFound; }

  // The bytes, or an envelope with an error: nothing that begins a mail or an image is one.
  Verdict Read(HttpReply& body, AnswerReader& reader) override {
    if (body.status == kNotFound) {
      reply_.status = AnswerStatus::kGone;
      return Verdict::Done();
    }
    // A file may look like an envelope: what is as long as it must be is the file.
    const auto size = ask_.fields.find(field::kAttachmentSize);
    const bool attachment = ask_.type == ItemType::kAttachment;
    const bool whole =
        attachment && size != ask_.fields.end() && size->second == Value(static_cast<std::int64_t>(body.body.size()));
    if (whole) {
      reply_.bytes = std::move(body.body);
    } else if (const auto error = reader.ReadError(body.body)) {
      if (IsSessionLost(*error)) return Verdict::SessionLost();
      reply_.status = IsTemporary(*error) ? AnswerStatus::kTryLater : AnswerStatus::kGone;
    } else if (IsContact() ? !IsPhoto(body.body) : attachment || !IsSourceOf(body.body, ask_.fields)) {
      reply_.status = AnswerStatus::kGone;
    } else {
      reply_.bytes = std::move(body.body);
    }
    return Verdict::Done();
  }

  void Tell(std::optional<Failure> failure, const SessionInfo&) override {
    if (failure) reply_ = {std::move(failure), AnswerStatus::kTryLater, {}};
    done_(std::move(reply_));
  }

 private:
  bool IsContact() const { return FieldOwner(ask_.type) == ItemType::kContact; }

  const SourceAsk ask_;
  std::function<void(SourceReply)> done_;
  SourceReply reply_;
};

}  // namespace

std::shared_ptr<Job> MakeSourceJob(SourceAsk ask, std::function<void(SourceReply)> done) {
  return std::make_shared<SourceJob>(std::move(ask), std::move(done));
}

}  // namespace outpost
