#include "tools/oxserver/stamps.h"

namespace outpost::oxserver {

std::int64_t Stamps::Next() {
  ++writes_;
  if (mode_ == StampMode::kSameTwice && writes_ % 2 == 0) return last_;
  if (mode_ == StampMode::kStepsBack && writes_ % 10 == 0) return last_ - 1000;
  last_ = std::max(last_ + 1, Now());
  return last_;
}

}  // namespace outpost::oxserver
