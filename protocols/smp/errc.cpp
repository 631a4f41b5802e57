#include "protocols/smp/errc.hpp"

#include <array>
#include <span>

namespace lockstep::smp {

using namespace std::string_view_literals;  // strlen is not there on the device
namespace {

constexpr std::string_view unknown_error = "unknown error"sv;

// mcumgr_err_t, in the order of its values.
constexpr std::array<std::string_view, 14> common_texts{
    "no error"sv,
    unknown_error,
    "out of memory"sv,
    "invalid argument"sv,
    "timed out"sv,
    "no such entry"sv,
    "the current state does not allow it"sv,
    "the message is too large"sv,
    "not supported"sv,
    "corrupt"sv,
    "busy with another command"sv,
    "access denied"sv,
    "the server wants a newer SMP version"sv,
    "the server wants an older SMP version"sv,
};

// os_mgmt_err_code_t.
constexpr std::array<std::string_view, 7> os_texts{
    "no error"sv,
    unknown_error,
    "invalid format"sv,
    "the query is not recognised"sv,
    "the clock is not set"sv,
    "the clock refused the command"sv,
    "the query has no valid value"sv,
};

// img_mgmt_err_code_t.
constexpr std::array<std::string_view, 35> image_texts{
    "no error"sv,
    unknown_error,
    "the flash area cannot be queried"sv,
    "there is no image in the slot"sv,
    "the image has no TLVs"sv,
    "the image has an invalid TLV"sv,
    "the image has several hash TLVs"sv,
    "the image has a TLV of invalid size"sv,
    "the hash was not found"sv,
    "there is no free slot"sv,
    "the flash area cannot be opened"sv,
    "reading the flash failed"sv,
    "writing the flash failed"sv,
    "erasing the flash failed"sv,
    "the slot is not valid"sv,
    "out of memory"sv,
    "the flash context is already set"sv,
    "the flash context is not set"sv,
    "the flash device is missing"sv,
    "the page offset is not valid"sv,
    "the offset is missing"sv,
    "the length is missing"sv,
    "the image header is too short"sv,
    "the image header has the wrong magic number"sv,
    "the hash is not valid"sv,
    "the image is linked for another address"sv,
    "the running version cannot be read"sv,
    "the running version is newer"sv,
    "an image is already pending"sv,
    "the image's vector table is not valid"sv,
    "the image is too large for the slot"sv,
    "more data than the announced length"sv,
    "confirming was denied"sv,
    "the active image cannot be set for test"sv,
    "the active slot cannot be determined"sv,
};

// settings_mgmt_ret_code_t.
constexpr std::array<std::string_view, 9> settings_texts{
    "no error"sv,
    unknown_error,
    "the setting's name is too long"sv,
    "there is no such setting"sv,
    "the setting cannot be read"sv,
    "there is no such group of settings"sv,
    "the setting cannot be written"sv,
    "the setting cannot be deleted"sv,
    "the setting cannot be saved"sv,
};

// fs_mgmt_err_code_t.
constexpr std::array<std::string_view, 17> file_texts{
    "no error"sv,
    unknown_error,
    "the file's name is not valid"sv,
    "there is no such file"sv,
    "that is a directory"sv,
    "the file cannot be opened"sv,
    "the place in the file cannot be reached"sv,
    "reading the file failed"sv,
    "shortening the file failed"sv,
    "deleting the file failed"sv,
    "writing the file failed"sv,
    "the file has changed since"sv,
    "the offset is behind the file's end"sv,
    "no such kind of hash"sv,
    "there is no such mount point"sv,
    "the files can only be read"sv,
    "the file is empty"sv,
};

std::string_view entry(std::span<const std::string_view> texts, std::int32_t rc) {
  const bool known = rc >= 0 && static_cast<std::size_t>(rc) < texts.size();
  return known ? texts[static_cast<std::size_t>(rc)] : unknown_error;
}

// Where img_mgmt_err_code_t has a close relative in mcumgr_err_t; the rest is "unknown". The values are image_rc's.
Rc common_image_code(std::int32_t rc) {
  switch (rc) {
    case 0: return Rc::ok;
    case 3: case 8: return Rc::no_entry;
    case 14: case 20: case 21: case 22: case 23: case 24: case 25: case 29: case 30: case 31: return Rc::invalid;
    case 15: return Rc::no_memory;
    case 9: case 27: case 28: case 32: case 33: return Rc::bad_state;  // 9: a pending slot, as Zephyr has it
    default: return Rc::unknown;
  }
}

Rc common_settings_code(std::int32_t rc) {
  switch (rc) {
    case 0: return Rc::ok;
    case 2: return Rc::invalid;
    case 3: case 4: return Rc::no_entry;
    default: return Rc::unknown;
  }
}

Rc common_file_code(std::int32_t rc) {
  switch (rc) {
    case 0: return Rc::ok;
    case 2: case 11: case 12: case 13: return Rc::invalid;
    case 3: case 14: return Rc::no_entry;
    case 15: return Rc::access_denied;
    default: return Rc::unknown;
  }
}

}  // namespace

std::string_view text(Errc e) {
  switch (e) {
    case Errc::none: return "no error"sv;
    case Errc::no_reply: return "no answer came"sv;
    case Errc::server_error: return "the device refused"sv;
    case Errc::bad_header: return "not an SMP message"sv;
    case Errc::bad_length: return "the SMP message is cut or has extra bytes"sv;
    case Errc::bad_body: return "the SMP message's content makes no sense"sv;
    case Errc::bad_crc: return "a console frame has a wrong checksum"sv;
    case Errc::bad_encoding: return "a console frame is garbled"sv;
    case Errc::too_long: return "the message does not fit the buffer"sv;
    case Errc::bad_offset: return "the device asks for bytes beyond the image's end"sv;
    case Errc::no_progress: return "the device keeps asking for bytes it already got"sv;
    case Errc::image_corrupt: return "the device stored other bytes than were sent"sv;
  }
  return unknown_error;
}

std::string_view text(const ServerError& e) {
  if (!e.group) return entry(common_texts, e.rc);
  if (*e.group == 0) return entry(os_texts, e.rc);
  if (*e.group == 1) return entry(image_texts, e.rc);
  if (*e.group == 3) return entry(settings_texts, e.rc);
  if (*e.group == 8) return entry(file_texts, e.rc);
  return e.rc == 0 ? common_texts[0] : unknown_error;
}

Rc common_code(const ServerError& e) {
  if (e.rc == 0) return Rc::ok;
  if (!e.group) return static_cast<Rc>(e.rc);
  if (*e.group == 1) return common_image_code(e.rc);
  if (*e.group == 3) return common_settings_code(e.rc);
  if (*e.group == 8) return common_file_code(e.rc);
  if (*e.group == 0 && e.rc >= 2) return Rc::invalid;
  return Rc::unknown;
}

}  // namespace lockstep::smp
