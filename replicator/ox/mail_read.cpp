#include "replicator/ox/mail_read.h"

#include <algorithm>
#include <vector>

#include "replicator/ox/cells.h"
#include "replicator/ox/mail.h"
#include "replicator/ox/row_read.h"

namespace outpost {
namespace {

struct CellField {
  FieldId field;
  FieldKind kind;
};
// The cells behind id, flags and colour, in the order of kMailColumns and kMailHeaders.
constexpr CellField kCells[] = {{field::kMailSubject, FieldKind::kText},    {field::kMailFrom, FieldKind::kTexts},
                                {field::kMailTo, FieldKind::kTexts},        {field::kMailCc, FieldKind::kTexts},
                                {field::kMailBcc, FieldKind::kTexts},       {field::kMailSent, FieldKind::kTime},
                                {field::kMailReceived, FieldKind::kTime},   {field::kMailSize, FieldKind::kInt},
                                {field::kMailAttachment, FieldKind::kBool}, {field::kMailPriority, FieldKind::kInt},
                                {field::kMailReceiptTo, FieldKind::kText},  {field::kMailMessageId, FieldKind::kText},
                                {field::kMailReferences, FieldKind::kText}, {field::kMailInReplyTo, FieldKind::kText}};
constexpr std::size_t kStateCells = 3;

struct FlagOf {
  FieldId field;
  std::int64_t flag;
};
constexpr FlagOf kShown[] = {{field::kMailAnswered, 1},    {field::kMailDeleted, 2},      {field::kMailDraft, 4},
                             {field::kMailFlagged, 8},     {field::kMailSeen, 32},        {field::kMailSpam, 128},
                             {field::kMailForwarded, 256}, {field::kMailReceiptSent, 512}};

struct StateCells {
  std::string id;
  std::int64_t flags = 0;
  std::int64_t color = 0;
};

// id, flags, colour; false for another index, or a cell that does not fit.
bool ReadStateCell(std::size_t index, od::value& cell, StateCells& out) {
  if (index == 0) return ReadId(cell, out.id);
  const auto token = TokenOf(cell);
  std::int64_t& number = index == 1 ? out.flags : out.color;
  return IsNullToken(token) || ReadInt(token, number);
}

// [name or null, address]: "Name <address>", or the address alone.
bool ReadAddress(od::value cell, std::string& out) {
  od::array pair;
  if (cell.get_array().get(pair)) return false;
  std::string name, address;
  std::size_t index = 0;
  for (auto each : pair) {
    od::value part;
    if (each.get(part)) return false;
    const auto token = TokenOf(part);
    std::string& text = index++ == 0 ? name : address;
    if (!IsNullToken(token) && !ReadText(token, text)) return false;
  }
  out = name.empty() ? address : address.empty() ? name : name + " <" + address + ">";
  return index == 2;
}

bool ReadAddresses(od::value& cell, Value& out) {
  od::array list;
  if (cell.get_array().get(list)) return false;
  std::vector<std::string> texts;
  for (auto each : list) {
    od::value one;
    std::string text;
    if (each.get(one) || !ReadAddress(one, text)) return false;
    if (!text.empty()) texts.push_back(std::move(text));
  }
  if (!texts.empty()) out = std::move(texts);
  return true;
}

// A header that a mail has twice may come as a list: its first counts.
bool ReadHeader(od::value& cell, Value& out) {
  std::string text;
  od::array list;
  if (cell.get_array().get(list) == simdjson::SUCCESS) {
    for (auto each : list) {
      od::value one;
      std::string next;
      if (each.get(one) || !ReadText(TokenOf(one), next)) return false;
      if (text.empty()) text = std::move(next);
    }
  } else if (!ReadText(TokenOf(cell), text)) {
    return false;
  }
  if (!text.empty()) out = std::move(text);
  return true;
}

bool ReadFieldCell(const CellField& what, od::value& cell, FieldMap& fields) {
  if (IsNullToken(TokenOf(cell))) return true;
  Value value;
  bool fits = false;
  if (what.kind == FieldKind::kTexts)
    fits = ReadAddresses(cell, value);
  else if (what.field >= field::kMailMessageId)
    fits = ReadHeader(cell, value);
  else
    fits = ReadValue(TokenOf(cell), what.kind, value);
  if (!IsNull(value)) fields[what.field] = std::move(value);
  return fits;
}

bool ReadMailRow(od::array cells, StateCells& state, FieldMap& fields) {
  std::size_t index = 0;
  for (auto each : cells) {
    od::value cell;
    if (each.get(cell) || index >= kStateCells + std::size(kCells)) return false;
    const bool fits = index < kStateCells ? ReadStateCell(index, cell, state)
                                          : ReadFieldCell(kCells[index - kStateCells], cell, fields);
    if (!fits) return false;
    ++index;
  }
  for (const auto& [field, flag] : kShown)
    if ((state.flags & flag) != 0) fields[field] = true;
  if (state.color != 0) fields[field::kMailColor] = state.color;
  return index == kStateCells + std::size(kCells);
}

bool ReadMailHeads(od::value data, const std::string& folder, const MailFolderState& state, Answer& answer) {
  od::array rows;
  if (data.get_array().get(rows)) return false;
  for (auto each : rows) {
    od::array cells;
    if (each.get_array().get(cells)) return false;
    StateCells mail;
    std::size_t index = 0;
    for (auto one : cells) {
      od::value cell;
      if (one.get(cell) || index >= kStateCells || !ReadStateCell(index++, cell, mail)) return false;
    }
    if (index != kStateCells) return false;
    answer.heads.push_back({JoinMailId(folder, state.validity, mail.id), MailVersion(mail.flags, mail.color), {}});
  }
  answer.cursor = state.digest;
  return true;
}

// What was not asked for has come under an id that became another mail's: it is left out, as if the mail were gone.
bool ReadMailRows(od::value data, const ask::Fetch& ask, const MailFolderState& state, Answer& answer) {
  od::array rows;
  if (data.get_array().get(rows)) return false;
  for (auto each : rows) {
    od::array cells;
    if (each.get_array().get(cells)) return false;
    StateCells mail;
    RemoteRow row;
    row.type = ItemType::kMail;
    if (!ReadMailRow(cells, mail, row.fields)) return false;
    row.remote_id = JoinMailId(ask.folder, state.validity, mail.id);
    row.folder = ask.folder;
    row.version = MailVersion(mail.flags, mail.color);
    if (std::find(ask.remote_ids.begin(), ask.remote_ids.end(), row.remote_id) != ask.remote_ids.end())
      answer.rows.push_back(std::move(row));
  }
  return true;
}

// {"folder_id","id"}: the id that the mail has now.
bool ReadMoved(od::value data, const ask::Update& ask, Answer& answer) {
  const auto take = [&](std::string_view key, od::value value) {
    return key != "id" || ask.target.empty() || ReadId(value, answer.remote_id);
  };
  if (!EachMember(data, take)) return false;
  answer.version = VersionAfter(ask);
  return ask.target.empty() || !answer.remote_id.empty();
}

// The mail with the Message-Id, of which only its id counts.
bool ReadSought(od::value data, const ask::Seek& ask, const MailFolderState& state, Answer& answer) {
  std::string id;
  const auto take = [&](std::string_view key, od::value value) { return key != "id" || ReadId(value, id); };
  if (!EachMember(data, take) || id.empty()) return false;
  answer.heads.push_back({JoinMailId(ask.folder, state.validity, id), 0, ask.uid});
  return true;
}

// {"folder_id","id"}, of an upload in a list: where a mail was put. What the id is good for, the folder's validity, is
// asked for by itself.
bool ReadSubmitted(od::value data, Answer& answer) {
  if (TokenOf(data).substr(0, 1) == "[") {
    od::array list;
    if (data.get_array().get(list)) return false;
    for (auto each : list) {
      od::value one;
      return !each.get(one) && ReadSubmitted(one, answer);
    }
    return false;
  }
  std::string folder, id;
  const auto take = [&](std::string_view key, od::value value) {
    return (key != "folder_id" || ReadId(value, folder)) && (key != "id" || ReadId(value, id));
  };
  if (!EachMember(data, take) || folder.empty() || id.empty()) return false;
  answer.remote_id = JoinMailId(folder, {}, id);
  return true;
}

// The ids of mails that were not deleted.
bool ReadKept(od::value data, const ask::Delete& ask, Answer& answer) {
  const auto split = SplitMailId(ask.remote_id);
  od::array ids;
  if (!split || data.get_array().get(ids)) return false;
  for (auto each : ids) {
    od::value value;
    std::string id;
    if (each.get(value)) return false;
    if (TokenOf(value).substr(0, 1) != "{" && (!ReadId(value, id) || id != split->id)) return false;
    answer.status = AnswerStatus::kRefused;
    answer.code = "not_deleted";
  }
  return true;
}

std::int64_t StateDigest(std::string_view text) {
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return static_cast<std::int64_t>((hash >> 2) | 1);
}

}  // namespace

bool ReadExamined(od::value data, MailFolderState& out) {
  std::string told[4];  // validity, total, unread, next, in whatever order they come
  const auto take = [&](std::string_view key, od::value value) {
    constexpr std::string_view kNames[] = {"validity", "total", "unread", "next"};
    for (std::size_t i = 0; i < std::size(kNames); ++i)
      if (key == kNames[i] && !IsNullToken(TokenOf(value)) && !ReadText(TokenOf(value), told[i])) return false;
    return true;
  };
  if (!EachMember(data, take)) return false;
  out.validity = told[0];
  if (!ReadInt(told[3], out.next)) out.next = 0;
  out.digest = StateDigest(told[0] + "/" + told[1] + "/" + told[2] + "/" + told[3]);
  return !out.validity.empty();
}

bool ReadLook(od::value data, bool& there) {
  od::array rows;
  if (data.get_array().get(rows)) return false;
  for (auto each : rows) {
    od::value row;
    if (each.get(row)) return false;
    there = there || !IsNullToken(TokenOf(row));
  }
  return true;
}

void NoteNewest(const Ask& ask, const MailFolderState& state, Answer& answer) {
  const auto* seek = std::get_if<ask::Seek>(&ask);
  if (seek != nullptr && state.next > 1)
    answer.newest = JoinMailId(seek->folder, state.validity, std::to_string(state.next - 1));
}

bool ReadMailData(od::value data, const Ask& ask, const MailFolderState& state, Answer& answer) {
  if (const auto* listing = std::get_if<ask::Listing>(&ask)) return ReadMailHeads(data, listing->folder, state, answer);
  if (const auto* fetch = std::get_if<ask::Fetch>(&ask)) return ReadMailRows(data, *fetch, state, answer);
  if (const auto* update = std::get_if<ask::Update>(&ask)) return ReadMoved(data, *update, answer);
  if (const auto* gone = std::get_if<ask::Delete>(&ask)) return ReadKept(data, *gone, answer);
  if (std::holds_alternative<ask::Submit>(ask)) return ReadSubmitted(data, answer);
  if (const auto* seek = std::get_if<ask::Seek>(&ask)) {
    NoteNewest(ask, state, answer);
    return ReadSought(data, *seek, state, answer);
  }
  return false;
}

}  // namespace outpost
