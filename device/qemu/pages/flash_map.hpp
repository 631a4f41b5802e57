// What lies where in the board's flash; the picture is in device/qemu/README.md. Boot code, firmware and the host
// program that prepares a flash file share it.
#pragma once

#include "device/boot/layout.hpp"

namespace lockstep::board {

inline constexpr boot::Geometry flash_geometry{.size = 16u << 20, .sector_size = 4096, .write_align = 4};

// Written once when the device is made, read-only for the device itself.
inline constexpr boot::Region key_page{.offset = 0x0000, .size = 0x1000};
inline constexpr boot::Region identity_page{.offset = 0x1000, .size = 0x1000};

inline constexpr boot::Layout flash_layout{
    .mode = boot::Mode::swap,
    .slot0 = {.offset = 0x01'0000, .size = 0x8'0000},
    .slot1 = {.offset = 0x09'0000, .size = 0x8'1000},  // one sector more: swap using offset needs it
    .ratchet = {.offset = 0x2000, .size = 0x2000},
    .settings = {.offset = 0x4000, .size = 0x2000},
};

// Firmwares are linked to run in slot 0 behind a header of this size (device/qemu/app.ld has the same numbers).
inline constexpr std::uint32_t image_header_size = 512;

}  // namespace lockstep::board
