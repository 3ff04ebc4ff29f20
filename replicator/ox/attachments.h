#pragma once
#include <string>
#include <string_view>

#include "replicator/dialect.h"
#include "replicator/ox/json_read.h"

// The module of attachments (http-api.md 8.1). Its calls name the module of the item beside their own, so that none can
// be an element of `multiple`: each is a request of its own. Threads: any.
namespace outpost {

bool IsAboutAttachments(const Ask& ask);
// The request that the ask is, without user agent; its URL begins behind the base. False where the file cannot be read,
// or the item is of a kind that has no attachments.
bool WriteAttachmentRequest(const Ask& ask, std::string_view session, HttpRequest& request);
// That of a file's bytes.
std::string DocumentQuery(const SourceAsk& ask, std::string_view session);

// The envelope within the page that answers an upload; empty where it has none.
std::string EnvelopeInPage(std::string_view page);

// The `data` of an answer. False where it is of another shape.
bool ReadAttachmentRows(od::value data, Answer& answer);
bool ReadAttachedId(od::value data, Answer& answer);

}  // namespace outpost
