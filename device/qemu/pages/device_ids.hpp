// Who made the reference board, and of which class it is, as MCUboot's vendor and class ids (version 5 UUIDs, RFC 4122
// section 4.3): `lockstep image sign --vendor lockstep.example --class node-m3` puts them into an image. The boot code
// refuses an image that names others.
#pragma once

#include "protocols/mcuboot/image.hpp"

namespace lockstep::board {

inline constexpr mcuboot::Uuid vendor_id{
    std::byte{0x9b}, std::byte{0xb8}, std::byte{0x9d}, std::byte{0x35}, std::byte{0x85}, std::byte{0x98},
    std::byte{0x52}, std::byte{0xb9}, std::byte{0x96}, std::byte{0x6b}, std::byte{0xde}, std::byte{0x1a},
    std::byte{0x5b}, std::byte{0x28}, std::byte{0xd5}, std::byte{0x4b}};  // "lockstep.example" in the DNS name space
inline constexpr mcuboot::Uuid class_id{
    std::byte{0x0f}, std::byte{0x0a}, std::byte{0x52}, std::byte{0xcf}, std::byte{0x26}, std::byte{0x9f},
    std::byte{0x5d}, std::byte{0x07}, std::byte{0x8b}, std::byte{0x6b}, std::byte{0x96}, std::byte{0x74},
    std::byte{0x46}, std::byte{0x5b}, std::byte{0xc5}, std::byte{0x40}};  // "node-m3" in the vendor's

}  // namespace lockstep::board
