#include "tests/replicator/ox/fuzz_input.h"

#include "base/check.h"
#include "replicator/ox/answers.h"
#include "replicator/ox/cells.h"
#include "replicator/ox/columns.h"
#include "replicator/ox/failures.h"
#include "replicator/ox/push_packets.h"

namespace outpost::test {
namespace {

std::vector<Ask> OneOfEach() {
  return {ask::Folders{{ItemType::kContact}},
          ask::FolderChanges{5},
          ask::FolderThere{"31"},
          ask::Listing{"31", ItemType::kContact},
          ask::Fetch{"31", ItemType::kContact, {"7"}},
          ask::Changes{"31", ItemType::kContact, 5},
          ask::Create{"31", ItemType::kContact, {}},
          ask::Update{"31", "", "7", ItemType::kContact, 5, {}},
          ask::Delete{"31", "7", ItemType::kContact, 5},
          ask::Fetch{"31", ItemType::kTask, {"7"}},
          ask::Changes{"31", ItemType::kTask, 5},
          ask::Listing{"31", ItemType::kAppointment},
          ask::Fetch{"31", ItemType::kAppointment, {"7"}},
          ask::Create{"31", ItemType::kAppointment, {}},
          ask::Update{"31", "", "7", ItemType::kAppointment, 5, {}},
          ask::ChangedHeads{"31", ItemType::kContact, 5}};
}

void CheckAnswer(const Ask& ask, const Answer& answer) {
  for (const RemoteRow& row : answer.rows) {
    OUTPOST_CHECK(!row.remote_id.empty());
    for (const auto& [field, value] : row.fields) OUTPOST_CHECK(FindField(field) != nullptr && !IsNull(value));
  }
  for (const RemoteHead& head : answer.heads) OUTPOST_CHECK(!head.remote_id.empty());
  for (const std::string& id : answer.deleted) OUTPOST_CHECK(!id.empty());
  if (answer.status != AnswerStatus::kDone) return;
  if (const auto* changes = std::get_if<ask::Changes>(&ask)) OUTPOST_CHECK(answer.cursor >= changes->cursor);
  if (std::holds_alternative<ask::Create>(ask)) OUTPOST_CHECK(!answer.remote_id.empty() && answer.version > 0);
}

}  // namespace

void ReadAsEverything(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  AnswerReader reader({ItemType::kContact});
  const std::vector<Ask> asks = OneOfEach();
  const std::vector<Element> elements = PlanElements(asks);
  std::string body = input;
  if (auto all = reader.ReadMultiple(body, asks, elements); all && !all.assume_value().refused)
    OUTPOST_CHECK(all.assume_value().elements.size() == elements.size());
  for (const Ask& ask : asks) {
    const std::vector<Ask> one{ask};
    body = input;
    auto reply = reader.ReadMultiple(body, one, PlanElements(one));
    if (!reply || reply.assume_value().refused) continue;
    OUTPOST_CHECK(reply.assume_value().elements.size() == 1);
    CheckAnswer(ask, reply.assume_value().elements.front().answer);
  }
  body = input;
  if (auto login = reader.ReadLogin(body))
    OUTPOST_CHECK(login.assume_value().refused || !login.assume_value().session.empty());
  body = input;
  (void)reader.ReadNumber(body);
  body = input;
  (void)reader.IsErrorEnvelope(body);
}

void ReadAsCell(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return;
  const std::string token(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const FieldKind kind : {FieldKind::kText, FieldKind::kInt, FieldKind::kDate, FieldKind::kTime, FieldKind::kBool,
                               FieldKind::kTexts, FieldKind::kBytes, FieldKind::kId, FieldKind::kDecimal}) {
    Value value;
    if (!ReadValue(token, kind, value) || IsNull(value)) continue;
    OUTPOST_CHECK(kind != FieldKind::kBytes && kind != FieldKind::kId);
    if (const auto* text = std::get_if<std::string>(&value)) OUTPOST_CHECK(text->size() <= token.size());
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) OUTPOST_CHECK(!texts->empty());
  }
  if (const auto packet = ReadPushPacket(token)) {
    OUTPOST_CHECK(packet->text.size() <= token.size());
    if (packet->kind == PushPacket::Kind::kOpen)
      OUTPOST_CHECK(packet->interval >= Millis{1'000} && packet->timeout >= Millis{1'000} &&
                    packet->interval + packet->timeout <= std::chrono::hours(1));
  }
  const HttpReply reply{100 + 2 * data[0], {{"retry-after", token}}, token};
  const Failure failure = FailureOfStatus(reply, "host", Effect::kWrites);
  OUTPOST_CHECK(failure.retry_after >= Millis{0} && failure.retry_after <= std::chrono::hours(24));
  OUTPOST_CHECK(failure.text.size() < 200);  // nothing of the reply's own
  // Whether a write was done is never told by what a server says in passing.
  if (reply.status < 400 || reply.status >= 500) OUTPOST_CHECK(failure.maybe_applied);
}

}  // namespace outpost::test
