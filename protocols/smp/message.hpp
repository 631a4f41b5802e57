// Whole SMP messages from typed requests and replies, for both ends.
//
// A request type R (os_group.hpp, image_group.hpp, node_group.hpp) has
//   using Reply = ...; static constexpr Command command;
//   void encode(cbor::Writer&) const;                    // the whole map
//   static Result<R, Errc> decode(Bytes body);           // server side; unknown members are passed over
// and its Reply type has
//   void encode(cbor::Writer&) const;                    // only its pairs: encode_reply adds the map and `rc`
//   static Result<Reply, Errc> decode(Bytes body);       // client side; `rc` and unknown members are passed over
// Texts and byte strings in decoded values are views into the body.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocols/cbor/writer.hpp"
#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/smp/errc.hpp"
#include "protocols/smp/header.hpp"

namespace lockstep::smp {

// The place for a body in a buffer that will hold a whole message; empty when not even the header fits.
MutableBytes body_place(MutableBytes buffer);
// Puts the header in front of a body that was written into body_place(buffer); gives the whole message, a view into
// `buffer`. Error: too_long when the body did not fit.
Result<Bytes, Errc> seal(MutableBytes buffer, Header header, const cbor::Writer& body);

// Client: the request as a whole message in `buffer`. Error: too_long.
template <class Request>
Result<Bytes, Errc> encode_request(MutableBytes buffer, Version version, std::uint8_t sequence, const Request& request) {
  cbor::Writer body(body_place(buffer));
  request.encode(body);
  return seal(buffer,
              {.op = request.command.op,
               .version = version,
               .group = request.command.group,
               .sequence = sequence,
               .command = request.command.id},
              body);
}

// Client: the error in a reply's body; ServerError{} (false) when the reply means success, which is `rc` absent
// (Zephyr) or 0 (MCUboot's recovery), and no `err`. Error: bad_body.
Result<ServerError, Errc> decode_server_error(Bytes body);
// Client: the words that some servers add to an error (`rsn`), a view into the body; empty when there are none.
std::string_view server_reason(Bytes body);

// Server: the successful answer to `request`, a whole message in `buffer`. It always carries `rc: 0`, because an old
// C client insists on it and newer ones pass it over; the map has indefinite length, as Zephyr's. Error: too_long.
template <class Reply>
Result<Bytes, Errc> encode_reply(MutableBytes buffer, const Header& request, const Reply& reply) {
  cbor::Writer body(body_place(buffer));
  body.begin_map();
  body.key({"rc", 2}).uint(0);
  reply.encode(body);
  body.end();
  return seal(buffer, reply_to(request), body);
}

// Server: the refusal. `err{group, rc}` when the client speaks v2 and the error has a group, else `rc` (translated
// by common_code for a v1 client). Error: too_long (needs at most 32 bytes).
Result<Bytes, Errc> encode_error(MutableBytes buffer, const Header& request, const ServerError& error);

// A reply without members of its own.
struct EmptyReply {
  void encode(cbor::Writer&) const {}
  static Result<EmptyReply, Errc> decode(Bytes body);
};

}  // namespace lockstep::smp
