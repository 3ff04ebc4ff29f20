#pragma once

namespace outpost::oxserver {

// One connection of the server, kept alive by what it waits for. Threads: the server's.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void Start() = 0;
  virtual void Close() = 0;
};

}  // namespace outpost::oxserver
