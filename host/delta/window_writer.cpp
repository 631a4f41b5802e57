#include "host/delta/window_writer.hpp"

#include <algorithm>
#include <optional>

#include "protocols/delta/address_cache.hpp"
#include "protocols/delta/number.hpp"
#include "protocols/delta/window_indicator.hpp"

namespace lockstep::delta {
namespace {

constexpr std::uint32_t lengths_size = 1 + 4 * 4;  // before the sections: four numbers below 2^28, one indicator
constexpr std::uint32_t operation_size = 16;  // an operation without its data takes less

void append_number(Buffer& to, std::uint32_t value) {
  std::array<std::byte, max_number_size> digits;
  ByteWriter w(digits);
  write_number(w, value);
  to.insert(to.end(), w.written().begin(), w.written().end());
}

void append(Buffer& to, Bytes bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

// The opcode for exactly this; nothing when there is none.
std::optional<std::uint8_t> find_code(const Instruction& first, const Instruction& second = {}) {
  const auto found = std::find_if(code_table.begin(), code_table.end(), [&](const Code& code) {
    return code.first == first && code.second == second;
  });
  if (found == code_table.end()) return std::nullopt;
  return static_cast<std::uint8_t>(found - code_table.begin());
}

// The three sections as they grow. One instruction is held back, because the next may join it in one opcode.
class Sections {
 public:
  std::size_t size() const { return data.size() + instructions.size() + addresses.size(); }

  void add(const Operation& o, Bytes window, std::uint32_t segment_size) {
    Instruction instruction{.kind = o.kind};
    const Bytes bytes = window.subspan(o.at, o.size);
    switch (o.kind) {
      case Kind::none: return;
      case Kind::add: append(data, bytes); break;
      case Kind::run: append(data, bytes.first(1)); break;
      case Kind::copy: instruction.mode = write_address(o.address, segment_size + o.at); break;
    }
    put(instruction, o.size);
  }

  void finish() {
    if (!held_) return;
    write(*held_, held_size_);
    held_.reset();
  }

  Buffer data, instructions, addresses;

 private:
  std::uint8_t write_address(std::uint32_t address, std::uint32_t here) {
    const AddressCache::Written written = cache_.best(address, here);
    if (written.mode >= mode::first_same) addresses.push_back(static_cast<std::byte>(written.value));
    else append_number(addresses, written.value);
    cache_.update(address);
    return written.mode;
  }

  void put(Instruction instruction, std::uint32_t size) {
    if (held_ && held_size_ <= 18 && size <= 18) {
      Instruction first = *held_, second = instruction;
      first.size = static_cast<std::uint8_t>(held_size_);
      second.size = static_cast<std::uint8_t>(size);
      if (const auto code = find_code(first, second)) {
        instructions.push_back(static_cast<std::byte>(*code));
        held_.reset();
        return;
      }
    }
    finish();
    held_ = instruction;
    held_size_ = size;
  }

  void write(Instruction instruction, std::uint32_t size) {
    if (size <= 18) {
      Instruction exact = instruction;
      exact.size = static_cast<std::uint8_t>(size);
      if (const auto code = find_code(exact)) return instructions.push_back(static_cast<std::byte>(*code));
    }
    instructions.push_back(static_cast<std::byte>(*find_code(instruction)));
    append_number(instructions, size);
  }

  AddressCache cache_{};
  std::optional<Instruction> held_;
  std::uint32_t held_size_ = 0;
};

Buffer delta_encoding(const Sections& s, std::uint32_t target_size) {
  Buffer out;
  append_number(out, target_size);
  out.push_back(std::byte{0});  // no secondary compression
  for (const Buffer* section : {&s.data, &s.instructions, &s.addresses}) {
    append_number(out, static_cast<std::uint32_t>(section->size()));
  }
  for (const Buffer* section : {&s.data, &s.instructions, &s.addresses}) append(out, *section);
  return out;
}

}  // namespace

WrittenWindow write_window(std::span<const Operation> operations, Bytes window, const Segment& segment,
                           std::uint32_t limit) {
  WrittenWindow out;
  Sections sections;
  for (Operation o : operations) {
    const std::size_t used = lengths_size + sections.size() + 2 * operation_size;  // one may be held back
    if (used >= limit) break;
    if (o.kind == Kind::add) o.size = std::min(o.size, static_cast<std::uint32_t>(limit - used));
    sections.add(o, window, segment.size);
    out.target_size = o.at + o.size;
    ++out.operations;
    if (o.size != operations[out.operations - 1].size) break;
  }
  sections.finish();
  const Buffer delta = delta_encoding(sections, out.target_size);
  out.bytes.push_back(segment.size > 0 ? std::byte{window_indicator::from_base} : std::byte{0});
  if (segment.size > 0) {
    append_number(out.bytes, segment.size);
    append_number(out.bytes, segment.offset);
  }
  append_number(out.bytes, static_cast<std::uint32_t>(delta.size()));
  append(out.bytes, delta);
  return out;
}

}  // namespace lockstep::delta
