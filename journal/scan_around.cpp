#include "journal/scan_around.h"

#include <optional>

#include "base/bytes.h"
#include "journal/rocks.h"

namespace outpost::journal {
namespace {

using Number = unsigned __int128;

Number NumberOf(std::string_view key, std::size_t prefix) {
  std::string padded(key.substr(prefix, 16));
  padded.resize(16, '\0');
  return Number{ReadBe64(padded)} << 64 | ReadBe64(padded, 8);
}

bool CanReadFrom(rocksdb::Iterator& it, const std::string& prefix, Number number) {
  std::string key = prefix;
  AppendBe64(key, static_cast<std::uint64_t>(number >> 64));
  AppendBe64(key, static_cast<std::uint64_t>(number));
  it.Seek(key);
  return it.status().ok();
}

// Puts `it` at the least number >= `from` from which it can read; false when there is none.
bool StepOver(rocksdb::Iterator& it, const std::string& prefix, Number from) {
  Number bad = from, good = from;
  for (Number step = 1; !CanReadFrom(it, prefix, good); step *= 2) {
    bad = good;
    if (step == 0 || good > ~Number{0} - step) return false;
    good += step;
  }
  while (good - bad > 1) {
    const Number middle = bad + (good - bad) / 2;
    (CanReadFrom(it, prefix, middle) ? good : bad) = middle;
  }
  return CanReadFrom(it, prefix, good);
}

}  // namespace

void ScanAround(rocksdb::Iterator& it, const std::string& prefix, ScanLoss& loss,
                const std::function<bool(std::string_view key, std::string_view value)>& visit) {
  std::optional<Number> last;
  it.Seek(prefix);
  for (;;) {
    for (; it.Valid() && it.key().starts_with(prefix); it.Next()) {
      last = NumberOf(FromSlice(it.key()), prefix.size());
      if (!visit(FromSlice(it.key()), FromSlice(it.value()))) return;
    }
    if (it.status().ok()) return;
    if (loss.places++ == 0) loss.first = it.status().ToString();
    if (last == ~Number{0} || !StepOver(it, prefix, last ? *last + 1 : 0)) return;
  }
}

}  // namespace outpost::journal
