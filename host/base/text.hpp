// Text forms of bytes, times and sizes, and help for people who mistype.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "host/base/buffer.hpp"
#include "host/base/error.hpp"

namespace lockstep {

std::string to_hex(Bytes bytes);  // lower case
// An even number of hex digits of either case. ErrorKind::invalid.
Outcome<Buffer> from_hex(std::string_view hex);

// RFC 4648 section 4, with padding.
std::string to_base64(Bytes bytes);
// Strict: no blanks, padding complete, unused bits zero, so every byte string has one form.
// ErrorKind::invalid.
Outcome<Buffer> from_base64(std::string_view text);

using Clock = std::chrono::system_clock;
using Time = std::chrono::time_point<Clock, std::chrono::milliseconds>;

Time now();
// RFC 3339 in UTC with milliseconds: "2026-11-23T18:04:05.678Z".
std::string format_time(Time time);
// RFC 3339 with any offset and any number of decimals (cut to milliseconds). ErrorKind::invalid.
Outcome<Time> parse_time(std::string_view text);

std::string format_size(std::uint64_t bytes);  // for people: "812 B", "14.2 KiB", "1.0 MiB"

std::string_view trim(std::string_view text);  // without blanks, tabs and line ends at both ends

// True for well-formed UTF-8 (RFC 3629): no overlong forms, surrogates or code points above 10FFFF.
bool is_utf8(std::string_view text);
// The text fit for one line of a terminal: control characters and bytes that are not UTF-8 become "\x1b".
std::string printable(std::string_view text);
// The same between quotes, with \ before quotes and backslashes.
std::string in_quotes(std::string_view text);
// Columns the text takes on a terminal, for UTF-8 without wide or combining characters.
std::size_t display_width(std::string_view text);

// The candidate that `word` was probably meant to be; nothing when none is near. For "did you mean".
std::optional<std::string> closest(std::string_view word, std::span<const std::string> candidates);
std::optional<std::string> closest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace lockstep
