#pragma once
#include <string>
#include <string_view>

#include "replicator/dialect.h"

// Photos of contacts (http-api.md 4): sent with the contact in an upload, which `multiple` does not take, and fetched
// from where images are. Threads: any.
namespace outpost {

// Whether the ask sends a photo, and so is a request of its own.
bool HasPhoto(const Ask& ask);
// The request that such an ask is, without user agent; its URL begins behind the base. False where the photo cannot be
// read.
bool WritePhotoRequest(const Ask& ask, std::string_view session, HttpRequest& request);
// Where the photo of a contact is, behind the base.
std::string PhotoUrl(const SourceAsk& ask, std::string_view session);
// Whether what came is an image, as far as its first bytes tell: a page of somebody between is none.
bool IsPhoto(std::string_view bytes);
// Nothing but the photo is why: the answer says so.
void BlamePhoto(Answer& answer);

}  // namespace outpost
