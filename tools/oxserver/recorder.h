#pragma once
#include <fstream>
#include <memory>
#include <string>

#include "base/result.h"
#include "tools/oxserver/http_types.h"

namespace outpost::oxserver {

// Writes one JSON line per exchange, with passwords and session values masked. The format is in docs/oxserver.md.
// Threads: one.
class Recorder {
 public:
  // Appends to `file`. Errors: kUnavailable.
  static Result<std::unique_ptr<Recorder>> Open(const std::string& file);
  // On disk (flushed, not synced) when it returns. `faults`: what was done to this exchange, or empty.
  void Write(const HttpRequest& request, const HttpResponse& response, const std::string& faults);

 private:
  std::ofstream out_;
};

}  // namespace outpost::oxserver
