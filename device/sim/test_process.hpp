// The program lockstep-sim, run by tests.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lockstep::sim::testing {

using Words = std::vector<std::string>;

// One run of the program; killed at the end if it still runs.
class Process {
 public:
  // Reads what it prints up to the first line that begins so; with `to_the_end` all of it.
  static constexpr std::string_view to_the_end = "\n";  // no line begins so
  explicit Process(const Words& words, std::string_view last_line = "") {
    int out[2];
    REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    REQUIRE(::posix_spawn(&pid_, words[0].c_str(), &actions, nullptr, argv.data(), environ) == 0);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    std::string line;
    char c;
    while (::read(out[0], &c, 1) == 1) {
      if (c != '\n') {
        line += c;
        continue;
      }
      lines_.push_back(std::exchange(line, {}));
      if (lines_.back().starts_with(last_line)) break;
    }
    ::close(out[0]);
  }
  ~Process() {
    if (pid_ > 0) end(SIGKILL);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // The first line it printed; empty when it ended without one.
  std::string ready() const { return lines_.empty() ? "" : lines_.front(); }
  const std::vector<std::string>& lines() const { return lines_; }
  pid_t pid() const { return pid_; }
  int end(int signal) {
    ::kill(pid_, signal);
    return wait();
  }
  // How it ended: the exit code, or 128 + signal.
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  // Processor time so far: utime + stime of /proc/PID/stat, fields 14 and 15; the name has no blank.
  long ticks() const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
    std::string word;
    long sum = 0;
    for (int field = 1; field <= 15 && file >> word; ++field) {
      if (field >= 14) sum += std::stol(word);
    }
    return sum;
  }

 private:
  pid_t pid_ = -1;
  std::vector<std::string> lines_;
};

}  // namespace lockstep::sim::testing
