#pragma once
#include "engine/folder_edits.h"
#include "replicator/queue.h"

namespace outpost {

// A question that waits for a person, and the folder it is about, which may be deleted here: then it is named by its
// title alone.
struct Question {
  ItemId folder{};
  std::string path;
  ConsentBody asked;
};
// Errors: kCorrupt, kUnavailable.
Result<std::vector<Question>> WaitingQuestions(const StateReader& state);
// That about the folder of this path or id. Errors: kNotFound (there is none), and as above.
Result<Question> FindQuestion(const StateReader& state, std::string_view folder);

// The answer to the question about `folder`, if any waits. What is missing on the server is compared once more where it
// may go. What was deleted here comes back where it may not: its deletion gives way, as to a later edit; `more`: there
// is more of it than one append takes, and the answer itself comes with the last. Errors: kNotFound (nothing waits),
// kCorrupt, kUnavailable.
Result<FolderDeletion> AnswerEvents(const StateReader& state, const ItemId& folder, ConsentAnswer answer, bool& more);

}  // namespace outpost
