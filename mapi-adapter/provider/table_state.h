#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "engine/live.h"
#include "mapi-adapter/provider/table.h"

namespace outpost::mapi {

// What a table is, apart from its reference count: also held by what is under way on the account's thread for tables,
// where its clients' sinks are called. Threads: any; `mutex` guards all but `store`, and is not held while a sink is
// called. Source: imapitable-advise, table_notification.
struct TableState : std::enable_shared_from_this<TableState> {
  abi::HRESULT Advise(abi::IMAPIAdviseSink* sink, abi::ULONG_PTR* connection);
  abi::HRESULT Unadvise(abi::ULONG_PTR connection);
  // No sink is called any more; a call that is under way has ended, but the one it is called from.
  void Close();
  // A table of which nobody wants to be told goes on when somebody looks: else it would show its first moment for ever,
  // and keep the journal from giving up what it had then. `mutex` is held.
  void CatchUp();
  // The columns as callers pass them.
  std::string TagsOfColumns() const;

  std::shared_ptr<const OpenStore> store;
  std::mutex mutex;
  std::unique_ptr<RowSource> rows;
  std::vector<PropTag> columns;
  std::vector<abi::SSortOrder> order;
  std::size_t position = 0;
  std::map<abi::BOOKMARK, std::size_t> bookmarks;
  abi::BOOKMARK next_bookmark = abi::BOOKMARK_END + 1;

 private:
  // What came since, with positions and bookmarks moved. `mutex` is held.
  std::vector<TableChange> Advance();
  // Goes on, and tells of it.
  void Step();
  // Of one change as it stands in the table now; nothing where its row came and went.
  void Tell(const TableChange& change);
  void CallSinks(abi::NOTIFICATION& told);

  std::map<abi::ULONG_PTR, abi::IMAPIAdviseSink*> sinks_;  // each with a reference of ours
  abi::ULONG_PTR next_sink_ = 1;
  std::unique_ptr<LiveObjects> live_;
  Sequence caught_up_ = 0;  // where nobody is told: the end of the journal by then
  const std::shared_ptr<TellingGate> gate_ = std::make_shared<TellingGate>();
};

}  // namespace outpost::mapi
