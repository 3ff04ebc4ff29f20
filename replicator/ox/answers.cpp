#include "replicator/ox/answers.h"

#include <algorithm>
#include <utility>

#include "replicator/ox/attachments.h"
#include "replicator/ox/cells.h"
#include "replicator/ox/columns.h"
#include "replicator/ox/json_read.h"
#include "replicator/ox/kinds.h"
#include "replicator/ox/mail.h"
#include "replicator/ox/mail_read.h"
#include "replicator/ox/people_read.h"
#include "replicator/ox/row_read.h"
#include "replicator/ox/rules.h"
#include "replicator/ox/signatures.h"

namespace outpost {
namespace {

// A parser's index for a body of this size is kept between answers; larger ones are given back.
constexpr std::size_t kKeptParserBytes = 4u << 20;
// The code of an answer that names appointments in the way: OX gives none.
constexpr const char* kTimeConflict = "time_conflict";

Error Malformed(const char* what) { return {Code::kCorrupt, Retry::kNever, what}; }

// Appointments in the way, with the title of the first that has one. Nothing was written.
bool ReadConflicts(od::value data, Answer& answer) {
  od::array conflicts;
  if (data.get_array().get(conflicts)) return false;
  answer.status = AnswerStatus::kRefused;
  answer.code = kTimeConflict;
  for (auto each : conflicts) {
    od::value conflict;
    const auto take = [&](std::string_view key, od::value value) {
      return key != "title" || !answer.text.empty() || ReadText(TokenOf(value), answer.text);
    };
    if (each.get(conflict) || !EachMember(conflict, take)) return false;
  }
  answer.text = "at that time there is " + (answer.text.empty() ? "another appointment" : "\"" + answer.text + "\"");
  return true;
}

// {"id":…}, or {"conflicts":[…]} where that is why nothing was written (http-api.md 6.5).
bool ReadNewId(od::value data, Answer& answer) {
  const bool whole = EachMember(data, [&](std::string_view key, od::value value) {
    return (key != "id" || ReadId(value, answer.remote_id)) && (key != "conflicts" || ReadConflicts(value, answer));
  });
  if (!whole) return false;
  return !answer.remote_id.empty() || answer.status == AnswerStatus::kRefused;
}

// What an update answers beside its timestamp differs by module and version; only conflicts say that it was not done.
bool ReadUpdated(od::value data, Answer& answer) {
  if (TokenOf(data).substr(0, 1) != "{") return true;
  return EachMember(
      data, [&](std::string_view key, od::value value) { return key != "conflicts" || ReadConflicts(value, answer); });
}

// Some servers answer the ids they would not delete instead of an error.
bool ReadNotDeleted(od::value data, const ask::Delete& ask, Answer& answer) {
  if (TokenOf(data).substr(0, 1) != "[") return true;
  od::array ids;
  if (data.get_array().get(ids)) return false;
  for (auto each : ids) {
    od::value value;
    std::string id;
    if (each.get(value)) return false;
    // An id, or an object with it; either way not an empty array.
    if (TokenOf(value).substr(0, 1) != "{" && (!ReadId(value, id) || id != ask.remote_id)) return false;
    answer.status = AnswerStatus::kChangedMeanwhile;
  }
  return true;
}

// The id that a folder has now.
bool ReadFolderId(od::value data, const std::string& before, Answer& answer) {
  if (!ReadId(data, answer.remote_id)) return false;
  if (answer.remote_id == before) answer.remote_id.clear();
  return true;
}

// All folders, of which those asked for stay.
bool ReadSomeFolders(od::value data, const ask::Fetch& ask, Answer& answer) {
  if (!ReadVisible(data, {ItemType::kFolder, nullptr, Scalars::kNone, nullptr}, answer)) return false;
  std::erase_if(answer.rows, [&](const RemoteRow& row) {
    return std::find(ask.remote_ids.begin(), ask.remote_ids.end(), row.remote_id) == ask.remote_ids.end();
  });
  return true;
}

// The `data` of one envelope, by what was asked.
struct DataReader {
  od::value data;
  Answer& answer;
  const std::vector<std::string>& modules;

