// The hosted floors' error: what went wrong, where, and what a person can do next.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "protocols/core/result.hpp"

namespace lockstep {

enum class ErrorKind {
  invalid,      // the input (file, argument, manifest, message) is not what it must be
  refused,      // understood, and the answer is no: a rule, a signature or a gate forbids it
  not_found,    // the named thing does not exist
  conflict,     // the current state does not allow it (in use, already there, changed meanwhile)
  unreachable,  // a device, rig or daemon could not be reached or went away
  device,       // the device answered with an error, or does not do what it said
  io,           // the operating system refused a file or resource
  cancelled,    // the user or a shutdown stopped it
  internal,     // a defect in Lockstep
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string what;       // one sentence without full stop: what, where, which value
  std::string next = {};  // what to do about it; may be empty

  // The same error with the place in front: "upload to board-3: link closed".
  Error in(std::string_view where) const& { return {kind, std::string(where) + ": " + what, next}; }
};

// Exit code of a command that ended with this error (design: 1 no or failed, 2 wrong usage, 3 unreachable; and 130, as of a
// program that Ctrl-C ended, so that a shell's loop over devices ends with it).
inline int exit_code(const Error& e) {
  return e.kind == ErrorKind::unreachable ? 3 : e.kind == ErrorKind::cancelled ? 130 : 1;
}

template <class T = void>
using Outcome = Result<T, Error>;

inline Fail<Error> fail(ErrorKind kind, std::string what, std::string next = {}) {
  return Fail(Error{kind, std::move(what), std::move(next)});
}

}  // namespace lockstep
