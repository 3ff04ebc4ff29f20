#include "engine/json/questions.h"

#include <iterator>

#include "engine/c_abi/handle.h"
#include "engine/consents.h"
#include "journal/item_fold.h"
#include "projection/items.h"

namespace outpost::c_abi {
namespace {

Result<void> GiveConflicts(Account& account, char** json) {
  const auto view = account.View();
  OUTPOST_TRY(const auto attention, ItemsNeedingAttention(*view));
  OUTPOST_TRY(const auto paths, FolderPaths::Load(*view));
  Json::Array rows;
  for (const auto& conflict : attention.conflicts) {
    OUTPOST_TRY(const auto item, LoadItem(*view, conflict.item));
    if (!item) continue;
    OUTPOST_TRY(auto lost,
                LoserJson(*view, *item, conflict.loser, [](const FieldMap& fields) -> Json { return ToJson(fields); }));
    Json::Object row{
        {"item", item->id.Hex()}, {"type", ItemTypeName(item->type)}, {"folder", paths.Of(item->Folder())}};
    row.insert(row.end(), std::make_move_iterator(lost.begin()), std::make_move_iterator(lost.end()));
    rows.emplace_back(std::move(row));
  }
  Give(std::move(rows), json);
  return Ok();
}

Result<void> AnswerConsent(Account& account, std::string_view named, ConsentAnswer answer) {
  const auto view = account.View();
  OUTPOST_TRY(const Question question, FindQuestion(*view, named));
  return account.AnswerConsent(question.folder, answer);
}

// 0 would mean any conflict.
Result<ConflictName> ConflictOf(std::uint64_t loser) {
  if (loser == 0) return Malformed("loser_seq is 0");
  ConflictName conflict;
  conflict.loser = loser;
  return conflict;
}

}  // namespace
}  // namespace outpost::c_abi

using namespace outpost;
using namespace outpost::c_abi;

int32_t outpost_consents(outpost_account* account, char** json, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(auto rows, ConsentsJson(*of->View()));
    Give(Json::Array(rows.begin(), rows.end()), json);
    return Ok();
  });
}

int32_t outpost_answer_consent(outpost_account* account, const char* folder, int32_t give, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(const auto named, Wanted(folder, "folder"));
    return AnswerConsent(*of, named, give != 0 ? ConsentAnswer::kGiven : ConsentAnswer::kRefused);
  });
}

int32_t outpost_conflicts(outpost_account* account, char** json, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    return GiveConflicts(*of, json);
  });
}

int32_t outpost_undo_conflict(outpost_account* account, uint64_t loser_seq, int32_t over_later_edits, char** json,
                              outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(const auto conflict, ConflictOf(loser_seq));
    OUTPOST_TRY(const auto report, of->UndoConflict(conflict, over_later_edits != 0));
    OUTPOST_TRY(const auto paths, FolderPaths::Load(*of->View()));
    Give(UndoJson(report, paths), json);
    return Ok();
  });
}

int32_t outpost_settle_conflict(outpost_account* account, uint64_t loser_seq, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(const auto conflict, ConflictOf(loser_seq));
    OUTPOST_TRYV(of->SettleConflict(conflict));
    return Ok();
  });
}
