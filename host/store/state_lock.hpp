// One process per state directory: a lock that the operating system drops when the process dies, however it dies.
#pragma once

#include <filesystem>
#include <utility>

#include "host/base/error.hpp"

namespace lockstep::store {

class StateLock {
 public:
  // conflict - another process holds it; the message names process and directory. io.
  static Outcome<StateLock> take(const std::filesystem::path& state);
  ~StateLock();
  StateLock(StateLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  StateLock& operator=(StateLock&&) = delete;

 private:
  explicit StateLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace lockstep::store