  bool operator()(const ask::Folders&) {
    return ReadVisible(data, {ItemType::kFolder, nullptr, Scalars::kNone, nullptr}, answer);
  }
  bool operator()(const ask::FolderChanges&) {
    return ReadRows(data, {ItemType::kFolder, nullptr, Scalars::kDeleted, &modules}, answer);
  }
  bool operator()(const ask::FolderThere&) { return true; }
  bool operator()(const ask::Listing& ask) { return ReadHeads(data, ask.type, answer); }
  bool operator()(const ask::Fetch& ask) {
    if (ask.type == ItemType::kFolder) return ReadSomeFolders(data, ask, answer);
    return ReadRows(data, {ask.type, &ask.folder, Scalars::kNone, nullptr}, answer);
  }
  bool operator()(const ask::Changes& ask) {
    return ReadRows(data, {ask.type, &ask.folder, Scalars::kDeleted, nullptr}, answer);
  }
  bool operator()(const ask::ChangedHeads&) { return ReadChangedHeads(data, answer); }
  bool operator()(const ask::Examine&) { return false; }  // mail only
  bool operator()(const ask::People& ask) {
    answer.all = ask.kind == PersonKind::kUser || ask.cursor == 0;
    return ask.kind == PersonKind::kUser ? ReadUserRows(data, answer) : ReadPeopleChanges(data, ask.kind, answer);
  }
  bool operator()(const ask::Busy& ask) { return ReadBusy(data, ask, answer); }
  bool operator()(const ask::Create& ask) {
    return ask.type == ItemType::kFolder ? ReadFolderId(data, {}, answer) : ReadNewId(data, answer);
  }
  bool operator()(const ask::Update& ask) {
    return ask.type == ItemType::kFolder ? ReadFolderId(data, ask.remote_id, answer) : ReadUpdated(data, answer);
  }
  bool operator()(const ask::Delete& ask) { return ReadNotDeleted(data, ask, answer); }
  bool operator()(const ask::Attachments&) { return ReadAttachmentRows(data, answer); }
  bool operator()(const ask::Attach&) { return ReadAttachedId(data, answer); }
  bool operator()(const ask::Detach&) { return true; }
  // Mail only.
  bool operator()(const ask::Seek&) { return false; }
  bool operator()(const ask::Submit&) { return false; }
};

// The data of an element about mail filters: the list, or, where the tree was asked for, what they offer, which says
// that there are some.
bool ReadFilterData(od::value data, const Ask& ask, Answer& answer) {
  std::string_view text;
  od::array array;
  od::object object;
  if (IsAboutRules(ask))
    return !data.get_array().get(array) && !array.raw_json().get(text) && ReadRuleData(text, ask, answer);
  FilterOffer offer;
  if (data.get_object().get(object) || object.raw_json().get(text) || !ReadOffer(text, offer)) return false;
  const auto* fetch = std::get_if<ask::Fetch>(&ask);
  const bool wanted = fetch == nullptr || std::find(fetch->remote_ids.begin(), fetch->remote_ids.end(), kRulesFolder) !=
                                              fetch->remote_ids.end();
  if (wanted) answer.rows.push_back(RulesFolderRow());
  return true;
}

bool AsksForTree(const Ask& ask) {
  const auto* fetch = std::get_if<ask::Fetch>(&ask);
  return std::holds_alternative<ask::Folders>(ask) || (fetch != nullptr && fetch->type == ItemType::kFolder);
}

// Likewise about signatures: the list says itself that there are some.
bool ReadSnippetData(od::value data, const Ask& ask, Answer& answer) {
  std::string_view text;
  od::array array;
  return !data.get_array().get(array) && !array.raw_json().get(text) && ReadSignatureData(text, ask, answer);
}

// What an envelope without an error must have, and what its timestamp means.
struct Closer {
  Answer& answer;
  bool has_data;
  std::optional<std::int64_t> timestamp;

