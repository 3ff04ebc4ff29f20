#pragma once
#include "replicator/dialect.h"
#include "replicator/ox/json_read.h"
#include "replicator/ox/mail_state.h"

// For answers.cpp. All return false where the data is of another shape than http-api.md 10 gives.
namespace outpost {

bool ReadExamined(od::value data, MailFolderState& out);

// What a folder that was asked for a mail says of its ids; nothing for other asks.
void NoteNewest(const Ask& ask, const MailFolderState& state, Answer& answer);

// The answer to WriteLook: whether the mail is there.
bool ReadLook(od::value data, bool& there);

// The data of an element that is about mails and does not examine. `state`: of the folder, where the ask reads.
bool ReadMailData(od::value data, const Ask& ask, const MailFolderState& state, Answer& answer);

}  // namespace outpost
