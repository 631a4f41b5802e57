#include "device/qemu/host/faults/store_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace lockstep::board {

bool Store::apply(MutableBytes flash) const {
  bool changed = false;
  for (std::uint32_t i = 0; i < bytes && offset + i < flash.size(); ++i) {
    changed = changed || flash[offset + i] != byte(i);
    flash[offset + i] = byte(i);
  }
  return changed;
}

Outcome<std::vector<Store>> load_stores(const std::filesystem::path& log) {
  std::ifstream file(log, std::ios::binary);
  if (!file) return fail(ErrorKind::not_found, fmt::format("there is no log of stores {}", log.string()));
  std::uint64_t used = 0;
  file.read(reinterpret_cast<char*>(&used), sizeof used);
  std::error_code ec;
  const auto room = (std::filesystem::file_size(log, ec) - sizeof used) / sizeof(Store);
  if (!file || ec || used >= room) return fail(ErrorKind::invalid, fmt::format("{} holds no whole log", log.string()));
  std::vector<Store> stores(used);
  file.read(reinterpret_cast<char*>(stores.data()), static_cast<std::streamsize>(used * sizeof(Store)));
  if (!file) return fail(ErrorKind::io, fmt::format("cannot read {}", log.string()));
  return stores;
}

std::vector<WrittenByte> bytes_of(const std::vector<Store>& stores) {
  std::vector<WrittenByte> written;
  for (const Store& store : stores) {
    for (std::uint32_t i = 0; i < store.bytes; ++i) written.push_back({store.offset + i, store.byte(i)});
  }
  return written;
}

}  // namespace lockstep::board
