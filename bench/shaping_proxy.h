#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace outpost::bench {

// What a line does to bytes on their way, in either direction.
struct LineShape {
  Millis delay{0};                // one way: half a round trip
  std::uint64_t bytes_per_s = 0;  // each way, of all connections together; 0: no limit
};

// A line between a client and a server of this machine: passes bytes on, late and not faster than the shape allows,
// each direction in order, any number of connections. Threads: any; it has one of its own.
class ShapingProxy {
 public:
  // Listens on a free port of 127.0.0.1; connects to `port` there for each connection. Errors: kUnavailable.
  static Result<std::unique_ptr<ShapingProxy>> Start(std::uint16_t port, LineShape shape);
  ~ShapingProxy();

  std::uint16_t port() const;
  // Bytes passed on since the start: from the client, and to it.
  std::uint64_t up() const;
  std::uint64_t down() const;

 private:
  ShapingProxy();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace outpost::bench
