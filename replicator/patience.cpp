#include "replicator/patience.h"

#include <algorithm>

#include "replicator/tuning.h"

namespace outpost {

std::optional<std::size_t> Patience::BatchMax(const ItemId& item) const {
  const auto at = troubles_.find(item);
  if (at == troubles_.end() || at->second.batch_max == SIZE_MAX) return std::nullopt;
  return at->second.batch_max;
}

void Patience::Count(Trouble& trouble, const std::string& code, std::uint64_t run) {
  trouble.code = code;
  if (trouble.last_run == run) return;
  if (trouble.runs > 0 && answered_ > trouble.answered_before) ++trouble.runs_others_passed;
  ++trouble.runs;
  trouble.last_run = run;
  trouble.answered_before = answered_;
}

void Patience::RequestFailed(const std::vector<ItemId>& items, bool by_server, std::uint64_t run) {
  for (const ItemId& item : items) {
    Trouble& trouble = troubles_[item];
    trouble.batch_max = std::max<std::size_t>(std::min(trouble.batch_max, items.size()) / 2, 1);
    if (items.size() > 1 || !by_server) continue;
    ++trouble.alone;
    Count(trouble, "server_fails", run);
  }
}

void Patience::PutOff(const ItemId& item, const std::string& code, std::uint64_t run) {
  Count(troubles_[item], code, run);
}

void Patience::Answered(const ItemId& item) {
  ++answered_;
  troubles_.erase(item);
}

std::optional<std::string> Patience::Exhausted(const ItemId& item) const {
  const auto at = troubles_.find(item);
  if (at == troubles_.end()) return std::nullopt;
  const Trouble& trouble = at->second;
  const int most = trouble.alone > 0 ? tuning::kFailuresAloneMax : tuning::kPutOffRunsMax;
  if (trouble.runs_others_passed >= most || (trouble.alone > 0 && trouble.runs >= tuning::kFailedRunsMax))
    return trouble.code;
  return std::nullopt;
}

}  // namespace outpost
