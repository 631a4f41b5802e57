#include "protocols/smp/errc.hpp"

#include <array>
#include <span>

namespace lockstep::smp {
namespace {

constexpr std::string_view unknown_error = "unknown error";

// mcumgr_err_t, in the order of its values.
constexpr std::array<std::string_view, 14> common_texts{
    "no error",
    unknown_error,
    "out of memory",
    "invalid argument",
    "timed out",
    "no such entry",
    "the current state does not allow it",
    "the message is too large",
    "not supported",
    "corrupt",
    "busy with another command",
    "access denied",
    "the server wants a newer SMP version",
    "the server wants an older SMP version",
};

// os_mgmt_err_code_t.
constexpr std::array<std::string_view, 7> os_texts{
    "no error",
    unknown_error,
    "invalid format",
    "the query is not recognised",
    "the clock is not set",
    "the clock refused the command",
    "the query has no valid value",
};

// img_mgmt_err_code_t.
constexpr std::array<std::string_view, 35> image_texts{
    "no error",
    unknown_error,
    "the flash area cannot be queried",
    "there is no image in the slot",
    "the image has no TLVs",
    "the image has an invalid TLV",
    "the image has several hash TLVs",
    "the image has a TLV of invalid size",
    "the hash was not found",
    "there is no free slot",
    "the flash area cannot be opened",
    "reading the flash failed",
    "writing the flash failed",
    "erasing the flash failed",
    "the slot is not valid",
    "out of memory",
    "the flash context is already set",
    "the flash context is not set",
    "the flash device is missing",
    "the page offset is not valid",
    "the offset is missing",
    "the length is missing",
    "the image header is too short",
    "the image header has the wrong magic number",
    "the hash is not valid",
    "the image is linked for another address",
    "the running version cannot be read",
    "the running version is newer",
    "an image is already pending",
    "the image's vector table is not valid",
    "the image is too large for the slot",
    "more data than the announced length",
    "confirming was denied",
    "the active image cannot be set for test",
    "the active slot cannot be determined",
};

std::string_view entry(std::span<const std::string_view> texts, std::int32_t rc) {
  const bool known = rc >= 0 && static_cast<std::size_t>(rc) < texts.size();
  return known ? texts[static_cast<std::size_t>(rc)] : unknown_error;
}

// Where img_mgmt_err_code_t has a close relative in mcumgr_err_t; the rest is "unknown". The values are image_rc's.
Rc common_image_code(std::int32_t rc) {
  switch (rc) {
    case 0: return Rc::ok;
    case 3: case 8: case 9: return Rc::no_entry;
    case 14: case 20: case 21: case 22: case 23: case 24: case 25: case 29: case 30: case 31: return Rc::invalid;
    case 15: return Rc::no_memory;
    case 27: case 28: case 32: case 33: return Rc::bad_state;
    default: return Rc::unknown;
  }
}

}  // namespace

std::string_view text(Errc e) {
  switch (e) {
    case Errc::none: return "no error";
    case Errc::no_reply: return "no answer came";
    case Errc::server_error: return "the device refused";
    case Errc::bad_header: return "not an SMP message";
    case Errc::bad_length: return "the SMP message is cut or has extra bytes";
    case Errc::bad_body: return "the SMP message's content makes no sense";
    case Errc::bad_crc: return "a console frame has a wrong checksum";
    case Errc::bad_encoding: return "a console frame is garbled";
    case Errc::too_long: return "the message does not fit the buffer";
    case Errc::bad_offset: return "the device asks for bytes beyond the image's end";
    case Errc::no_progress: return "the device keeps asking for bytes it already got";
    case Errc::image_corrupt: return "the device stored other bytes than were sent";
  }
  return unknown_error;
}

std::string_view text(const ServerError& e) {
  if (!e.group) return entry(common_texts, e.rc);
  if (*e.group == 0) return entry(os_texts, e.rc);
  if (*e.group == 1) return entry(image_texts, e.rc);
  return e.rc == 0 ? common_texts[0] : unknown_error;
}

Rc common_code(const ServerError& e) {
  if (e.rc == 0) return Rc::ok;
  if (!e.group) return static_cast<Rc>(e.rc);
  if (*e.group == 1) return common_image_code(e.rc);
  if (*e.group == 0 && e.rc >= 2) return Rc::invalid;
  return Rc::unknown;
}

}  // namespace lockstep::smp
