#include "mapi-adapter/provider/table.h"

#include <algorithm>

#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/com.h"
#include "mapi-adapter/provider/table_state.h"

namespace outpost::mapi {
namespace {

using namespace abi;

// No caller wants more rows at once than this; he is answered so many and asks again.
constexpr std::size_t kRowsMax = 1'000;
// So many rows tell what columns there are.
constexpr std::size_t kRowsLookedAt = 10;

class Table final : public ComObject<IMAPITable> {
 public:
  Table(std::shared_ptr<const OpenStore> store, std::unique_ptr<RowSource> rows, std::vector<PropTag> columns)
      : state_(std::make_shared<TableState>()) {
    state_->store = std::move(store);
    state_->rows = std::move(rows);
    default_columns_ = columns;
    state_->columns = std::move(columns);
  }

  HRESULT OUTPOST_MAPI_CALL GetLastError(HRESULT, ULONG, MAPIERROR** error) override {
    if (error != nullptr) *error = nullptr;
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL Advise(ULONG mask, IMAPIAdviseSink* sink, ULONG_PTR* connection) override {
    return AtEdge([&] {
      if (sink == nullptr || connection == nullptr) return MAPI_E_INVALID_PARAMETER;
      if ((mask & fnevTableModified) == 0) return MAPI_E_NO_SUPPORT;
      return state_->Advise(sink, connection);
    });
  }
  HRESULT OUTPOST_MAPI_CALL Unadvise(ULONG_PTR connection) override {
    return AtEdge([&] { return state_->Unadvise(connection); });
  }
  HRESULT OUTPOST_MAPI_CALL GetStatus(ULONG* status, ULONG* type) override {
    if (status == nullptr || type == nullptr) return MAPI_E_INVALID_PARAMETER;
    *status = TBLSTAT_COMPLETE;
    *type = TBLTYPE_DYNAMIC;
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL SetColumns(const SPropTagArray* tags, ULONG flags) override {
    return AtEdge([&] {
      if (tags == nullptr || tags->cValues == 0) return MAPI_E_INVALID_PARAMETER;
      if ((flags & ~(TBL_ASYNC | TBL_BATCH)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      const std::lock_guard lock(state_->mutex);
      state_->columns.assign(tags->aulPropTag, tags->aulPropTag + tags->cValues);
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL QueryColumns(ULONG flags, SPropTagArray** tags) override {
    return AtEdge([&] {
      if (tags == nullptr) return MAPI_E_INVALID_PARAMETER;
      if ((flags & ~TBL_ALL_COLUMNS) != 0) return MAPI_E_UNKNOWN_FLAGS;
      *tags = nullptr;
      const std::lock_guard lock(state_->mutex);
      const auto columns =
          (flags & TBL_ALL_COLUMNS) != 0 ? AllColumns() : Result<std::vector<PropTag>>(state_->columns);
      if (!columns) return CodeOf(columns.error());
      MapiBlock block(state_->store->memory);
      *tags = WriteTags(columns.value(), block);
      block.HandOver();
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL GetRowCount(ULONG flags, ULONG* count) override {
    if (count == nullptr) return MAPI_E_INVALID_PARAMETER;
    if (flags != 0) return MAPI_E_UNKNOWN_FLAGS;
    return AtEdge([&] {
      const std::lock_guard lock(state_->mutex);
      state_->CatchUp();
      *count = static_cast<ULONG>(state_->rows->size());
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL SeekRow(BOOKMARK origin, LONG rows, LONG* sought) override {
    return AtEdge([&] {
      const std::lock_guard lock(state_->mutex);
      state_->CatchUp();
      const auto from = PlaceOf(origin);
      if (!from) return MAPI_E_INVALID_BOOKMARK;
      const auto start = static_cast<std::int64_t>(*from), end = static_cast<std::int64_t>(state_->rows->size());
      const std::int64_t to = std::clamp<std::int64_t>(start + rows, 0, end);
      state_->position = static_cast<std::size_t>(to);
      if (sought != nullptr) *sought = static_cast<LONG>(to - start);
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL SeekRowApprox(ULONG numerator, ULONG denominator) override {
    if (denominator == 0) return MAPI_E_INVALID_PARAMETER;
    const std::lock_guard lock(state_->mutex);
    const std::uint64_t part = std::min(numerator, denominator);
    state_->position = static_cast<std::size_t>(state_->rows->size() * part / denominator);
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL QueryPosition(ULONG* row, ULONG* numerator, ULONG* denominator) override {
    if (row == nullptr || numerator == nullptr || denominator == nullptr) return MAPI_E_INVALID_PARAMETER;
    const std::lock_guard lock(state_->mutex);
    *row = *numerator = static_cast<ULONG>(state_->position);
    *denominator = static_cast<ULONG>(std::max<std::size_t>(1, state_->rows->size()));
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL FindRow(SRestriction* restriction, BOOKMARK origin, ULONG flags) override {
    return AtEdge([&] {
      if (restriction == nullptr) return MAPI_E_INVALID_PARAMETER;
      if ((flags & ~DIR_BACKWARD) != 0) return MAPI_E_UNKNOWN_FLAGS;
      const std::lock_guard lock(state_->mutex);
      state_->CatchUp();
      const auto from = PlaceOf(origin);
      if (!from) return MAPI_E_INVALID_BOOKMARK;
      // Backward it begins with the row before.
      const bool backward = (flags & DIR_BACKWARD) != 0;
      if (backward && *from == 0) return MAPI_E_NOT_FOUND;
      const auto found = state_->rows->Find(*restriction, backward ? *from - 1 : *from, backward);
      if (!found) return TooComplexOr(found.error());
      if (!found.value()) return MAPI_E_NOT_FOUND;
      state_->position = *found.value();
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL Restrict(SRestriction* restriction, ULONG) override {
    return AtEdge([&] {
      const std::lock_guard lock(state_->mutex);
      const auto done = state_->rows->Restrict(restriction);
      if (!done) return TooComplexOr(done.error());
      state_->bookmarks.clear();
      state_->position = 0;
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL CreateBookmark(BOOKMARK* bookmark) override {
    return AtEdge([&] {
      if (bookmark == nullptr) return MAPI_E_INVALID_PARAMETER;
      const std::lock_guard lock(state_->mutex);
      state_->bookmarks[state_->next_bookmark] = state_->position;
      *bookmark = state_->next_bookmark++;
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL FreeBookmark(BOOKMARK bookmark) override {
    const std::lock_guard lock(state_->mutex);
    if (bookmark <= BOOKMARK_END) return S_OK_;  // those of every table stay
    return state_->bookmarks.erase(bookmark) != 0 ? S_OK_ : MAPI_E_INVALID_BOOKMARK;
  }
  HRESULT OUTPOST_MAPI_CALL SortTable(const SSortOrderSet* order, ULONG) override {
    return AtEdge([&] {
      if (order == nullptr || order->cCategories > order->cSorts) return MAPI_E_INVALID_PARAMETER;
      if (order->cCategories != 0) return MAPI_E_TOO_COMPLEX;
      const std::lock_guard lock(state_->mutex);
      const auto sorted = state_->rows->Sort({order->aSort, order->cSorts});
      if (!sorted) return TooComplexOr(sorted.error());
      state_->order.assign(order->aSort, order->aSort + order->cSorts);
      state_->bookmarks.clear();
      state_->position = 0;
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL QuerySortOrder(SSortOrderSet** order) override {
    return AtEdge([&] {
      if (order == nullptr) return MAPI_E_INVALID_PARAMETER;
      const std::lock_guard lock(state_->mutex);
      MapiBlock block(state_->store->memory);
      auto* out = static_cast<SSortOrderSet*>(
          block.Allocate(sizeof(SSortOrderSet) + state_->order.size() * sizeof(SSortOrder)));
      *out = {};
      out->cSorts = static_cast<ULONG>(state_->order.size());
      std::copy(state_->order.begin(), state_->order.end(), out->aSort);
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
      const std::lock_guard lock(state_->mutex);
      state_->CatchUp();
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
  ~Table() { state_->Close(); }
  bool Offers(const IID& iid) const override { return iid == kIMAPITable; }
  void Destroy() override { delete this; }

  static HRESULT TooComplexOr(const Error& error) {
    return error.code == Code::kInvalid ? MAPI_E_TOO_COMPLEX : CodeOf(error);
  }

  std::optional<std::size_t> PlaceOf(BOOKMARK bookmark) const {
    if (bookmark == BOOKMARK_BEGINNING) return 0;
    if (bookmark == BOOKMARK_CURRENT) return state_->position;
    if (bookmark == BOOKMARK_END) return state_->rows->size();
    const auto at = state_->bookmarks.find(bookmark);
    return at != state_->bookmarks.end() ? std::optional(at->second) : std::nullopt;
  }

  // The columns it began with, those that it has, and what rows have beside them, as far as a look at some of them
  // tells: who wants others may set them all the same.
  Result<std::vector<PropTag>> AllColumns() const {
    std::vector<PropTag> all = default_columns_;
    const auto add = [&all](PropTag tag) {
      if (std::none_of(all.begin(), all.end(), [tag](PropTag known) { return IdOf(known) == IdOf(tag); }))
        all.push_back(tag);
    };
    for (const PropTag tag : state_->columns)
      if (TypeOf(tag) != PropType::kNull) add(tag);
    const PropTag of_all_fields[] = {tag::kMessageSize};
    OUTPOST_TRY(const auto rows, state_->rows->Rows(0, std::min(kRowsLookedAt, state_->rows->size()), of_all_fields));
    for (const auto& row : rows)
      for (const Prop& prop : row) add(prop.tag);
    return all;
  }

  // Each row is a block of its own, and so is the set: the caller frees them one by one.
  HRESULT Query(LONG count, bool advance, SRowSet** out) {
    const std::size_t asked = std::min<std::size_t>(kRowsMax, static_cast<std::size_t>(std::abs(std::int64_t{count})));
    const std::size_t from = count > 0 ? state_->position : state_->position - std::min(state_->position, asked);
    const std::size_t most = (count > 0 ? state_->rows->size() : state_->position) - from;
    const std::size_t size = std::min(asked, most);
    auto read = state_->rows->Rows(from, size, state_->columns);
    if (!read) return CodeOf(read.error());
    std::vector<std::unique_ptr<MapiBlock>> blocks;
    MapiBlock set_block(state_->store->memory);
    auto* set = static_cast<SRowSet*>(set_block.Allocate(sizeof(SRowSet) + size * sizeof(SRow)));
    set->cRows = static_cast<ULONG>(size);
    const std::string wanted = state_->TagsOfColumns();
    for (std::size_t i = 0; i < size; ++i) {
      blocks.push_back(std::make_unique<MapiBlock>(state_->store->memory));
      auto* values = blocks.back()->Array<SPropValue>(state_->columns.size());
      WriteProps(read.value()[i], reinterpret_cast<const SPropTagArray*>(wanted.data()), true, *blocks.back(), values);
      for (std::size_t column = 0; column < state_->columns.size(); ++column)  // a place that its caller will fill
        if (TypeOf(state_->columns[column]) == PropType::kNull) values[column].ulPropTag = state_->columns[column];
      set->aRow[i] = {0, static_cast<ULONG>(state_->columns.size()), values};
    }
    for (const auto& block : blocks) block->HandOver();
    *out = static_cast<SRowSet*>(set_block.HandOver());
    state_->position = advance ? from + size : from;
    return S_OK_;
  }

  const std::shared_ptr<TableState> state_;
  std::vector<PropTag> default_columns_;
};

}  // namespace

abi::IMAPITable* MakeTable(std::shared_ptr<const OpenStore> store, std::unique_ptr<RowSource> rows,
                           std::vector<PropTag> columns) {
  return new Table(std::move(store), std::move(rows), std::move(columns));
}

}  // namespace outpost::mapi
