#include "device/qemu/console.hpp"

#include <array>

#include "device/qemu/board.hpp"

extern "C" void on_console(const char* text, std::size_t size);

namespace lockstep::board::console {

void start() {
  uart0.start();
  uart1.start();
}

void send_frame(Bytes bytes) { uart0.send(bytes); }

void put(std::string_view text) {
  uart0.send(as_bytes(text));
  uart1.send(as_bytes(text));
  on_console(text.data(), text.size());
}

void put(Hex number) {
  std::array<char, 8> digits{};
  for (std::size_t i = digits.size(); i-- > 0; number.value >>= 4) digits[i] = "0123456789abcdef"[number.value & 15u];
  put(std::string_view(digits.data(), digits.size()));
}

void put_decimal(std::uint32_t number) {
  std::array<char, 10> digits{};
  std::size_t first = digits.size();
  do {
    digits[--first] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  put(std::string_view(&digits[first], digits.size() - first));
}

void end_line() { put("\r\n"); }

}  // namespace lockstep::board::console
