// A JSON view of a CBOR item, so that assertions can point into any device's answer: byte strings become lower-case
// hexadecimal, whole numbers stay whole, null and undefined become null, keys that are no text are left out.
#pragma once

#include <boost/json/value.hpp>

#include "host/base/error.hpp"
#include "protocols/core/bytes.hpp"

namespace lockstep::hil {

// The whole of `bytes` must be one item, at most 8 containers deep. Errors: device (that is who sent it).
Outcome<boost::json::value> json_view(Bytes bytes);

}  // namespace lockstep::hil
