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

// An iterator that has met damage may show it again where there is none: each look takes a new one. Null where nothing
// can be read.
std::unique_ptr<rocksdb::Iterator> LookFrom(const MakeIterator& make, const std::string& prefix, Number number) {
  std::string key = prefix;
  AppendBe64(key, static_cast<std::uint64_t>(number >> 64));
  AppendBe64(key, static_cast<std::uint64_t>(number));
  auto it = make();
  it->Seek(key);
  return it->status().ok() ? std::move(it) : nullptr;
}

// An iterator at the least number >= `from` from which can be read; null when there is none.
std::unique_ptr<rocksdb::Iterator> StepOver(const MakeIterator& make, const std::string& prefix, Number from) {
  Number bad = from, good = from;
  for (Number step = 1; !LookFrom(make, prefix, good); step *= 2) {
    bad = good;
    if (step == 0 || good > ~Number{0} - step) return nullptr;
    good += step;
  }
  while (good - bad > 1) {
    const Number middle = bad + (good - bad) / 2;
    (LookFrom(make, prefix, middle) ? good : bad) = middle;
  }
  return LookFrom(make, prefix, good);
}

}  // namespace

void ScanAround(const MakeIterator& make, const std::string& prefix, ScanLoss& loss,
                const std::function<bool(std::string_view key, std::string_view value)>& visit) {
  std::optional<Number> last;
  auto it = make();
  it->Seek(prefix);
  while (it) {
    for (; it->Valid() && it->key().starts_with(prefix); it->Next()) {
      last = NumberOf(FromSlice(it->key()), prefix.size());
      if (!visit(FromSlice(it->key()), FromSlice(it->value()))) return;
    }
    if (it->status().ok()) return;
    if (loss.places++ == 0) loss.first = it->status().ToString();
    if (last == ~Number{0}) return;
    it = StepOver(make, prefix, last ? *last + 1 : 0);
  }
}

}  // namespace outpost::journal
