#pragma once
#include <cstddef>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/strand.h"
#include "replicator/net/network.h"
#include "replicator/net/proxy.h"
#include "replicator/transport.h"

namespace outpost {

// A reply longer than this (after decompression) is given up: above, one answer could take the memory of Outlook; a
// request is planned to bring about 1 MiB.
inline constexpr std::size_t kReplyBytesMax = 64u << 20;

struct TransportOptions {
  std::string ca_file;                 // PEM file of trusted authorities; empty: those of the system
  std::string pinned_key;              // "sha256//BASE64": the server has this public key; see below
  std::string user_agent = "outpost";  // constant for the life of a session: servers bind sessions to it
  ProxyOptions proxy;                  // the environment is never asked
  Millis connect_timeout{15'000};      // name, TCP and TLS
  bool allow_http = false;             // plain http beyond this machine; to this machine it always may be used
  std::size_t reply_bytes_max = kReplyBytesMax;

  bool operator==(const TransportOptions&) const = default;
};

// A Transport over `network`, with cookies of its own. HTTP/1.1 with connections kept alive; compression accepted;
// TLS 1.2 or later with peer and name always verified: against authorities, or, where a key is pinned, against that key
// alone, which stands for the chain and its dates but not for the name (docs/adr/0013). Redirects are not followed but
// handed up, with the reason. A request with effect
// (one with a body, or any method but GET) leaves this machine at most once: where a kept connection turns out dead
// after a byte of the body left, the answer is kBroken, never a silent second try. URLs that cannot be used, http where
// it is not allowed included, end as kNotSent. `network` and `strand` outlive the transport. The destructor waits for
// the network thread to let go (never for the network itself).
std::unique_ptr<Transport> MakeTransport(Network& network, Strand& strand, TransportOptions options);

}  // namespace outpost
