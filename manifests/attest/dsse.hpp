// DSSE v1 envelopes (secure-systems-lab/dsse, protocol.md and envelope.md 1.0.2) with ECDSA P-256 over SHA-256.
//
// We read them more strictly than the specification asks, so that one changed bit anywhere in the file, also in what
// a signature does not cover, is refused:
//   - the members payload, payloadType, signatures (each with keyid, sig), in this order, once, and no others;
//   - between them only blanks and line feeds; no escapes in strings; nothing after the last brace but one line feed;
//   - base64 in the standard alphabet, padded, with zero bits in the padding; signatures in minimal DER;
//   - keyid is required and must be the SHA-256 of the key's SubjectPublicKeyInfo in lower-case hexadecimal;
//   - every signature must verify with a trusted key: an unknown signer is a refusal, not noise.
// What we write is also what every other DSSE reader accepts.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/crypto.hpp"
#include "host/base/error.hpp"

namespace lockstep::attest {

// What a signature covers: PAE(type, body) = "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body.
std::string pae(std::string_view payload_type, std::string_view payload);

// A public key that we believe.
struct TrustedKey {
  std::string name;  // what people call it: "release", "rig-3"
  PublicKey key;
};

struct Signature {
  Sha256 key_id;  // PublicKey::id() of the signer
  Buffer der;     // ECDSA-Sig-Value
};

struct Envelope {
  std::string payload_type;
  std::string payload;  // decoded
  std::vector<Signature> signatures;
};

// Signs with every key. Errors: invalid, when there is no key, or one twice, or the payload type is not printable
// ASCII without quotes and backslashes; internal, when signing fails.
Outcome<Envelope> sign(std::string payload_type, std::string payload, std::span<const PrivateKey> keys);

// The file: compact JSON and a line feed.
std::string to_json(const Envelope& envelope);

// Reads the file's form only; nothing is believed yet. At most 4 MiB, 16 signatures. Errors: invalid.
Outcome<Envelope> parse_envelope(std::string_view json);

// What was signed, by whom: only verify() makes one.
struct Verified {
  std::string payload_type;
  std::string payload;
  std::vector<TrustedKey> signers;  // in the order of the signatures
};

// The only way to a payload that may be believed. `threshold` counts distinct keys.
// Errors: invalid (form), refused (signature, unknown key, too few signers, other payload type than expected).
Outcome<Verified> verify(std::string_view envelope_json, std::string_view expected_payload_type,
                         std::span<const TrustedKey> trusted, std::size_t threshold = 1);

}  // namespace lockstep::attest
