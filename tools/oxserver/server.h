#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/oxserver/logic.h"

namespace outpost::oxserver {

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: a free one
  LogicOptions logic;
  std::string record_file;  // empty: nothing is recorded
  std::string tls_cert;     // both set: HTTPS
  std::string tls_key;
  std::vector<std::string> faults;  // see docs/cli.md
  // Called for requests from the network, after the logic has applied one and before the first byte of its answer
  // leaves; on the server's thread, with no lock held, so that it may call Handle().
  std::function<void(const HttpRequest&, const HttpResponse&)> before_answer;
};

// The server on its own thread. HTTP/1.1 with keep-alive, any number of connections.
class Server {
 public:
  // Listens when it returns. Errors: kInvalid (a fault, a certificate, an address), kUnavailable (port taken, record or
  // state file), and those of Logic::Open. The clock, the random source and the log outlive the server and are used on
  // its thread.
  static Result<std::unique_ptr<Server>> Start(ServerOptions options, Clock& clock, Random& random, Log& log);
  ~Server();

  std::uint16_t port() const;
  std::string url() const;  // "http://127.0.0.1:PORT/ajax"
  // Requests read from the network since the start. Threads: any.
  std::uint64_t requests() const;

  // Lines for news that are open now: what happens from here on is told over them. Threads: any.
  std::size_t lines() const;

  // Errors: kInvalid. Threads: any.
  Result<void> AddFault(std::string_view spec);
  void ClearFaults();

  // The same logic in process: not recorded, no faults, no rate limit. Threads: any.
  HttpResponse Handle(const HttpRequest& request);

  // Closes every connection and returns after the last callback. Idempotent; not to be called from before_answer.
  void Stop();

 private:
  Server();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace outpost::oxserver
