#include "projection/row_pipe.h"

#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "journal/item_fold.h"

namespace outpost {
namespace {

// Rows that change hands together; two such lots are in memory beside the one being filled.
constexpr std::size_t kLotBytes = 256u << 10;
constexpr std::size_t kLots = 2;

// Rows behind one another.
struct Lot {
  struct Row {
    ItemId id;
    std::size_t end;
  };
  std::vector<Row> rows;
  std::string bytes;

  void Add(const ItemId& id, std::string_view row) {
    bytes += row;
    rows.push_back({id, bytes.size()});
  }
  void Clear() {
    rows.clear();
    bytes.clear();
  }
};

Result<void> LookAt(const Lot& lot, const ItemRowFn& look) {
  std::size_t from = 0;
  for (const Lot::Row& row : lot.rows) {
    OUTPOST_TRYV(look(row.id, std::string_view(lot.bytes).substr(from, row.end - from)));
    from = row.end;
  }
  return Ok();
}

// Between who reads rows and who looks at them.
class Exchange {
 public:
  // Gives a full lot away and takes back an empty one. False: nobody looks any more.
  bool Give(Lot& lot) {
    MutexLock lock(mutex_);
    while (full_.size() == kLots && !closed_) changed_.Wait(mutex_);
    if (closed_) return false;
    full_.push_back(std::move(lot));
    lot = Lot();
    if (!empty_.empty()) {
      lot = std::move(empty_.back());
      empty_.pop_back();
    }
    changed_.NotifyAll();
    return true;
  }
  // False: there are no more.
  bool Take(Lot& lot) {
    MutexLock lock(mutex_);
    if (!lot.rows.empty()) {
      lot.Clear();
      empty_.push_back(std::move(lot));
    }
    while (full_.empty() && !ended_) changed_.Wait(mutex_);
    if (full_.empty()) return false;
    lot = std::move(full_.front());
    full_.erase(full_.begin());
    changed_.NotifyAll();
    return true;
  }
  // Who reads has read all.
  void End() {
    MutexLock lock(mutex_);
    ended_ = true;
    changed_.NotifyAll();
  }
  // Who looks looks no more.
  void Close() {
    MutexLock lock(mutex_);
    closed_ = true;
    changed_.NotifyAll();
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<Lot> full_ OUTPOST_GUARDED_BY(mutex_), empty_ OUTPOST_GUARDED_BY(mutex_);
  bool ended_ OUTPOST_GUARDED_BY(mutex_) = false, closed_ OUTPOST_GUARDED_BY(mutex_) = false;
};

// The thread that looks. Ends, and is waited for, with the object.
class Looker {
 public:
  explicit Looker(const ItemRowFn& look) : thread_([this, &look] { Run(look); }) {}
  ~Looker() { Join(); }
  Looker(const Looker&) = delete;
  Looker& operator=(const Looker&) = delete;

  bool Give(Lot& lot) { return exchange_.Give(lot); }
  // Waits until all is looked at; what came of it.
  Result<void> Finish() {
    Join();
    if (const auto thrown = std::exchange(thrown_, nullptr)) std::rethrow_exception(thrown);
    return std::exchange(looked_, Ok());
  }

 private:
  void Join() {
    exchange_.End();
    if (thread_.joinable()) thread_.join();
  }
  void Run(const ItemRowFn& look) {
    try {
      for (Lot lot; looked_ && exchange_.Take(lot);) looked_ = LookAt(lot, look);
    } catch (...) {
      thrown_ = std::current_exception();
    }
    exchange_.Close();
  }

  Exchange exchange_;
  Result<void> looked_ = Ok();  // these two are the thread's until it is joined
  std::exception_ptr thrown_;
  std::thread thread_;
};

Result<void> Scan(const JournalView& view, const std::function<bool(const ItemId& id, std::string_view row)>& each) {
  return view.Scan(kItemsTable, {}, {}, [&](std::string_view key, std::string_view row) {
    const auto id = ItemId::FromView(key);
    return !id || each(*id, row);
  });
}

}  // namespace

Result<void> ForEachItemRow(const JournalView& view, const ItemRowFn& look) {
  Result<void> looked = Ok();
  OUTPOST_TRYV(Scan(view, [&](const ItemId& id, std::string_view row) {
    looked = look(id, row);
    return static_cast<bool>(looked);
  }));
  return looked;
}

Result<void> ForEachItemRowBeside(const JournalView& view, const ItemRowFn& look) {
  std::optional<Looker> looker;
  try {
    looker.emplace(look);
  } catch (const std::system_error&) {
    return ForEachItemRow(view, look);
  }
  Lot lot;
  auto read = Scan(view, [&](const ItemId& id, std::string_view row) {
    lot.Add(id, row);
    return lot.bytes.size() < kLotBytes || looker->Give(lot);
  });
  if (read && !lot.rows.empty()) looker->Give(lot);
  OUTPOST_TRYV(looker->Finish());
  return read;
}

}  // namespace outpost