  bool operator()(const ask::Folders&) { return has_data; }
  bool operator()(const ask::FolderChanges& ask) { return Delta(ask.cursor); }
  bool operator()(const ask::FolderThere&) { return has_data; }
  bool operator()(const ask::Listing&) { return has_data; }
  bool operator()(const ask::Fetch&) { return has_data; }
  bool operator()(const ask::Changes& ask) { return Delta(ask.cursor); }
  bool operator()(const ask::ChangedHeads&) { return has_data; }
  bool operator()(const ask::Examine&) { return false; }
  bool operator()(const ask::People& ask) { return Delta(ask.cursor); }
  bool operator()(const ask::Busy&) { return has_data; }
  bool operator()(const ask::Create& ask) { return has_data && Written(ask.type); }
  bool operator()(const ask::Update& ask) { return Written(ask.type); }
  bool operator()(const ask::Delete&) { return has_data || timestamp.has_value(); }
  bool operator()(const ask::Attachments&) { return has_data; }
  // Some servers give no stamp.
  bool operator()(const ask::Attach&) {
    answer.version = std::max<std::int64_t>(1, timestamp.value_or(0));
    return has_data;
  }
  bool operator()(const ask::Detach&) {
    answer.version = timestamp.value_or(0);
    return true;
  }
  bool operator()(const ask::Seek&) { return false; }
  bool operator()(const ask::Submit&) { return false; }

 private:
  // An empty delta may answer 0: the cursor never goes back.
  bool Delta(std::int64_t asked) {
    answer.cursor = std::max(asked, timestamp.value_or(0));
    return has_data;
  }
  // Mail folders have no stamp.
  bool Written(ItemType type) {
    if (answer.status == AnswerStatus::kRefused) return true;
    answer.version = timestamp.value_or(0);
    return answer.version > 0 || (type == ItemType::kFolder && has_data && !timestamp);
  }
};

}  // namespace

struct AnswerReader::Impl {
  std::vector<std::string> modules;
  od::parser parser;

