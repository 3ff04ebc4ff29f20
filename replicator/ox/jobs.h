#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "replicator/ox/job.h"
#include "replicator/ox/login.h"
#include "replicator/ox/rules.h"

// The jobs there are (replicator/ox/job.h), one file each. Threads: owner strand.
namespace outpost {

// All asks in one `multiple` request; none where all answers are known beforehand.
// Elements that the server did not do when it lost the session are asked again, only they.
std::shared_ptr<Job> MakeBatchJob(std::vector<Ask> asks, std::function<void(Reply)> done);

// Of rules one that writes: a request of its own too, which knows `offer`, or finds it.
std::shared_ptr<Job> MakeRuleJob(Ask ask, std::shared_ptr<std::optional<FilterOffer>> offer,
                                 std::function<void(Reply)> done);

// Of signatures one that writes: likewise.
std::shared_ptr<Job> MakeSignatureJob(Ask ask, std::function<void(Reply)> done);

// Whether the ask is a request of its own.
bool IsSingle(const Ask& ask);
// That request, and what else its answer needs.
std::shared_ptr<Job> MakeSingleJob(Ask ask, std::function<void(Reply)> done);
// Of MakeSingleJob, what the user answers for one day of a series.
std::shared_ptr<Job> MakeDayJob(ask::Create ask, std::function<void(Reply)> done);

// The bytes of a mail, an attachment or a photo.
std::shared_ptr<Job> MakeSourceJob(SourceAsk ask, std::function<void(SourceReply)> done);

// Another password, which `login` uses from when the server has taken it. It outlives the job's requests.
std::shared_ptr<Job> MakePasswordJob(Login& login, std::string password, std::function<void(Reply)> done);

// A session, no more.
std::shared_ptr<Job> MakeSignInJob(std::function<void(std::optional<Failure>, SessionInfo)> done);

}  // namespace outpost
