#pragma once
#include <filesystem>

#include "engine/commands.h"
#include "journal/blobs.h"
#include "journal/journal.h"

namespace outpost {

// What attaching a file becomes in the journal.

// Errors: kNotFound (no such item), kInvalid (one that takes no attachments).
Result<void> CheckAttachable(const StateReader& state, const ItemId& item);

// The bytes of a file as a blob, piece by piece. Errors: kNotFound, kUnavailable, those of BlobWriter.
Result<PinnedBlob> TakeFile(BlobStore& blobs, const std::filesystem::path& path);

// The photo among the fields of an edit becomes a blob that is kept until the edit is appended, as does one that is a
// blob already. Errors: those of BlobWriter; kNotFound (there is no such blob).
Result<PinnedBlob> KeepPhoto(BlobStore& blobs, FieldMap& fields);

// Bytes that stay here only (the field `properties`) become a blob where they are many; one that is a blob already is
// kept until the edit is appended. Errors: as KeepPhoto.
Result<PinnedBlob> KeepProperties(BlobStore& blobs, FieldMap& fields);

// A new attachment of `item`, whose content is there; `more`: fields beside those that follow from it.
NewEvent AttachEvent(const ItemId& id, const ItemId& item, const AttachFile& file, const BlobRef& content,
                     const OpId& op, FieldMap more = {});

// The deletions of what is attached to an item that is deleted, where the server does not know of it: the rest goes
// with the item. Errors: kCorrupt, kUnavailable.
Result<Batch> DropUnsentAttachments(const StateReader& state, const ItemId& item, const std::function<OpId()>& new_op);

}  // namespace outpost
