#pragma once
#include <optional>
#include <string_view>

#include "tools/oxserver/world.h"

namespace outpost::oxserver {

// Photos of contacts (http-api.md 4): kept as base64 among their fields, taken in an upload beside the contact or
// within it, and handed out byte by byte.

// "image/png", by the first bytes; nullopt for what is none of the kinds that are taken.
std::optional<std::string_view> ImageTypeOf(std::string_view bytes);

// Whether a photo (a JSON string of base64) of that type (likewise; empty: image/jpeg) is taken. Errors: CON-0101 (too
// large), CON-0136 (broken), CON-0158 (of another kind).
Api<void> CheckPhoto(const World& world, std::string_view photo, std::string_view type);

bool IsContactUpload(const Request& request, const HttpRequest& http);
// `new` and `update` of a contact with a file beside it; the answer is a page.
HttpResponse HandleContactUpload(World& world, Request request, const HttpRequest& http, std::string_view error_id);
// image/contact/picture: the bytes; 404 where there is none that he may see.
HttpResponse HandleImage(const World& world, const Request& request);

}  // namespace outpost::oxserver
