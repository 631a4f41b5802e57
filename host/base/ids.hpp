// Names for things that nobody else names.
#pragma once

#include <string>
#include <string_view>

namespace lockstep {

// A new name that no other process will ever give, and that sorts by its time of birth: "job-" and a ULID
// (48 bits of milliseconds, 80 random bits, Crockford base 32).
std::string new_id(std::string_view kind);

}  // namespace lockstep
