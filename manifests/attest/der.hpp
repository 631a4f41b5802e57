// The one form an ECDSA signature may have. Private to this folder.
#pragma once

#include "protocols/core/bytes.hpp"

namespace lockstep::attest {

// Whether `der` is an ECDSA-Sig-Value (RFC 3279 section 2.2.3) for a 256-bit curve in distinguished encoding (X.690
// section 10): short lengths, positive integers without superfluous zeros, nothing behind. Libraries take more.
bool is_minimal_signature(Bytes der);

}  // namespace lockstep::attest
