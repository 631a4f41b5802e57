// The four functions that a compiler may call without being asked (GCC manual, "Language Standards": freestanding),
// and strlen, by which std::string_view measures a literal. There is no C library on the board.
#include <cstddef>
#include <cstdint>

extern "C" {

void* memcpy(void* to, const void* from, std::size_t n) {
  auto* t = static_cast<unsigned char*>(to);
  const auto* f = static_cast<const unsigned char*>(from);
  // Whole words while both are aligned; flash reads and hashing spend their time here.
  if (((reinterpret_cast<std::uintptr_t>(t) | reinterpret_cast<std::uintptr_t>(f)) & 3u) == 0) {
    for (; n >= 4; n -= 4, t += 4, f += 4) *reinterpret_cast<std::uint32_t*>(t) = *reinterpret_cast<const std::uint32_t*>(f);
  }
  for (; n > 0; --n) *t++ = *f++;
  return to;
}

void* memmove(void* to, const void* from, std::size_t n) {
  auto* t = static_cast<unsigned char*>(to);
  const auto* f = static_cast<const unsigned char*>(from);
  if (t <= f) {
    for (; n > 0; --n) *t++ = *f++;
  } else {
    while (n-- > 0) t[n] = f[n];
  }
  return to;
}

void* memset(void* to, int value, std::size_t n) {
  auto* t = static_cast<unsigned char*>(to);
  const auto byte = static_cast<unsigned char>(value);
  if ((reinterpret_cast<std::uintptr_t>(t) & 3u) == 0) {
    for (; n >= 4; n -= 4, t += 4) *reinterpret_cast<std::uint32_t*>(t) = byte * 0x0101'0101u;
  }
  for (; n > 0; --n) *t++ = byte;
  return to;
}

int memcmp(const void* a, const void* b, std::size_t n) {
  const auto* x = static_cast<const unsigned char*>(a);
  const auto* y = static_cast<const unsigned char*>(b);
  for (; n > 0; --n, ++x, ++y) {
    if (*x != *y) return *x - *y;
  }
  return 0;
}

std::size_t strlen(const char* text) {
  std::size_t n = 0;
  while (text[n] != '\0') ++n;
  return n;
}

}  // extern "C"
