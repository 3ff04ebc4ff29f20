#include "replicator/ox/multipart.h"

#include "base/bytes.h"
#include "base/system/crypto.h"

namespace outpost {

std::string FormBoundary(std::string_view session) {
  const Digest digest = Sha256Of("boundary of forms " + std::string(session));
  return "----outpost-" + ToHex(Bytes(digest).first(16));
}

}  // namespace outpost
