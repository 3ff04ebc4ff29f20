#pragma once
#include <cstdint>
#include <functional>

#include "base/strand.h"
#include "engine/sync_schedule.h"

namespace outpost {

// Keeps an account in step: syncs at once, after each local edit, and whenever the schedule says. Threads: all calls
// and hooks on `strand`, which is stopped before the watcher goes; `random` outlives it.
class Watcher {
 public:
  // What is watched.
  struct Hooks {
    std::function<void(std::function<void(const SyncReport&)>)> sync;  // starts a run; its end is told once
    std::function<bool()> paused;                                      // a person wants it to rest
    std::function<void()> listen;                   // after each run that got to its end; may be empty
    std::function<Millis()> poll;                   // the setting, asked after each run
    std::function<std::uint64_t()> pending;         // edits the server has yet to learn, and what it is yet to tell
    std::function<void(const SyncReport&)> report;  // told of each run that ended; may be empty
    std::function<void(Millis)> next;               // told of each pause until a run; may be empty
  };

  Watcher(Hooks hooks, Strand& strand, Random& random);

  void Start();
  void Stop();
  // Start, from now on with these hooks: a run under way ends by them, and no second one begins beside it.
  void Restart(Hooks hooks);
  // Syncs now, whatever the schedule says; nothing while a run is under way.
  void Now();
  // The journal has grown: by an edit, a setting, or by the run itself. An edit is sent at once, or soon where the last
  // run failed in a way that may have passed.
  void Committed();
  // The server says that there is something new: a run begins, or another one follows the one under way; not more often
  // than kNewsPause, however much it has to say.
  void News();
  static constexpr Millis kNewsPause{1'000};

 private:
  void After(Millis pause);
  void Listen();
  void Ended(const SyncReport& report);

  Hooks hooks_;
  Strand& strand_;
  SyncSchedule schedule_;
  bool watching_ = false;
  bool running_ = false;
  bool resting_ = false;     // found paused when its time came
  bool news_ = false;        // told while a run was under way
  bool just_ran_ = false;    // less than kNewsPause ago
  std::uint64_t runs_ = 0;   // that ended well
  std::uint64_t left_ = 0;   // edits that still waited when the last run ended
  std::uint64_t timer_ = 0;  // the one timer that counts; older ones pass without effect
};

}  // namespace outpost
