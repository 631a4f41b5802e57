#include "protocols/delta/decoder.hpp"

#include <algorithm>

#include "protocols/delta/number.hpp"
#include "protocols/delta/window_indicator.hpp"

namespace lockstep::delta {
namespace {

using namespace window_indicator;

constexpr std::uint32_t adler_modulus = 65521;

bool lies_in(std::uint32_t offset, std::uint32_t size, std::uint32_t whole) {
  return offset <= whole && size <= whole - offset;
}

}  // namespace

void Decoder::start(Limits limits, std::uint32_t patch_offset, std::uint32_t target_offset) {
  limits_ = limits;
  taken_ = patch_start_ = patch_offset;
  made_ = window_start_ = target_offset;
  header_used_ = 0;
  header_known_ = false;
  buffered_ = 0;
}

Result<void, Errc> Decoder::feed(Bytes patch) {
  while (!patch.empty()) {
    const std::size_t n = take(patch);
    patch = patch.subspan(n);
    taken_ += static_cast<std::uint32_t>(n);
    if (!header_known_) {
      LOCKSTEP_TRY(known, parse_header());
      header_known_ = known;
      if (!known) continue;
      LOCKSTEP_CHECK(check_header());
    }
    if (buffered_ == window_.delta_size) LOCKSTEP_CHECK(finish_window());
  }
  return {};
}

// The header byte by byte, as nothing says how long it is; the rest as it comes.
std::size_t Decoder::take(Bytes patch) {
  if (!header_known_) {
    header_[header_used_++] = patch[0];
    return 1;
  }
  const std::size_t n = std::min<std::size_t>(patch.size(), window_.delta_size - buffered_);
  std::copy_n(patch.begin(), n, buffer_.begin() + buffered_);
  buffered_ += static_cast<std::uint32_t>(n);
  return n;
}

// False when bytes are missing.
Result<bool, Errc> Decoder::parse_header() {
  ByteReader r(Bytes(header_).first(header_used_));
  WindowHeader h{.indicator = r.u8()};
  std::uint32_t* const fields[] = {&h.segment_size, &h.segment_offset, &h.delta_size};
  const bool has_segment = (h.indicator & (from_base | from_target)) != 0;
  for (std::uint32_t* field : std::span(fields).subspan(has_segment ? 0 : 2)) {
    const auto number = read_number(r);
    if (!number && r.ok()) return Fail(Errc::bad_number);
    if (!number) return false;
    *field = *number;
  }
  window_ = h;
  return true;
}

Result<void, Errc> Decoder::check_header() const {
  const std::uint8_t source = window_.indicator & (from_base | from_target);
  if ((window_.indicator & ~(from_base | from_target | has_adler32)) != 0) return Fail(Errc::bad_window);
  if (source == (from_base | from_target)) return Fail(Errc::bad_window);
  const std::uint32_t whole = source == from_base ? images_->base_size() : made_;
  if (!lies_in(window_.segment_offset, window_.segment_size, whole)) return Fail(Errc::outside);
  if (window_.delta_size > buffer_.size()) return Fail(Errc::window_too_large);
  return {};
}

Result<void, Errc> Decoder::finish_window() {
  LOCKSTEP_CHECK(execute(Bytes(buffer_).first(buffered_)));
  const Images::Window done{patch_start_, taken_, window_start_, made_};
  start(limits_, taken_, made_);
  return images_->on_window(done) ? Result<void, Errc>{} : Fail(Errc::write_failed);
}

// RFC 3284, section 4.3.
Result<void, Errc> Decoder::execute(Bytes delta) {
  ByteReader r(delta);
  const auto target_size = read_number(r);
  const std::uint8_t compression = r.u8();
  const auto data_size = read_number(r);
  const auto instructions_size = read_number(r);
  const auto addresses_size = read_number(r);
  if (!target_size || !data_size || !instructions_size || !addresses_size) return Fail(Errc::bad_window);
  if (compression != 0) return Fail(Errc::unsupported);
  const std::uint32_t checksum = (window_.indicator & has_adler32) != 0 ? r.u32be() : 0;
  data_ = ByteReader(r.take(*data_size));
  instructions_ = ByteReader(r.take(*instructions_size));
  addresses_ = ByteReader(r.take(*addresses_size));
  if (!r.ok() || !r.at_end()) return Fail(Errc::bad_window);
  if (!lies_in(made_, *target_size, limits_.target_size)) return Fail(Errc::outside);
  if (*target_size > limits_.target_window) return Fail(Errc::window_too_large);
  // Addresses count through segment and window.
  if (*target_size > UINT32_MAX - window_.segment_size) return Fail(Errc::bad_window);

  window_size_ = *target_size;
  adler_a_ = 1;
  adler_b_ = 0;
  cache_.clear();
  while (!instructions_.at_end()) LOCKSTEP_CHECK(run_code(instructions_.u8()));
  if (position() != window_size_ || !data_.at_end() || !addresses_.at_end()) return Fail(Errc::bad_instruction);
  if ((window_.indicator & has_adler32) != 0 && checksum != (adler_b_ << 16 | adler_a_)) {
    return Fail(Errc::bad_checksum);
  }
  return {};
}

Result<void, Errc> Decoder::run_code(std::uint8_t opcode) {
  const Code& code = code_table[opcode];
  LOCKSTEP_CHECK(run_one(code.first));
  return run_one(code.second);
}

Result<void, Errc> Decoder::run_one(const Instruction& instruction) {
  if (instruction.kind == Kind::none) return {};
  std::uint32_t size = instruction.size;
  if (size == 0) {
    const auto number = read_number(instructions_);
    if (!number) return Fail(Errc::bad_instruction);
    size = *number;
  }
  if (size > window_size_ - position()) return Fail(Errc::bad_instruction);
  switch (instruction.kind) {
    case Kind::none: break;
    case Kind::add: return add(size);
    case Kind::run: return fill(size);
    case Kind::copy: return copy(instruction.mode, size);
  }
  return {};
}

Result<void, Errc> Decoder::add(std::uint32_t size) {
  const Bytes bytes = data_.take(size);
  if (!data_.ok()) return Fail(Errc::bad_instruction);
  return put(bytes);
}

Result<void, Errc> Decoder::fill(std::uint32_t size) {
  const Bytes value = data_.take(1);
  if (!data_.ok()) return Fail(Errc::bad_instruction);
  std::fill(std::begin(scratch_), std::end(scratch_), value[0]);
  while (size > 0) {
    const auto n = std::min<std::uint32_t>(size, sizeof scratch_);
    LOCKSTEP_CHECK(put(Bytes(scratch_).first(n)));
    size -= n;
  }
  return {};
}

// A copy may run from the segment into the window, and in the window over bytes that it has just made.
Result<void, Errc> Decoder::copy(std::uint8_t mode, std::uint32_t size) {
  const auto decoded = cache_.decode(addresses_, mode, window_.segment_size + position());
  if (!decoded) return Fail(Errc::bad_address);
  std::uint32_t address = *decoded;
  while (size > 0) {
    const bool in_segment = address < window_.segment_size;
    const std::uint32_t there = (in_segment ? window_.segment_size : window_.segment_size + position()) - address;
    const std::uint32_t n = std::min({size, there, static_cast<std::uint32_t>(sizeof scratch_)});
    if (!read_from(address, MutableBytes(scratch_).first(n))) return Fail(Errc::read_failed);
    LOCKSTEP_CHECK(put(Bytes(scratch_).first(n)));
    address += n;
    size -= n;
  }
  return {};
}

bool Decoder::read_from(std::uint32_t address, MutableBytes into) {
  if (address >= window_.segment_size) {
    return images_->read_target(window_start_ + (address - window_.segment_size), into);
  }
  const std::uint32_t offset = window_.segment_offset + address;
  return (window_.indicator & from_base) != 0 ? images_->read_base(offset, into) : images_->read_target(offset, into);
}

Result<void, Errc> Decoder::put(Bytes bytes) {
  const bool is_checked = (window_.indicator & has_adler32) != 0;
  for (const std::byte b : is_checked ? bytes : Bytes{}) {
    adler_a_ = (adler_a_ + std::to_integer<std::uint32_t>(b)) % adler_modulus;
    adler_b_ = (adler_b_ + adler_a_) % adler_modulus;
  }
  if (!images_->write(made_, bytes)) return Fail(Errc::write_failed);
  made_ += static_cast<std::uint32_t>(bytes.size());
  return {};
}

}  // namespace lockstep::delta
