#include "projection/row_order.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "projection/row_key.h"

namespace outpost {
namespace {

std::uint64_t HeadOf(std::string_view key) {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < 8; ++i) head = head << 8 | (i < key.size() ? static_cast<std::uint8_t>(key[i]) : 0);
  return head;
}

// Calls `visit` with each run of more than one whose `head` is the same.
template <class T, class Head, class Visit>
void ForEachRun(std::span<T> sorted, Head head, Visit visit) {
  for (std::size_t from = 0; from < sorted.size();) {
    std::size_t to = from + 1;
    while (to < sorted.size() && head(sorted[to]) == head(sorted[from])) ++to;
    if (to > from + 1) visit(sorted.subspan(from, to - from));
    from = to;
  }
}

}  // namespace

std::string_view RowOrder::Key(std::size_t position) const { return KeyOf(rows_[position]); }
ItemId RowOrder::Item(std::size_t position) const { return ItemOfRowKey(Key(position)); }

RowOrder::Row RowOrder::Stored(std::string_view key) {
  OUTPOST_CHECK(bytes_.size() + key.size() <= std::numeric_limits<std::uint32_t>::max());
  const Row row{HeadOf(key), static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(key.size())};
  bytes_ += key;
  used_ += key.size();
  return row;
}

void RowOrder::Add(std::string_view key) { rows_.push_back(Stored(key)); }

bool RowOrder::Before(const Row& row, std::uint64_t head, std::string_view key) const {
  return row.head != head ? row.head < head : KeyOf(row) < key;
}

// By eight bytes at a time: comparing keys as a whole reads memory here and there, which is most of the time where many
// rows begin alike.
void RowOrder::Sort() {
  std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) { return a.head < b.head; });
  ForEachRun(
      std::span(rows_), [](const Row& row) { return row.head; }, [this](std::span<Row> run) { SortFrom(run, 8); });
}

void RowOrder::SortFrom(std::span<Row> rows, std::size_t depth) {
  // A comparison or two cost less than another round; and where all end here, nothing is left to go by.
  constexpr std::size_t kFewRows = 6;
  const bool over = std::all_of(rows.begin(), rows.end(), [&](const Row& row) { return row.size <= depth; });
  if (over || rows.size() <= kFewRows) {
    std::sort(rows.begin(), rows.end(), [this](const Row& a, const Row& b) { return KeyOf(a) < KeyOf(b); });
    return;
  }
  struct Next {
    std::uint64_t head;  // of what is behind `depth`
    Row row;
  };
  std::vector<Next> order;
  order.reserve(rows.size());
  for (const Row& row : rows) order.push_back({HeadOf(KeyOf(row).substr(std::min<std::size_t>(depth, row.size))), row});
  std::sort(order.begin(), order.end(), [](const Next& a, const Next& b) { return a.head < b.head; });
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = order[i].row;
  ForEachRun(
      std::span(order), [](const Next& next) { return next.head; },
      [&](std::span<Next> run) {
        SortFrom(rows.subspan(static_cast<std::size_t>(run.data() - order.data()), run.size()), depth + 8);
      });
}

std::size_t RowOrder::LowerBound(std::string_view key) const {
  const std::uint64_t head = HeadOf(key);
  const auto at = std::lower_bound(rows_.begin(), rows_.end(), key,
                                   [&](const Row& row, std::string_view wanted) { return Before(row, head, wanted); });
  return static_cast<std::size_t>(at - rows_.begin());
}

std::size_t RowOrder::Find(std::string_view key) const {
  const std::size_t at = LowerBound(key);
  return at < rows_.size() && Key(at) == key ? at : rows_.size();
}

void RowOrder::Apply(std::span<const std::string> gone, std::span<const std::string> come) {
  std::vector<Row> rows;
  rows.reserve(rows_.size() + come.size());
  std::size_t from = 0;
  const auto copy_to = [&](std::size_t to) {
    rows.insert(rows.end(), rows_.begin() + static_cast<std::ptrdiff_t>(from),
                rows_.begin() + static_cast<std::ptrdiff_t>(to));
    from = to;
  };
  auto next = come.begin();
  const auto come_before = [&](std::string_view key) {
    for (; next != come.end() && *next < key; ++next) {
      copy_to(LowerBound(*next));
      rows.push_back(Stored(*next));
    }
  };
  for (const std::string& key : gone) {
    come_before(key);
    copy_to(Find(key));
    OUTPOST_CHECK(from < rows_.size());
    used_ -= rows_[from].size;
    ++from;
  }
  for (; next != come.end(); ++next) {
    copy_to(LowerBound(*next));
    rows.push_back(Stored(*next));
  }
  copy_to(rows_.size());
  rows_ = std::move(rows);
  DropWaste();
}

// Keys of rows that went stay in the bytes until they are half of them.
void RowOrder::DropWaste() {
  if (bytes_.size() < 2 * used_ + 4096) return;
  std::string kept;
  kept.reserve(used_);
  for (Row& row : rows_) {
    const auto at = static_cast<std::uint32_t>(kept.size());
    kept += KeyOf(row);
    row.at = at;
  }
  bytes_ = std::move(kept);
}

}  // namespace outpost
