#include "device/qemu/host/faults/functions.hpp"

#include <cxxabi.h>
#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

#include "host/base/buffer.hpp"
#include "host/base/files.hpp"

namespace lockstep::board {
namespace {

// "lockstep::boot::accept(...) [clone .constprop.0]" and the like, cut down to what a person says.
std::string readable(const char* symbol) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(abi::__cxa_demangle(symbol, nullptr, nullptr, &status),
                                                             &std::free);
  std::string name = status == 0 ? demangled.get() : symbol;
  constexpr std::string_view anonymous = "(anonymous namespace)::", house = "lockstep::";
  for (const std::string_view noise : {anonymous, house}) {
    for (auto at = name.find(noise); at != std::string::npos; at = name.find(noise)) name.erase(at, noise.size());
  }
  return name.substr(0, name.find_first_of("(. ", 1));
}

template <class T>
std::optional<T> read_at(Bytes file, std::size_t offset) {
  T value;
  if (offset > file.size() || file.size() - offset < sizeof value) return std::nullopt;
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

Bytes section(Bytes file, const Elf32_Shdr& header) {
  if (header.sh_offset > file.size() || header.sh_size > file.size() - header.sh_offset) return {};
  return file.subspan(header.sh_offset, header.sh_size);
}

std::optional<Elf32_Shdr> section_header(Bytes file, const Elf32_Ehdr& header, std::uint32_t index) {
  return read_at<Elf32_Shdr>(file, header.e_shoff + std::size_t{index} * sizeof(Elf32_Shdr));
}

void take_functions(Bytes symbols, Bytes names, std::vector<Function>& into) {
  if (names.empty() || names.back() != std::byte{0}) return;
  for (std::size_t at = 0; at < symbols.size(); at += sizeof(Elf32_Sym)) {
    const auto symbol = read_at<Elf32_Sym>(symbols, at);
    if (!symbol || ELF32_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_size == 0) continue;
    if (symbol->st_name >= names.size()) continue;
    into.push_back({.name = readable(reinterpret_cast<const char*>(names.data()) + symbol->st_name),
                    .address = symbol->st_value & ~1u,  // the lowest bit says Thumb
                    .size = symbol->st_size});
  }
}

}  // namespace

Outcome<Functions> Functions::load(const std::filesystem::path& elf) {
  LOCKSTEP_TRY(file, read_file(elf));
  Functions found;
  if (const auto header = read_at<Elf32_Ehdr>(file, 0); header && std::memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
                                                       header->e_ident[EI_CLASS] == ELFCLASS32) {
    for (std::uint32_t i = 0; i < header->e_shnum; ++i) {
      const auto table = section_header(file, *header, i);
      if (!table || table->sh_type != SHT_SYMTAB) continue;
      if (const auto names = section_header(file, *header, table->sh_link)) {
        take_functions(section(file, *table), section(file, *names), found.all_);
      }
    }
  }
  if (found.all_.empty()) return fail(ErrorKind::invalid, fmt::format("{} is no ELF file with symbols", elf.string()));
  std::ranges::sort(found.all_, {}, &Function::address);
  return found;
}

const Function* Functions::at(std::uint32_t address) const {
  auto next = std::ranges::upper_bound(all_, address, {}, &Function::address);
  if (next == all_.begin()) return nullptr;
  const Function& function = *--next;
  return address - function.address < function.size ? &function : nullptr;
}

std::string_view Functions::name_at(std::uint32_t address) const {
  const Function* const function = at(address);
  return function == nullptr ? std::string_view() : function->name;
}

std::string Functions::describe(std::uint32_t address) const {
  const Function* const function = at(address);
  if (function == nullptr) return fmt::format("0x{:08x}", address);
  return fmt::format("0x{:08x} in {}+0x{:x}", address, function->name, address - function->address);
}

}  // namespace lockstep::board
