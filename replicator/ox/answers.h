#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "replicator/dialect.h"
#include "replicator/ox/mail_state.h"
#include "replicator/ox/requests.h"
#include "replicator/ox/server_error.h"

namespace outpost {

// What became of one element of a `multiple` request.
struct ElementAnswer {
  bool session_lost = false;
  bool failed = false;       // the server told an error
  MailFolderState examined;  // of an element that examines
  Answer answer;
};

struct MultipleReply {
  std::optional<ServerError> refused;   // the whole request; `elements` is empty then
  std::vector<ElementAnswer> elements;  // else one for each element asked
};

struct CellsReply {
  std::optional<ServerError> refused;
  std::vector<std::vector<std::string>> rows;
};

struct LoginReply {
  std::optional<ServerError> refused;
  std::string session;
  std::string user_id;
};

// Reads the server's answers. Anything of another shape than http-api.md gives is an error, never half an answer: a row
// with too few cells, no data where rows are expected, an id that is none, a text that ends early. Bodies are changed
// only in capacity. Errors: kCorrupt, naming the place, never contents. Threads: one.
class AnswerReader {
 public:
  // Folder changes tell only of folders whose items are of one of `content`.
  explicit AnswerReader(const std::vector<ItemType>& content);
  ~AnswerReader();
  Result<MultipleReply> ReadMultiple(std::string& body, const std::vector<Ask>& asks,
                                     std::span<const Element> elements);
  // The envelope that answers an ask which was a request of its own.
  Result<ElementAnswer> ReadSingle(std::string& body, const Ask& ask);
  // The envelope of a call whose data, if any, are rows: their cells as text, "null" for none.
  Result<CellsReply> ReadCells(std::string& body);
  Result<LoginReply> ReadLogin(std::string& body);
  // The number under `name` in an envelope, 1 and 0 for truth values. Errors: kNotFound where it has none, kUnavailable
  // where the server says to ask again later, kCorrupt for what is no envelope.
  Result<std::int64_t> ReadNumber(std::string& body, std::string_view name = "data");
  // The error that an envelope tells of; nullopt for anything else.
  std::optional<ServerError> ReadError(std::string& body);
  // True for an envelope with an error code, as an OX server answers a call without a session.
  bool IsErrorEnvelope(std::string& body);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace outpost
