#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"

namespace outpost {

// What went wrong again and again with the same items, so that one of them neither holds up the others nor is tried for
// ever. A request that the server fails as a whole makes its items suspects: they travel among themselves, in batches
// half as large each time, until the one at fault is alone. Known in this process only: after a restart it is learned
// anew, which costs some requests and nothing else. Pure. Threads: those of its owner.
class Patience {
 public:
  // Intents that may travel together with `item` (at least 1); none: it is no suspect.
  std::optional<std::size_t> BatchMax(const ItemId& item) const;
  std::size_t suspects() const { return troubles_.size(); }

  // A request with these items got no answers. `by_server`: it was reached, and failed.
  void RequestFailed(const std::vector<ItemId>& items, bool by_server, std::uint64_t run);
  // The server answered for the item, but not to any end: with `code` it put it off. Counted once a run.
  void PutOff(const ItemId& item, const std::string& code, std::uint64_t run);
  // The server took or refused a change of it.
  void Answered(const ItemId& item);

  // With which code to park it: it failed again and again while others got through in between, or failed whole requests
  // in so many runs that it cannot be the server's bad hour. None: try on.
  std::optional<std::string> Exhausted(const ItemId& item) const;

 private:
  struct Trouble {
    std::size_t batch_max = SIZE_MAX;
    int alone = 0;                      // failures without any other item in the request
    int runs = 0;                       // runs in which it failed alone or was put off
    int runs_others_passed = 0;         // after which others got through before it failed again
    std::uint64_t last_run = 0;         // of those
    std::uint64_t answered_before = 0;  // of all items, when it failed last
    std::string code;
  };
  void Count(Trouble& trouble, const std::string& code, std::uint64_t run);

  std::map<ItemId, Trouble> troubles_;
  std::uint64_t answered_ = 0;
};

}  // namespace outpost
