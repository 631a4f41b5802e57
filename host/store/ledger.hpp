// The ledger's hash chain.
//
// Every origin has its own chain. With leaf and node hashing of RFC 6962, section 2.1:
//   leaf(e)   = SHA-256(0x00 || canonical bytes of e)
//   chain(n)  = SHA-256(0x01 || chain(n-1) || leaf(n))      chain(0) = 32 zero bytes
// The store as a whole has a seal over the chains in the order of arrival, so that events of two origins cannot
// change places unseen:
//   seal(p)   = SHA-256(0x01 || seal(p-1) || chain of the event at position p)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/base/crypto.hpp"
#include "host/base/error.hpp"
#include "host/base/text.hpp"
#include "host/store/event.hpp"

namespace lockstep::store {

using Hash = Sha256;

Hash leaf_hash(std::string_view canonical);
Hash node_hash(const Hash& left, const Hash& right);

// The end of the ledger: enough to prove later that nothing up to here was changed, removed or put elsewhere.
struct Head {
  std::int64_t position = 0;  // 0: empty ledger
  Hash seal{};
};

// "123:9f86d0..." as `audit verify` prints it and takes it.
std::string to_text(const Head& head);
Outcome<Head> parse_head(std::string_view text);

// An event as the ledger keeps it.
struct StoredEvent {
  std::int64_t position = 0;  // 1, 2, 3 ... order of arrival in this store
  Event event;
  std::string canonical;
  Hash hash{};  // chain(n) of its origin
};

}  // namespace lockstep::store
