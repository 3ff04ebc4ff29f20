#include "engine/c_abi/handle.h"

namespace outpost::c_abi {
namespace {

thread_local int telling = 0;  // how many callbacks this thread is within

const char* WhatOf(ObjectChange::Kind kind) {
  switch (kind) {
    case ObjectChange::Kind::kCreated:
      return "created";
    case ObjectChange::Kind::kChanged:
      return "changed";
    case ObjectChange::Kind::kMoved:
      return "moved";
    case ObjectChange::Kind::kDeleted:
      return "deleted";
    case ObjectChange::Kind::kReload:
      return "reload";
  }
  return "reload";
}

Json IdOrNull(const ItemId& id) { return id ? Json(id.Hex()) : Json(); }

std::string ChangeLine(const ObjectChange& change) {
  return ToLine(Json::Object{{"what", WhatOf(change.kind)},
                             {"id", IdOrNull(change.object)},
                             {"type", change.type == ItemType::kNone ? Json() : Json(ItemTypeName(change.type))},
                             {"folder", IdOrNull(change.folder)},
                             {"from", IdOrNull(change.from)},
                             {"remote", change.remote}});
}

void TellAll(outpost_subscription& subscription, std::span<const ObjectChange> changes) {
  const std::lock_guard lock(subscription.telling);
  ++telling;
  for (const ObjectChange& change : changes) {
    if (subscription.closed) break;
    subscription.callback(subscription.context, ChangeLine(change).c_str());
  }
  --telling;
}

Result<void> Subscribe(outpost_account& account, outpost_callback callback, void* context, outpost_subscription** out) {
  auto made = std::make_shared<outpost_subscription>();
  made->callback = callback;
  made->context = context;
  made->account = &account;
  const std::lock_guard lock(account.mutex);
  account.subscriptions.emplace(made.get(), made);
  made->live = FollowObjects(*account.account,
                             {[weak = std::weak_ptr(made)](ObjectFeed&, std::span<const ObjectChange> changes) {
                                if (const auto subscription = weak.lock()) TellAll(*subscription, changes);
                              },
                              [](const Error&) {}});
  *out = made.get();
  return Ok();
}

}  // namespace

bool IsTelling() { return telling > 0; }

void EndSubscription(const std::shared_ptr<outpost_subscription>& subscription) {
  subscription->live.reset();
  const std::lock_guard until_told(subscription->telling);
  subscription->closed = true;
}

}  // namespace outpost::c_abi

using namespace outpost;
using namespace outpost::c_abi;

int32_t outpost_subscribe(outpost_account* account, outpost_callback callback, void* context,
                          outpost_subscription** subscription, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRYV(AccountOf(account));
    if (callback == nullptr || subscription == nullptr) return Malformed("callback or subscription is NULL");
    return Subscribe(*account, callback, context, subscription);
  });
}

int32_t outpost_unsubscribe(outpost_subscription* subscription, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    if (subscription == nullptr) return Ok();
    outpost_account& account = *subscription->account;
    std::shared_ptr<outpost_subscription> gone;
    {
      const std::lock_guard lock(account.mutex);
      const auto at = account.subscriptions.find(subscription);
      if (at == account.subscriptions.end()) return Malformed("no such subscription");
      gone = at->second;
      account.subscriptions.erase(at);
    }
    EndSubscription(gone);
    return Ok();
  });
}
