#include "journal/scan_around.h"

#include <optional>

#include "base/bytes.h"
#include "journal/rocks.h"

namespace outpost::journal {
namespace {

std::uint64_t NumberOf(std::string_view key, std::size_t prefix) {
  std::string padded(key.substr(prefix, 8));
  padded.resize(8, '\0');
  return ReadBe64(padded);
}

bool CanReadFrom(rocksdb::Iterator& it, const std::string& prefix, std::uint64_t number) {
  std::string key = prefix;
  AppendBe64(key, number);
  it.Seek(key);
  return it.status().ok();
}

// Puts `it` at the least number >= `from` from which it can read; false when there is none.
bool StepOver(rocksdb::Iterator& it, const std::string& prefix, std::uint64_t from) {
  std::uint64_t bad = from, good = from;
  for (std::uint64_t step = 1; !CanReadFrom(it, prefix, good); step *= 2) {
    bad = good;
    if (good > ~std::uint64_t{0} - step) return false;
    good += step;
  }
  while (good - bad > 1) {
    const std::uint64_t middle = bad + (good - bad) / 2;
    (CanReadFrom(it, prefix, middle) ? good : bad) = middle;
  }
  return CanReadFrom(it, prefix, good);
}

}  // namespace

void ScanAround(rocksdb::Iterator& it, const std::string& prefix, ScanLoss& loss,
                const std::function<bool(std::string_view key, std::string_view value)>& visit) {
  std::optional<std::uint64_t> last;
  it.Seek(prefix);
  for (;;) {
    for (; it.Valid() && it.key().starts_with(prefix); it.Next()) {
      last = NumberOf(FromSlice(it.key()), prefix.size());
      if (!visit(FromSlice(it.key()), FromSlice(it.value()))) return;
    }
    if (it.status().ok()) return;
    if (loss.places++ == 0) loss.first = it.status().ToString();
    if (last == ~std::uint64_t{0} || !StepOver(it, prefix, last ? *last + 1 : 0)) return;
  }
}

}  // namespace outpost::journal
