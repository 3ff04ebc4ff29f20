#pragma once
#include <map>
#include <memory>
#include <mutex>

#include "base/log.h"
#include "base/system/system_clock.h"
#include "engine/account.h"
#include "engine/c_abi/boundary.h"
#include "engine/control.h"
#include "engine/data_dir.h"
#include "engine/live.h"

// One callback and what calls it. Shared with what is under way: it ends with the last of these.
struct outpost_subscription {
  outpost_callback callback = nullptr;
  void* context = nullptr;
  outpost_account* account = nullptr;
  std::recursive_mutex telling;  // held while the callback runs
  bool closed = false;           // guarded by `telling`
  std::unique_ptr<outpost::LiveObjects> live;
};

// What stands behind the handle. Members go in the opposite order: whoever calls the account before it.
struct outpost_account {
  outpost::AccountPlace place;
  outpost::SystemClock clock;
  outpost::SystemRandom random;
  std::unique_ptr<outpost::Log> log;
  std::unique_ptr<outpost::Account> account;
  std::unique_ptr<outpost::ControlServer> control;
  std::mutex mutex;
  std::map<outpost_subscription*, std::shared_ptr<outpost_subscription>> subscriptions;  // guarded by `mutex`
};

namespace outpost::c_abi {

// Errors: kInvalid (NULL).
Result<Account*> AccountOf(outpost_account* handle);

// Whether this thread is within a callback of any account.
bool IsTelling();
// Ends it: no call begins afterwards, and one on another thread is waited for.
void EndSubscription(const std::shared_ptr<outpost_subscription>& subscription);

}  // namespace outpost::c_abi
