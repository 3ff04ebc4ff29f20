#include "engine/consents.h"

#include <algorithm>
#include <map>

#include "journal/item_fold.h"
#include "projection/folders.h"

namespace outpost {
namespace {

// Brought back by one append; far below what it takes (journal.h).
constexpr std::size_t kBackAtOnce = 2'000;

Error NothingWaits(const std::string& folder) {
  return {Code::kNotFound, Retry::kNever, "no deletion waits for consent in folder " + folder};
}

// The deletions of `asked` give way; answers whether there are more.
Result<bool> TakeBack(const StateReader& state, const ConsentBody& asked, FolderDeletion& edit) {
  for (const ItemId& id : asked.items) {
    if (edit.events.size() >= kBackAtOnce) return true;
    OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(state, id));
    if (!item || !IsDeletionPending(*item)) continue;
    OutcomesBody outcome;
    outcome.groups = {{kExistence, OutcomeKind::kSuperseded}};
    for (const PendingEdit& pending : item->pending)  // of several the older ones gave way already, if not in words
      if (pending.kind == Kind::kLocalDeleted && pending.Has(kExistence))
        edit.events.push_back({Kind::kOutcome, Origin::kUser, item->type, id, pending.op, Encode(outcome)});
    edit.seen.push_back({id, item->head_seq});
  }
  return false;
}

}  // namespace

Result<std::vector<Question>> WaitingQuestions(const StateReader& state) {
  std::vector<Question> questions;
  OUTPOST_TRY(const std::vector<ItemId> asked, FoldersAskedAbout(state));
  if (asked.empty()) return questions;
  OUTPOST_TRY(const auto folders, ListFolders(state));
  std::map<ItemId, std::string> paths;
  for (const FolderNode& folder : folders) paths[folder.id] = folder.path;
  for (const ItemId& id : asked) {
    OUTPOST_TRY(std::optional<ConsentBody> waiting, WaitingConsent(state, id));
    if (!waiting) continue;
    Question question{id, {}, std::move(*waiting)};
    if (const auto path = paths.find(id); path != paths.end()) {
      question.path = path->second;
    } else {
      OUTPOST_TRY(const std::optional<ItemState> folder, LoadItem(state, id));
      const Value title = folder ? folder->HeadValue(field::kFolderTitle) : Value{};
      if (const auto* text = std::get_if<std::string>(&title)) question.path = *text;
    }
    questions.push_back(std::move(question));
  }
  return questions;
}

Result<Question> FindQuestion(const StateReader& state, std::string_view folder) {
  OUTPOST_TRY(std::vector<Question> questions, WaitingQuestions(state));
  const auto id = ItemId::FromHex(folder);
  for (Question& question : questions)
    if ((id && question.folder == *id) || question.path == folder) return std::move(question);
  OUTPOST_TRY(const FolderNode known, FindFolder(state, folder));  // by one of its other names
  for (Question& question : questions)
    if (question.folder == known.id) return std::move(question);
  return NothingWaits(known.id.Hex());
}

Result<FolderDeletion> AnswerEvents(const StateReader& state, const ItemId& folder, ConsentAnswer answer, bool& more) {
  more = false;
  OUTPOST_TRY(const std::optional<ItemState> place, LoadItem(state, folder));
  OUTPOST_TRY(std::optional<ConsentBody> body, WaitingConsent(state, folder));
  if (!place || !body) return NothingWaits(folder.Hex());
  FolderDeletion edit;
  if (body->own && answer == ConsentAnswer::kRefused) {
    OUTPOST_TRY(more, TakeBack(state, *body, edit));
    if (more) return edit;
  }
  body->answer = answer;
  edit.events.push_back({Kind::kConsent, Origin::kUser, ItemType::kFolder, folder, {}, Encode(*body)});
  // Given: the folder is compared once more, so that only what is still missing is deleted.
  if (!body->own && answer == ConsentAnswer::kGiven)
    edit.events.push_back(
        {Kind::kCursorMoved, Origin::kEngine, ItemType::kFolder, folder, {}, Encode(CursorMovedBody{0, 0, false})});
  const bool seen =
      std::any_of(edit.seen.begin(), edit.seen.end(), [&](const auto& one) { return one.item == folder; });
  if (!seen) edit.seen.push_back({folder, place->head_seq});
  return edit;
}

}  // namespace outpost
