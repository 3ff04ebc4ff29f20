#include "journal/subscribers.h"

#include <algorithm>

namespace outpost::journal {

class Subscribers::Handle final : public Journal::Subscription {
 public:
  Handle(std::shared_ptr<Subscribers> owner, std::shared_ptr<Listener> listener)
      : owner_(std::move(owner)), listener_(std::move(listener)) {}
  ~Handle() override { owner_->Remove(listener_); }

 private:
  std::shared_ptr<Subscribers> owner_;
  std::shared_ptr<Listener> listener_;
};

std::unique_ptr<Journal::Subscription> Subscribers::Add(std::function<void(Sequence)> changed) {
  auto listener = std::make_shared<Listener>();
  listener->changed = std::move(changed);
  {
    MutexLock lock(mutex_);
    listeners_.push_back(listener);
  }
  return std::make_unique<Handle>(shared_from_this(), std::move(listener));
}

void Subscribers::Notify(Sequence last) {
  std::vector<std::shared_ptr<Listener>> listeners;
  {
    MutexLock lock(mutex_);
    listeners = listeners_;
  }
  for (const auto& listener : listeners) {
    {
      MutexLock lock(mutex_);
      if (!listener->active) continue;
      running_ = listener.get();
      runner_ = std::this_thread::get_id();
    }
    listener->changed(last);
    MutexLock lock(mutex_);
    running_ = nullptr;
    idle_.NotifyAll();
  }
}

void Subscribers::Remove(const std::shared_ptr<Listener>& listener) {
  MutexLock lock(mutex_);
  listener->active = false;
  listeners_.erase(std::remove(listeners_.begin(), listeners_.end(), listener), listeners_.end());
  // A listener that ends its own subscription would wait for itself.
  while (running_ == listener.get() && runner_ != std::this_thread::get_id()) idle_.Wait(mutex_);
}

}  // namespace outpost::journal
