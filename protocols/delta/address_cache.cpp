#include "protocols/delta/address_cache.hpp"

#include "protocols/delta/number.hpp"

namespace lockstep::delta {

void AddressCache::update(std::uint32_t address) {
  near_[next_] = address;
  next_ = (next_ + 1) % near_size;
  same_[address % same_.size()] = address;
}

std::optional<std::uint32_t> AddressCache::decode(ByteReader& addresses, std::uint8_t mode, std::uint32_t here) {
  std::uint32_t address = 0;
  if (mode >= mode::first_same) {
    address = same_[(mode - mode::first_same) * std::size_t{256} + addresses.u8()];
    if (!addresses.ok()) return std::nullopt;
  } else {
    const auto number = read_number(addresses);
    if (!number) return std::nullopt;
    const std::uint32_t near = mode >= mode::first_near ? near_[mode - std::size_t{mode::first_near}] : 0;
    if (mode == mode::here ? *number > here : *number > UINT32_MAX - near) return std::nullopt;
    address = mode == mode::here ? here - *number : near + *number;
  }
  if (address >= here) return std::nullopt;
  update(address);
  return address;
}

AddressCache::Written AddressCache::best(std::uint32_t address, std::uint32_t here) const {
  const std::size_t same = address % same_.size();
  if (same_[same] == address) {
    return {static_cast<std::uint8_t>(mode::first_same + same / 256), static_cast<std::uint32_t>(same % 256), 1};
  }
  Written best{mode::self, address, number_size(address)};
  const auto consider = [&](std::size_t mode, std::uint32_t value) {
    if (number_size(value) < best.size) best = {static_cast<std::uint8_t>(mode), value, number_size(value)};
  };
  consider(mode::here, here - address);
  for (std::size_t i = 0; i < near_size; ++i) {
    if (address >= near_[i]) consider(mode::first_near + i, address - near_[i]);
  }
  return best;
}

}  // namespace lockstep::delta
