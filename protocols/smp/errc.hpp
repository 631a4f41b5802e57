// How a conversation in SMP can fail, and what a server said when it refused.
// Specification: Zephyr Project documentation, "SMP Protocol Specification" and "SMP Groups".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lockstep::smp {

enum class Errc : std::uint8_t {
  none = 0,
  no_reply,       // nothing (or nothing that fits) came back, after all retries
  server_error,   // the server answered with an error; see the session's server_error()
  bad_header,     // not an SMP message: reserved bits or operation
  bad_length,     // the header's length is not the number of bytes that follow
  bad_body,       // the CBOR map is malformed, or lacks or mistypes a member
  bad_crc,        // a console frame ended with a wrong checksum; it was dropped
  bad_encoding,   // a console frame has characters that are no base64, or its lines do not add up
  too_long,       // does not fit the buffer that was lent
  bad_offset,     // upload: the server asks for bytes beyond the end of the image
  no_progress,    // upload: the server keeps asking for what it was already given
  image_corrupt,  // upload: the server compared the digest of what it wrote, and it differs (`match` false)
};

// One sentence without full stop, for people; the text is static.
std::string_view text(Errc e);

// Error codes that every group shares (mcumgr_err_t); SMP version 1 knows only these.
enum class Rc : std::int32_t {
  ok = 0,
  unknown = 1,
  no_memory = 2,
  invalid = 3,
  timeout = 4,
  no_entry = 5,
  bad_state = 6,
  message_size = 7,
  not_supported = 8,
  corrupt = 9,
  busy = 10,
  access_denied = 11,
  too_old = 12,  // the server wants a newer SMP version
  too_new = 13,  // the server wants an older SMP version
};

// What a server answered. Version 1 has `rc` alone (also inside version 2 for errors of SMP itself, then `group` is
// absent and `rc` an Rc); version 2 has `err{group, rc}`, whose rc only that group explains.
struct ServerError {
  std::optional<std::uint16_t> group{};
  std::int32_t rc = 0;

  constexpr ServerError() = default;
  constexpr ServerError(Rc code) : rc(static_cast<std::int32_t>(code)) {}
  constexpr ServerError(std::uint16_t of_group, std::int32_t code) : group(of_group), rc(code) {}

  constexpr explicit operator bool() const { return rc != 0; }
  constexpr bool is(Rc code) const { return !group && rc == static_cast<std::int32_t>(code); }
  friend constexpr bool operator==(const ServerError&, const ServerError&) = default;
};

// What the code means, one sentence without full stop; "unknown error" for codes we do not know. Static text.
std::string_view text(const ServerError& e);
// The nearest code of version 1, for an answer to a client that speaks only that.
Rc common_code(const ServerError& e);

}  // namespace lockstep::smp
