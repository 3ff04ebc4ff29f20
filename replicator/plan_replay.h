#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "replicator/plan_trace.h"

namespace outpost {

// What came of one record of a trace when the planner was asked again.
struct Replayed {
  enum class Verdict : std::uint8_t {
    kSame,       // the same decision, or the same request
    kDiffers,    // another one
    kNoted,      // nothing was decided: an answer, an append, or a request that follows from no traced decision
    kUnreadable  // the record is damaged, or of a later version
  };
  Verdict verdict = Verdict::kNoted;
  trace::What what{};
  Millis time{0};
  ItemId item{};       // of the decision; none: of no item
  Sequence first = 0;  // of kAppended; 0: it was refused
  Sequence last = 0;
  std::string decision;  // in the trace, in words of the engine's
  std::string again;     // of today's planner; the same unless verdict is kDiffers
};

// Asks the planner of this program again what it decides of the facts in a trace, in their order. Requests are made
// again from the decisions before them: of writes each ask must be what the entries became, of reads of whole folders
// what PlanLook said. Threads: one.
class PlanReplay {
 public:
  // The next record. Its trace is one: where another process, or another account, began to write, a kBegun stands.
  Replayed Next(std::string_view record);

 private:
  Replayed Decide(const trace::Record& record);
  Replayed ReplaySent(const trace::Record& record);
  Replayed ReplayRequest(const trace::Record& record);
  void Begin();

  std::map<ItemId, BatchEntry> entries_;     // as they were planned last
  std::vector<std::size_t> leaving_;         // asks of the entries planned since the last request of writes
  std::map<std::string, FolderLook> looks_;  // by the folder's id on the server
};

}  // namespace outpost