  od::parser& Parser() {
    if (parser.capacity() > kKeptParserBytes) parser = od::parser();
    return parser;
  }
  // Of the folder that an ask about mails is about, from an element before.
  struct Examined {
    std::size_t ask = SIZE_MAX;
    MailFolderState state;
  };
  Result<ElementAnswer> ReadElement(od::value value, const Ask& ask, const Element& asked, const Examined& examined);
  Result<ElementAnswer> ReadWhole(od::value value, const Ask& ask, const Element& asked, const Examined& examined);
  static Result<void> TakeExamined(const Ask& ask, const MultipleReply& reply, ElementAnswer& element);
  Result<void> ReadElements(od::array array, const std::vector<Ask>& asks, std::span<const Element> elements,
                            MultipleReply& reply);
  Result<void> ReadOuter(od::object outer, const std::vector<Ask>& asks, std::span<const Element> elements,
                         MultipleReply& reply);
};

AnswerReader::AnswerReader(const std::vector<ItemType>& content) : impl_(std::make_unique<Impl>()) {
  for (const ItemType type : content)
    if (const OxKind* kind = KindOf(type)) impl_->modules.emplace_back(kind->module);
}
AnswerReader::~AnswerReader() = default;

// Modules that servers have in many shapes, if at all, cost their own part alone where it is not the known one.
Result<ElementAnswer> AnswerReader::Impl::ReadElement(od::value value, const Ask& ask, const Element& asked,
                                                      const Examined& examined) {
  auto element = ReadWhole(value, ask, asked, examined);
  const OxKind* kind = KindOfModule(asked.module);
  if (element || kind == nullptr || !kind->is_setting) return element;
  ElementAnswer odd;
  if (AsksForTree(ask)) {
    odd.answer.untold.push_back({kind->type, false, kAnotherShape});
  } else {
    odd.answer.status = AnswerStatus::kTryLater;
    odd.answer.code = kAnotherShape;
  }
  return odd;
}

// `drops`: the element takes a day out of a series. What it answers is of the deletion, not of the series, whose
// version is not known until its row comes.
Result<ElementAnswer> AnswerReader::Impl::ReadWhole(od::value value, const Ask& ask, const Element& asked,
                                                    const Examined& examined) {
  const bool drops = asked.dropped.has_value();
  const bool mail = IsAboutMail(ask);
  od::object members;
  if (value.get_object().get(members)) return Malformed("an answer is no object");
  ElementAnswer element;
  ErrorCollector errors;
  bool has_data = false, there = false;
  std::optional<std::int64_t> timestamp;
  for (auto member : members) {
    std::string_view key;
    od::value cell;
    if (member.unescaped_key().get(key) || member.value().get(cell)) return Malformed("an answer breaks off");
    if (key == "data") {
      if (errors.has_error() || IsNullToken(TokenOf(cell))) continue;
      has_data = true;
      if (drops || asked.examines || asked.confirms) {
        if (asked.examines && !ReadExamined(cell, element.examined))
          return Malformed("a folder's state is of another shape");
        continue;
      }
      if (asked.looks) {
        if (!ReadLook(cell, there)) return Malformed("the data of an answer is of another shape");
        continue;
      }
      if (mail) {
        const bool reads = std::holds_alternative<ask::Listing>(ask) || std::holds_alternative<ask::Fetch>(ask) ||
                           std::holds_alternative<ask::Seek>(ask);
        if (reads && examined.ask != asked.ask) return Malformed("an answer lacks the state of its folder");
        if (!ReadMailData(cell, ask, examined.state, element.answer))
          return Malformed("the data of an answer is of another shape");
        continue;
      }
      const std::string_view module = asked.module;
      const bool read = module == kRulesModule     ? ReadFilterData(cell, ask, element.answer)
                        : module == kSnippetModule ? ReadSnippetData(cell, ask, element.answer)
                                                   : std::visit(DataReader{cell, element.answer, modules}, ask);
      if (!read) return Malformed("the data of an answer is of another shape");
    } else if (key == "timestamp") {
      std::int64_t stamp = 0;
      if (IsNullToken(TokenOf(cell))) continue;
      if (!ReadInt(TokenOf(cell), stamp)) return Malformed("a timestamp is no number");
      timestamp = stamp;
    } else {
      errors.Take(key, cell);
    }
    if (errors.bad()) return Malformed("an error is of another shape");
  }
  if (auto failure = std::move(errors).Failure()) {
    element.session_lost = IsSessionLost(*failure);
    element.failed = true;
    // A server without mail, filters or signatures has no such folders; a user from whom a module is taken sees none.
    const OxKind* kind = KindOfModule(asked.module);
    if (kind != nullptr && AsksForTree(ask) && !IsTemporary(*failure) && !element.session_lost) {
      element.answer.untold.push_back({kind->type, true, failure->code});
      return element;
    }
    element.answer = drops ? AnswerForDropped(*failure, ask) : AnswerFor(*failure, ask);
    if (examined.ask == asked.ask) NoteNewest(ask, examined.state, element.answer);
    return element;
  }
  if (drops) {
    element.answer.version = std::get<ask::Update>(ask).version;
    if (!has_data && !timestamp) return Malformed("an answer lacks its data");
    return element;
  }
  // There may be a user's setting that no copies are kept.
  const auto* submit = std::get_if<ask::Submit>(&ask);
  if (submit != nullptr && submit->send && (!has_data || IsSentWithoutCopy(errors.code()))) {
    element.answer = AnswerFor({"MSG-0043", 0, "", {}}, ask);
    return element;
  }
  if (asked.looks) {
    if (!has_data) return Malformed("an answer lacks its data");
    element.answer.version = VersionAfter(std::get<ask::Update>(ask));
    if (!there) element.answer.status = AnswerStatus::kChangedMeanwhile;
    return element;
  }
  if (mail && asked.confirms) {
    element.answer.version = VersionAfter(std::get<ask::Update>(ask));
    return element;
  }
  if (mail || asked.examines) {
    if (!has_data) return Malformed("an answer lacks its data");
    return element;
  }
  if (!std::visit(Closer{element.answer, has_data, timestamp}, ask)) return Malformed("an answer lacks its data");
  return element;
}

// What the state of a folder means for the ask. Of a move it completes the id that the mail has in its target.
Result<void> AnswerReader::Impl::TakeExamined(const Ask& ask, const MultipleReply& reply, ElementAnswer& element) {
  const auto* update = std::get_if<ask::Update>(&ask);
  if (update == nullptr) {
    element.answer.cursor = element.examined.digest;
    return Ok();
  }
  if (reply.elements.empty() || reply.elements.back().session_lost) return Ok();
  const Answer& moved = reply.elements.back().answer;
  if (moved.status == AnswerStatus::kDone && element.failed)
    return Malformed("a mail was moved, and its folder does not say where to");
  element.session_lost = false;
  element.answer = moved;
  if (moved.status == AnswerStatus::kDone)
    element.answer.remote_id = JoinMailId(update->target, element.examined.validity, moved.remote_id);
  return Ok();
}

Result<void> AnswerReader::Impl::ReadElements(od::array array, const std::vector<Ask>& asks,
                                              std::span<const Element> elements, MultipleReply& reply) {
  reply.elements.reserve(elements.size());
  Examined examined;
  for (auto each : array) {
    od::value value;
    if (each.get(value)) return Malformed("the answers break off");
    if (reply.elements.size() == elements.size()) return Malformed("more answers than requests");
    const Element& asked = elements[reply.elements.size()];
    OUTPOST_TRY(auto element, ReadElement(value, asks[asked.ask], asked, examined));
    if (asked.examines) {
      OUTPOST_TRYV(TakeExamined(asks[asked.ask], reply, element));
      if (!element.failed) examined = {asked.ask, element.examined};
    }
    reply.elements.push_back(std::move(element));
  }
  if (reply.elements.size() != elements.size()) return Malformed("fewer answers than requests");
  return Ok();
}

// The documented form {"data":[…]}, or an error of the whole request.
Result<void> AnswerReader::Impl::ReadOuter(od::object outer, const std::vector<Ask>& asks,
                                           std::span<const Element> elements, MultipleReply& reply) {
  ErrorCollector errors;
  bool has_data = false;
  for (auto member : outer) {
    std::string_view key;
    od::value value;
    if (member.unescaped_key().get(key) || member.value().get(value)) return Malformed("the answer breaks off");
    if (key == "data" && !errors.has_error() && !has_data && !IsNullToken(TokenOf(value))) {
      od::array array;
      if (value.get_array().get(array)) return Malformed("the answer has no list of answers");
      OUTPOST_TRYV(ReadElements(array, asks, elements, reply));
      has_data = true;
    } else {
      errors.Take(key, value);
    }
    if (errors.bad()) return Malformed("an error is of another shape");
  }
  reply.refused = std::move(errors).Failure();
  if (reply.refused)
    reply.elements.clear();
  else if (!has_data)
    return Malformed("the answer has neither data nor error");
  return Ok();
}

Result<MultipleReply> AnswerReader::ReadMultiple(std::string& body, const std::vector<Ask>& asks,
                                                 std::span<const Element> elements) {
  MultipleReply reply;
  od::document document;
  od::json_type type{};
  if (Begin(impl_->Parser(), body, document) || document.type().get(type)) return Malformed("the answer is no JSON");
  if (type == od::json_type::array) {
    od::array array;
    if (document.get_array().get(array)) return Malformed("the answer breaks off");
    OUTPOST_TRYV(impl_->ReadElements(array, asks, elements, reply));
  } else {
    od::object outer;
    if (document.get_object().get(outer)) return Malformed("the answer is neither list nor object");
    OUTPOST_TRYV(impl_->ReadOuter(outer, asks, elements, reply));
  }
  if (!AtEnd(document)) return Malformed("something follows the answer");
  return reply;
}

Result<ElementAnswer> AnswerReader::ReadSingle(std::string& body, const Ask& ask) {
  od::document document;
  od::value envelope;
  if (Begin(impl_->Parser(), body, document) || document.get_value().get(envelope))
    return Malformed("the answer is no JSON");
  OUTPOST_TRY(auto element, impl_->ReadElement(envelope, ask, Element{0, "attachment"}, {}));
  if (!AtEnd(document)) return Malformed("something follows the answer");
  return element;
}

Result<CellsReply> AnswerReader::ReadCells(std::string& body) {
  od::document document;
  od::value envelope;
  if (Begin(impl_->Parser(), body, document) || document.get_value().get(envelope))
    return Malformed("the answer is no JSON");
  CellsReply reply;
  ErrorCollector errors;
  const bool whole = EachMember(envelope, [&](std::string_view key, od::value value) {
    od::array rows;
    if (key != "data" || value.get_array().get(rows)) return errors.Take(key, value) || true;
    for (auto each : rows) {
      od::array cells;
      if (each.get_array().get(cells)) return false;
      reply.rows.emplace_back();
      for (auto one : cells) {
        od::value cell;
        std::string& text = reply.rows.back().emplace_back();
        if (one.get(cell)) return false;
        const std::string_view token = TokenOf(cell);
        if (IsNullToken(token))
          text = token;
        else if (!ReadText(token, text))
          return false;
      }
    }
    return true;
  });
  if (!whole || errors.bad() || !AtEnd(document)) return Malformed("an answer is of another shape");
  reply.refused = std::move(errors).Failure();
  return reply;
}

Result<LoginReply> AnswerReader::ReadLogin(std::string& body) {
  LoginReply reply;
  od::document document;
  od::object members;
  if (Begin(impl_->Parser(), body, document) || document.get_object().get(members))
    return Malformed("the answer to the sign-in is no object");
  ErrorCollector errors;
  for (auto member : members) {
    std::string_view key;
    od::value value;
    if (member.unescaped_key().get(key) || member.value().get(value))
      return Malformed("the answer to the sign-in breaks off");
    if (key == "session" && !ReadId(value, reply.session)) return Malformed("the session is of another shape");
    if (key == "user_id" && !ReadId(value, reply.user_id)) return Malformed("the user id is of another shape");
    errors.Take(key, value);
  }
  reply.refused = std::move(errors).Failure();
  if (!reply.refused && reply.session.empty()) return Malformed("the answer to the sign-in has no session");
  return reply;
}

Result<std::int64_t> AnswerReader::ReadNumber(std::string& body, std::string_view name) {
  od::document document;
  od::object members;
  if (Begin(impl_->Parser(), body, document) || document.get_object().get(members))
    return Malformed("the answer is no object");
  ErrorCollector errors;
  for (auto member : members) {
    std::string_view key;
    od::value value;
    std::int64_t number = 0;
    if (member.unescaped_key().get(key) || member.value().get(value)) return Malformed("the answer breaks off");
    if (key == name) {
      const std::string_view token = TokenOf(value);
      if (ReadInt(token, number)) return number;
      if (token == "true" || token == "false") return token == "true" ? 1 : 0;
    }
    errors.Take(key, value);
  }
  if (const auto failed = std::move(errors).Failure(); failed && (IsTemporary(*failed) || IsSessionLost(*failed)))
    return Error{Code::kUnavailable, Retry::kBackoff, "the server cannot answer now (" + failed->code + ")"};
  return Error{Code::kNotFound, Retry::kNever, "the answer has no number"};
}

std::optional<ServerError> AnswerReader::ReadError(std::string& body) {
  od::document document;
  od::object members;
  if (Begin(impl_->Parser(), body, document) || document.get_object().get(members)) return std::nullopt;
  ErrorCollector errors;
  for (auto member : members) {
    std::string_view key;
    od::value value;
    if (member.unescaped_key().get(key) || member.value().get(value)) return std::nullopt;
    errors.Take(key, value);
  }
  return std::move(errors).Failure();
}

bool AnswerReader::IsErrorEnvelope(std::string& body) {
  const auto failure = ReadError(body);
  return failure && failure->code.size() > 5 && failure->code.find('-') != std::string::npos;
}

}  // namespace outpost
