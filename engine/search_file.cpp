#include "engine/search_file.h"

#include "engine/data_dir.h"
#include "engine/mail_body.h"

namespace outpost {
namespace {

// A transaction of some milliseconds: readers of the index wait for it.
constexpr std::size_t kItemsAtOnce = 500;

Result<void> Follow(const Journal& journal, const std::filesystem::path& account, const std::function<bool()>& stop) {
  OUTPOST_TRY(const auto guard, EncryptionOf(JournalFolder(account)));
  if (guard) return Ok();
  OUTPOST_TRY(SearchIndex index,
              SearchIndex::Open(SearchFile(account), account.filename().string(), SearchIndex::Mode::kWrite));
  while (!stop()) {
    OUTPOST_TRY(const bool level, index.Follow(*journal.View(), kItemsAtOnce, BodiesOfMails().get()));
    if (level) break;
  }
  return Ok();
}

}  // namespace

std::filesystem::path SearchFile(const std::filesystem::path& account) { return account / "search.sqlite"; }

void FollowSearch(const Journal& journal, const std::filesystem::path& account, const std::function<bool()>& stop,
                  Log& log) {
  const auto done = Follow(journal, account, stop);
  std::error_code ignored;
  if (!done && done.error().code == Code::kCorrupt) std::filesystem::remove(SearchFile(account), ignored);
  if (!done) log.Write(LogLevel::kWarning, "engine", "searches are slower: " + done.error().context);
}

std::optional<SearchIndex> OpenSearch(const std::filesystem::path& account) {
  auto index = SearchIndex::Open(SearchFile(account), account.filename().string(), SearchIndex::Mode::kRead);
  return index ? std::optional(std::move(index).value()) : std::nullopt;
}

}  // namespace outpost
