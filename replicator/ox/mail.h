#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "replicator/dialect.h"
#include "replicator/ox/json_writer.h"

// Mails on the wire (http-api.md 10). The server's id of a mail holds in one folder and until the folder's validity
// changes; ours names all three, so that an id that is void never names another mail. A version is the state of flags
// and colour: all that changes of a mail. Threads: any.
namespace outpost {

// "default0/INBOX:1700000000:17"
struct MailId {
  std::string_view folder;
  std::string_view validity;
  std::string_view id;
};
std::optional<MailId> SplitMailId(std::string_view remote_id);
std::string JoinMailId(std::string_view folder, std::string_view validity, std::string_view id);

// http-api.md 10.3; what comes and goes by itself has no part in it. Never 0.
std::int64_t MailVersion(std::int64_t flags, std::int64_t color);
// That of a mail after the update, if nobody else changed it.
std::int64_t VersionAfter(const ask::Update& update);

// Columns and headers of a row: mail_read.cpp counts on their order.
inline constexpr std::string_view kMailColumns = "600,611,102,607,603,604,605,606,609,610,608,602,614,613";
inline constexpr std::string_view kMailHeaders = "Message-ID,References,In-Reply-To";
inline constexpr std::string_view kMailIdColumn = "600";
inline constexpr std::string_view kMailListingColumns = "600,611,102";

// The request that sends or stores a mail, its URL below the base; false where its bytes cannot be read.
bool WriteSubmission(const ask::Submit& ask, std::string_view session, HttpRequest& request);

// The query of the request for a mail's bytes. As a file: as a text they would be no longer the same.
std::string SourceQuery(const SourceAsk& ask, std::string_view session);
// Whether the bytes are those of the mail with these fields: its number may be another mail's by now.
bool IsSourceOf(std::string_view bytes, const FieldMap& fields);

bool IsAboutMail(const Ask& ask);
// The element that tells who sent a mail that it was read, as he had asked for.
void WriteReceipt(JsonWriter& json, const ask::Update& ask);
// The element that asks whether the mail that an update was about is there.
void WriteLook(JsonWriter& json, const ask::Update& ask);
// Writes one element of `multiple`; false where the ask is not about mails. `examines`: Element::examines.
bool WriteMailElement(JsonWriter& json, const Ask& ask, bool examines);

}  // namespace outpost
