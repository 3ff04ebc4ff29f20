#pragma once
#include <string>
#include <string_view>

#include "projection/mail_bodies.h"

namespace outpost {

// What a person reads in a mail, without what is attached: its parts of text and HTML, decoded to UTF-8, of HTML
// without its tags. `source` may be cut off anywhere. Pure. Source: RFC 2045 to 2049, as GMime takes them.
std::string ReadMailBody(std::string_view source);

// ReadMailBody for searches and their index.
std::shared_ptr<const MailBodies> BodiesOfMails();

}  // namespace outpost
