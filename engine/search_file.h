#pragma once
#include <filesystem>
#include <functional>

#include "base/log.h"
#include "journal/journal.h"
#include "projection/search_index.h"

namespace outpost {

// The search index of an account: search.sqlite in its folder, beside the journal. An encrypted account has none, since
// it would hold the same words in the clear.
std::filesystem::path SearchFile(const std::filesystem::path& account);

// Brings it level with the journal, in small transactions, until `stop` answers true. What goes wrong with the file is
// logged and tried again the next time: searches do without. Blocks for as long as it takes; not for a thread of
// Outlook. Threads: any, one at a time for one account.
void FollowSearch(const Journal& journal, const std::filesystem::path& account, const std::function<bool()>& stop,
                  Log& log);

// For a search. Nullopt where there is none that is of use.
std::optional<SearchIndex> OpenSearch(const std::filesystem::path& account);

}  // namespace outpost
