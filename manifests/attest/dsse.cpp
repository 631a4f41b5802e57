#include "manifests/attest/dsse.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/json.hpp"
#include "host/base/text.hpp"
#include "manifests/attest/der.hpp"

namespace lockstep::attest {
namespace {

constexpr std::size_t largest_envelope = 4u << 20;
constexpr std::size_t most_signatures = 16;

// Such a type is its own JSON string: no escapes, so there is one way to write it.
bool is_plain(std::string_view type) {
  return !type.empty() && type.size() <= 256 && std::all_of(type.begin(), type.end(), [](char c) {
    return c > ' ' && c <= '~' && c != '"' && c != '\\';
  });
}

// The text without the blanks and line feeds between its tokens. Tabs, carriage returns and escapes are refused:
// one flipped bit turns the one into the other, or changes how a letter is written, and the meaning would stay.
Outcome<std::string> compact(std::string_view json) {
  if (json.ends_with('\n')) json.remove_suffix(1);
  if (!json.starts_with('{') || !json.ends_with('}')) {
    return fail(ErrorKind::invalid, "not a signed envelope: one JSON object and nothing around it was expected");
  }
  std::string out;
  bool in_string = false;
  for (const char c : json) {
    if (c == '"') in_string = !in_string;
    if (c == '\\' || static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
      if (c == '\n' && !in_string) continue;
      return fail(ErrorKind::invalid, "the envelope has an escape or a control character, which ours never have");
    }
    if (c == ' ' && !in_string) continue;
    out += c;
  }
  return out;
}

Outcome<Signature> signature_from(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return fail(ErrorKind::invalid, "a signature must be an object with keyid and sig");
  LOCKSTEP_TRY(key_id, json_text(*object, "keyid"));
  LOCKSTEP_TRY(sig, json_text(*object, "sig"));
  Signature out;
  LOCKSTEP_TRY(id, Sha256::from_hex(key_id));
  LOCKSTEP_TRY(der, from_base64(sig));
  if (!is_minimal_signature(der)) return fail(ErrorKind::invalid, "a signature is not an ECDSA P-256 one in minimal DER");
  out.key_id = id;
  out.der = std::move(der);
  return out;
}

Outcome<Envelope> envelope_from(const json::object& object) {
  Envelope out;
  LOCKSTEP_TRY(payload, json_text(object, "payload"));
  LOCKSTEP_TRY(type, json_text(object, "payloadType"));
  LOCKSTEP_TRY(signatures, json_array(object, "signatures"));
  LOCKSTEP_TRY(bytes, from_base64(payload));
  out.payload_type = type;
  out.payload = as_text(bytes);
  if (!is_plain(out.payload_type)) return fail(ErrorKind::invalid, "payloadType must be printable ASCII");
  if (signatures->empty()) return fail(ErrorKind::invalid, "there is no signature");
  if (signatures->size() > most_signatures) return fail(ErrorKind::invalid, "there are more than 16 signatures");
  for (const json::value& value : *signatures) {
    LOCKSTEP_TRY(signature, signature_from(value));
    for (const Signature& earlier : out.signatures) {
      if (earlier.key_id == signature.key_id) {
        return fail(ErrorKind::invalid, "key " + signature.key_id.short_hex() + " signed twice");
      }
    }
    out.signatures.push_back(std::move(signature));
  }
  return out;
}

const TrustedKey* find(std::span<const TrustedKey> trusted, const Sha256& id) {
  const auto found = std::find_if(trusted.begin(), trusted.end(), [&](const TrustedKey& t) { return t.key.id() == id; });
  return found == trusted.end() ? nullptr : &*found;
}

}  // namespace

std::string pae(std::string_view payload_type, std::string_view payload) {
  return fmt::format("DSSEv1 {} {} {} {}", payload_type.size(), payload_type, payload.size(), payload);
}

Outcome<Envelope> sign(std::string payload_type, std::string payload, std::span<const PrivateKey> keys) {
  if (!is_plain(payload_type)) return fail(ErrorKind::invalid, "payloadType must be printable ASCII");
  if (keys.empty()) return fail(ErrorKind::invalid, "no key to sign with");
  Envelope out{.payload_type = std::move(payload_type), .payload = std::move(payload), .signatures = {}};
  const Sha256 digest = Sha256::of(pae(out.payload_type, out.payload));
  for (const PrivateKey& key : keys) {
    const Sha256 id = key.public_key().id();
    for (const Signature& earlier : out.signatures) {
      if (earlier.key_id == id) return fail(ErrorKind::invalid, "key " + id.short_hex() + " is given twice");
    }
    LOCKSTEP_TRY(der, key.sign(digest));
    out.signatures.push_back({.key_id = id, .der = std::move(der)});
  }
  return out;
}

std::string to_json(const Envelope& envelope) {
  json::array signatures;
  for (const Signature& s : envelope.signatures) {
    signatures.push_back(json::object{{"keyid", s.key_id.hex()}, {"sig", to_base64(s.der)}});
  }
  const json::object object{{"payload", to_base64(as_bytes(envelope.payload))},
                            {"payloadType", envelope.payload_type},
                            {"signatures", std::move(signatures)}};
  return json::serialize(object) + '\n';
}

Outcome<Envelope> parse_envelope(std::string_view json) {
  if (json.size() > largest_envelope) return fail(ErrorKind::invalid, "the envelope is larger than 4 MiB");
  LOCKSTEP_TRY(text, compact(json));
  LOCKSTEP_TRY(object, parse_json_object(text));
  LOCKSTEP_TRY(envelope, envelope_from(object));
  // Whatever else could be said twice or in another way (order, unknown and double members, upper-case digits) shows
  // here: there is one text for an envelope.
  if (to_json(envelope) != text + '\n') {
    return fail(ErrorKind::invalid,
                "the envelope is not in its one form: exactly payload, payloadType and signatures (keyid, sig) in this "
                "order, standard base64, lower-case digits");
  }
  return envelope;
}

Outcome<Verified> verify(std::string_view envelope_json, std::string_view expected_payload_type,
                         std::span<const TrustedKey> trusted, std::size_t threshold) {
  LOCKSTEP_TRY(envelope, parse_envelope(envelope_json));
  const Sha256 digest = Sha256::of(pae(envelope.payload_type, envelope.payload));
  Verified out;
  for (const Signature& signature : envelope.signatures) {
    const TrustedKey* key = find(trusted, signature.key_id);
    if (key == nullptr) {
      return fail(ErrorKind::refused, "signed by key " + signature.key_id.short_hex() + ", which is not trusted here",
                  "trust that key, or have it signed by one of those that are trusted");
    }
    if (!key->key.verify(digest, signature.der)) {
      return fail(ErrorKind::refused, "the signature by " + key->name + " (" + signature.key_id.short_hex() +
                                          ") is wrong: the content was changed after signing, or somebody else signed");
    }
    out.signers.push_back(*key);
  }
  if (envelope.payload_type != expected_payload_type) {
    return fail(ErrorKind::refused, fmt::format("the content is {}, expected {}", in_quotes(envelope.payload_type),
                                                in_quotes(expected_payload_type)));
  }
  if (out.signers.size() < std::max<std::size_t>(threshold, 1)) {
    return fail(ErrorKind::refused, fmt::format("signed by {} of the {} keys that are needed", out.signers.size(), threshold));
  }
  out.payload_type = std::move(envelope.payload_type);
  out.payload = std::move(envelope.payload);
  return out;
}

}  // namespace lockstep::attest
