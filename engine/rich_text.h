#pragma once
#include <optional>
#include <string>

#include "engine/attach.h"
#include "engine/folder_edits.h"

namespace outpost {

// An item's text with its format (RTF) is an attachment that the server marks as such (field `rich_text`, http-api.md
// 8.1). Its name says of which plain text it is the formatted form: where that was edited since, on whichever side, the
// formatted one is not it any more, and nobody is shown it.

// "text-89abcdef01234567.rtf": the name for the formatted form of `note`; ends of lines, and blanks at its end, do not
// count. Pure; threads: any.
std::string RichTextName(std::string_view note);

// The formatted form of the text of an item as it stands here; nullopt where there is none. Its bytes may not be here
// yet. Errors: kCorrupt, kUnavailable.
Result<std::optional<ItemState>> RichTextOf(const StateReader& state, const ItemState& item);

// A new one, `id`, takes the place of all there are. Errors: kNotFound (no such item), kInvalid (one that takes no
// attachments), kCorrupt, kUnavailable.
Result<FolderDeletion> RichTextEvents(const StateReader& state, const ItemId& id, const ItemId& item,
                                      const BlobRef& content, const std::function<OpId()>& new_op);

}  // namespace outpost
