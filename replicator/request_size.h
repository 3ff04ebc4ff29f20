#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "replicator/tuning.h"

namespace outpost {

// How many pages travel in one request for whole rows, found by how the server answers: more where the line's delay is
// most of the time a request takes, fewer where answers grow too big or the server takes long. Pure. Source: DESIGN.md,
// "Replicator".
class RequestSize {
 public:
  std::size_t pages() const { return pages_; }

  // An exchange of `pages` pages took so long and brought so much.
  void Answered(std::size_t pages, std::uint64_t bytes, std::chrono::microseconds took) {
    if (fastest_.count() == 0 || took < fastest_) fastest_ = took;
    if (bytes > tuning::kAnswerBytesMax || took - fastest_ > tuning::kAnswerTimeMax)
      pages_ = std::max<std::size_t>(pages / 2, 1);
    else if (pages >= pages_ && took > tuning::kLongDelay && took < 2 * fastest_)
      pages_ = std::min(pages_ * 2, tuning::kPagesPerRequestMax);
    else if (pages_ < tuning::kPagesPerRequest && pages >= pages_)
      ++pages_;
  }
  // A request of so many pages got no answer.
  void Failed(std::size_t pages) { pages_ = std::max<std::size_t>(pages / 2, 1); }

 private:
  std::size_t pages_ = tuning::kPagesPerRequest;
  std::chrono::microseconds fastest_{0};
};

}  // namespace outpost
