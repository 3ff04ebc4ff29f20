#include "mapi-adapter/provider/table.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "mapi-adapter/provider/com.h"

namespace outpost::mapi {
namespace {

using namespace abi;

// No caller wants more rows at once than this; he is answered so many and asks again.
constexpr std::size_t kRowsMax = 1'000;

class Table final : public ComObject<IMAPITable> {
 public:
  Table(std::shared_ptr<const OpenStore> store, std::unique_ptr<RowSource> rows, std::vector<PropTag> columns)
      : store_(std::move(store)), rows_(std::move(rows)), columns_(std::move(columns)) {}

  HRESULT OUTPOST_MAPI_CALL GetLastError(HRESULT, ULONG, MAPIERROR** error) override {
    if (error != nullptr) *error = nullptr;
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL Advise(ULONG, IMAPIAdviseSink*, ULONG_PTR*) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL Unadvise(ULONG_PTR) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL GetStatus(ULONG* status, ULONG* type) override {
    if (status == nullptr || type == nullptr) return MAPI_E_INVALID_PARAMETER;
    *status = TBLSTAT_COMPLETE;
    *type = TBLTYPE_SNAPSHOT;
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL SetColumns(const SPropTagArray* tags, ULONG) override {
    return AtEdge([&] {
      if (tags == nullptr || tags->cValues == 0) return MAPI_E_INVALID_PARAMETER;
      const std::lock_guard lock(mutex_);
      columns_.assign(tags->aulPropTag, tags->aulPropTag + tags->cValues);
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL QueryColumns(ULONG, SPropTagArray** tags) override {
    return AtEdge([&] {
      if (tags == nullptr) return MAPI_E_INVALID_PARAMETER;
      const std::lock_guard lock(mutex_);
      MapiBlock block(store_->memory);
      *tags = WriteTags(columns_, block);
      block.HandOver();
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL GetRowCount(ULONG flags, ULONG* count) override {
    if (count == nullptr) return MAPI_E_INVALID_PARAMETER;
    if (flags != 0) return MAPI_E_UNKNOWN_FLAGS;
    const std::lock_guard lock(mutex_);
    *count = static_cast<ULONG>(rows_->size());
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL SeekRow(BOOKMARK origin, LONG rows, LONG* sought) override {
    const std::lock_guard lock(mutex_);
    const auto from = PlaceOf(origin);
    if (!from) return MAPI_E_INVALID_BOOKMARK;
    const auto start = static_cast<std::int64_t>(*from), end = static_cast<std::int64_t>(rows_->size());
    const std::int64_t to = std::clamp<std::int64_t>(start + rows, 0, end);
    position_ = static_cast<std::size_t>(to);
    if (sought != nullptr) *sought = static_cast<LONG>(to - start);
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL SeekRowApprox(ULONG numerator, ULONG denominator) override {
    if (denominator == 0) return MAPI_E_INVALID_PARAMETER;
    const std::lock_guard lock(mutex_);
    const std::uint64_t part = std::min(numerator, denominator);
    position_ = static_cast<std::size_t>(rows_->size() * part / denominator);
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL QueryPosition(ULONG* row, ULONG* numerator, ULONG* denominator) override {
    if (row == nullptr || numerator == nullptr || denominator == nullptr) return MAPI_E_INVALID_PARAMETER;
    const std::lock_guard lock(mutex_);
    *row = *numerator = static_cast<ULONG>(position_);
    *denominator = static_cast<ULONG>(std::max<std::size_t>(1, rows_->size()));
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL FindRow(SRestriction* restriction, BOOKMARK origin, ULONG flags) override {
    return AtEdge([&] {
      if (restriction == nullptr) return MAPI_E_INVALID_PARAMETER;
      if ((flags & ~DIR_BACKWARD) != 0) return MAPI_E_UNKNOWN_FLAGS;
      const std::lock_guard lock(mutex_);
      const auto from = PlaceOf(origin);
      if (!from) return MAPI_E_INVALID_BOOKMARK;
      const auto found = rows_->Find(*restriction, *from, (flags & DIR_BACKWARD) != 0);
      if (!found) return TooComplexOr(found.error());
      if (!found.value()) return MAPI_E_NOT_FOUND;
      position_ = *found.value();
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL Restrict(SRestriction* restriction, ULONG) override {
    return AtEdge([&] {
      const std::lock_guard lock(mutex_);
      const auto done = rows_->Restrict(restriction);
      if (!done) return TooComplexOr(done.error());
      bookmarks_.clear();
      position_ = 0;
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL CreateBookmark(BOOKMARK* bookmark) override {
    return AtEdge([&] {
      if (bookmark == nullptr) return MAPI_E_INVALID_PARAMETER;
      const std::lock_guard lock(mutex_);
      bookmarks_[next_bookmark_] = position_;
      *bookmark = next_bookmark_++;
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL FreeBookmark(BOOKMARK bookmark) override {
    const std::lock_guard lock(mutex_);
    if (bookmark <= BOOKMARK_END) return S_OK_;  // those of every table stay
    return bookmarks_.erase(bookmark) != 0 ? S_OK_ : MAPI_E_INVALID_BOOKMARK;
  }
  HRESULT OUTPOST_MAPI_CALL SortTable(const SSortOrderSet* order, ULONG) override {
    return AtEdge([&] {
      if (order == nullptr || order->cCategories > order->cSorts) return MAPI_E_INVALID_PARAMETER;
      if (order->cCategories != 0) return MAPI_E_TOO_COMPLEX;
      const std::lock_guard lock(mutex_);
      const auto sorted = rows_->Sort({order->aSort, order->cSorts});
      if (!sorted) return TooComplexOr(sorted.error());
      order_.assign(order->aSort, order->aSort + order->cSorts);
      bookmarks_.clear();
      position_ = 0;
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL QuerySortOrder(SSortOrderSet** order) override {
    return AtEdge([&] {
      if (order == nullptr) return MAPI_E_INVALID_PARAMETER;
      const std::lock_guard lock(mutex_);
      MapiBlock block(store_->memory);
      auto* out =
          static_cast<SSortOrderSet*>(block.Allocate(sizeof(SSortOrderSet) + order_.size() * sizeof(SSortOrder)));
      *out = {};
      out->cSorts = static_cast<ULONG>(order_.size());
      std::copy(order_.begin(), order_.end(), out->aSort);
      *order = out;
      block.HandOver();
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL QueryRows(LONG count, ULONG flags, SRowSet** rows) override {
    return AtEdge([&] {
      if (rows == nullptr || count == 0) return MAPI_E_INVALID_PARAMETER;
      if ((flags & ~TBL_NOADVANCE) != 0) return MAPI_E_UNKNOWN_FLAGS;
      *rows = nullptr;
      const std::lock_guard lock(mutex_);
      return Query(count, (flags & TBL_NOADVANCE) == 0, rows);
    });
  }
  HRESULT OUTPOST_MAPI_CALL Abort() override { return S_OK_; }
  HRESULT OUTPOST_MAPI_CALL ExpandRow(ULONG, BYTE*, ULONG, ULONG, SRowSet**, ULONG*) override {
    return MAPI_E_NO_SUPPORT;
  }
  HRESULT OUTPOST_MAPI_CALL CollapseRow(ULONG, BYTE*, ULONG, ULONG*) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL WaitForCompletion(ULONG, ULONG, ULONG* status) override {
    if (status != nullptr) *status = TBLSTAT_COMPLETE;
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL GetCollapseState(ULONG, ULONG, BYTE*, ULONG*, BYTE**) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL SetCollapseState(ULONG, ULONG, BYTE*, BOOKMARK*) override { return MAPI_E_NO_SUPPORT; }

 private:
  ~Table() = default;
  bool Offers(const IID& iid) const override { return iid == kIMAPITable; }
  void Destroy() override { delete this; }

  static HRESULT TooComplexOr(const Error& error) {
    return error.code == Code::kInvalid ? MAPI_E_TOO_COMPLEX : CodeOf(error);
  }

  std::optional<std::size_t> PlaceOf(BOOKMARK bookmark) const {
    if (bookmark == BOOKMARK_BEGINNING) return 0;
    if (bookmark == BOOKMARK_CURRENT) return position_;
    if (bookmark == BOOKMARK_END) return rows_->size();
    const auto at = bookmarks_.find(bookmark);
    return at != bookmarks_.end() ? std::optional(at->second) : std::nullopt;
  }

  // Each row is a block of its own, and so is the set: the caller frees them one by one.
  HRESULT Query(LONG count, bool advance, SRowSet** out) {
    const std::size_t asked = std::min<std::size_t>(kRowsMax, static_cast<std::size_t>(std::abs(std::int64_t{count})));
    const std::size_t from = count > 0 ? position_ : position_ - std::min(position_, asked);
    const std::size_t most = (count > 0 ? rows_->size() : position_) - from;
    const std::size_t size = std::min(asked, most);
    auto read = rows_->Rows(from, size, columns_);
    if (!read) return CodeOf(read.error());
    std::vector<std::unique_ptr<MapiBlock>> blocks;
    MapiBlock set_block(store_->memory);
    auto* set = static_cast<SRowSet*>(set_block.Allocate(sizeof(SRowSet) + size * sizeof(SRow)));
    set->cRows = static_cast<ULONG>(size);
    const std::string wanted = TagsOfColumns();
    for (std::size_t i = 0; i < size; ++i) {
      blocks.push_back(std::make_unique<MapiBlock>(store_->memory));
      auto* values = blocks.back()->Array<SPropValue>(columns_.size());
      WriteProps(read.value()[i], reinterpret_cast<const SPropTagArray*>(wanted.data()), true, *blocks.back(), values);
      set->aRow[i] = {0, static_cast<ULONG>(columns_.size()), values};
    }
    for (const auto& block : blocks) block->HandOver();
    *out = static_cast<SRowSet*>(set_block.HandOver());
    position_ = advance ? from + size : from;
    return S_OK_;
  }

  // The columns as callers pass them.
  std::string TagsOfColumns() const {
    std::string out((1 + columns_.size()) * sizeof(ULONG), '\0');
    auto* tags = reinterpret_cast<ULONG*>(out.data());
    tags[0] = static_cast<ULONG>(columns_.size());
    std::copy(columns_.begin(), columns_.end(), tags + 1);
    return out;
  }

  const std::shared_ptr<const OpenStore> store_;
  std::mutex mutex_;  // guards what is below
  std::unique_ptr<RowSource> rows_;
  std::vector<PropTag> columns_;
  std::vector<SSortOrder> order_;
  std::size_t position_ = 0;
  std::map<BOOKMARK, std::size_t> bookmarks_;
  BOOKMARK next_bookmark_ = BOOKMARK_END + 1;
};

}  // namespace

abi::IMAPITable* MakeTable(std::shared_ptr<const OpenStore> store, std::unique_ptr<RowSource> rows,
                           std::vector<PropTag> columns) {
  return new Table(std::move(store), std::move(rows), std::move(columns));
}

}  // namespace outpost::mapi
