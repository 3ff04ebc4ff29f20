#pragma once
#include <string>
#include <string_view>

#include "replicator/dialect.h"
#include "replicator/transport.h"

namespace outpost {

// Whether a request could have changed anything on the server.
enum class Effect { kNone, kWrites };

// What is wrong when the exchange itself failed.
Failure FailureOfLink(const HttpResult& result, Effect effect);
// What is wrong when a whole reply came with a status other than 200.
Failure FailureOfStatus(const HttpReply& reply, std::string_view host, Effect effect);
// A reply that is not what the protocol has; `what` from AnswerReader. A page where JSON is due is not the server's.
Failure FailureOfShape(const HttpReply& reply, std::string_view host, std::string_view what, Effect effect);
// The value of a header in lower case; empty where it is missing.
std::string_view HeaderOf(const HttpReply& reply, std::string_view name);

}  // namespace outpost
