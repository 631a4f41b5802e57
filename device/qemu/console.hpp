// Log lines of the board: to UART0, between SMP frames, and to UART1, which carries nothing else. A program may take
// them too: extern "C" void on_console(const char* text, std::size_t size).
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

#include "protocols/core/bytes.hpp"

namespace lockstep::board::console {

struct Hex {
  std::uint32_t value;
};

// Starts both UARTs for sending.
void start();
// Raw bytes to UART0 only: SMP frames.
void send_frame(Bytes bytes);

// A line is begun, filled and ended; line() below does the three. A frame must not come between.
void put(std::string_view text);
void put(Hex number);               // eight digits
void put_decimal(std::uint32_t number);
void end_line();

inline void put(const char* text) { put(std::string_view(text)); }
void put(std::unsigned_integral auto number) { put_decimal(static_cast<std::uint32_t>(number)); }

void line(const auto&... parts) {
  (put(parts), ...);
  end_line();
}

}  // namespace lockstep::board::console
