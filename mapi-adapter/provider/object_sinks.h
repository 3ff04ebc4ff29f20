#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "engine/live.h"
#include "mapi-adapter/provider/open_store.h"

namespace outpost::mapi {

// Who is told what happens to the objects of a store: the clients' sinks behind IMsgStore::Advise and
// IMSLogon::Advise. They are called on the account's thread for tables, in the order of the journal, and nothing waits
// for them but what is told next. Threads: any. Source: imsgstore-advise, object_notification.
class ObjectSinks : public std::enable_shared_from_this<ObjectSinks> {
 public:
  explicit ObjectSinks(std::shared_ptr<const OpenStore> store) : store_(std::move(store)) {}

  abi::HRESULT Advise(abi::ULONG size, const abi::ENTRYID* id, abi::ULONG mask, abi::IMAPIAdviseSink* sink,
                      abi::ULONG_PTR* connection);
  abi::HRESULT Unadvise(abi::ULONG_PTR connection);
  // No call begins after it, and none is under way but the one it is called from.
  void Close();

 private:
  struct Sink {
    abi::IMAPIAdviseSink* sink = nullptr;  // with a reference of ours
    abi::ULONG mask = 0;
    std::optional<ItemId> object;  // none: everything in the store
  };
  void Tell(std::span<const ObjectChange> changes);
  void TellOne(const ObjectChange& change);

  std::shared_ptr<const OpenStore> store_;
  const std::shared_ptr<TellingGate> gate_ = std::make_shared<TellingGate>();
  std::mutex mutex_;  // guards what is below
  std::map<abi::ULONG_PTR, Sink> sinks_;
  abi::ULONG_PTR next_ = 1;
  std::unique_ptr<LiveObjects> live_;
};

}  // namespace outpost::mapi
