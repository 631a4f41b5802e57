// Runs the program as a person or a script does: a process with arguments, its output and its exit code.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "host/base/files.hpp"
#include "host/base/json.hpp"
#include "host/base/temp_dir.hpp"

namespace lockstep::cli::test {

struct Run {
  int exit_code = -1;  // 128 + number when a signal ended it
  std::string out;
  std::string err;

  // The one document on stdout.
  json::object document() const {
    auto parsed = parse_json_object(out);
    REQUIRE_MESSAGE(parsed, out);
    return *parsed;
  }
  std::string text(std::string_view member) const { return std::string(*json_text(document(), member)); }
  bool says(std::string_view words) const { return err.find(words) != std::string::npos; }
};

// Starts build/.../bin/lockstep in `folder` and gives its process id; output goes to the files out and err
// there.
inline pid_t start(const TempDir& folder, const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  std::string program = LOCKSTEP_BIN_DIR "/lockstep";
  std::vector<std::string> words = arguments;
  argv.push_back(program.data());
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string out = folder / "out.captured", err = folder / "err.captured";
  const std::string folder_name = folder.path();
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int s : {SIGINT, SIGTERM, SIGPIPE}) ::signal(s, SIG_DFL);
    const int out_file = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int err_file = ::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const bool ready =
        ::dup2(out_file, 1) == 1 && ::dup2(err_file, 2) == 2 && ::chdir(folder_name.c_str()) == 0;
    if (ready) ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  return child;
}

inline Run finish(const TempDir& folder, pid_t child) {
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  Run run;
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  run.out = *read_text_file(folder / "out.captured");
  run.err = *read_text_file(folder / "err.captured");
  return run;
}

inline Run run(const TempDir& folder, const std::vector<std::string>& arguments) {
  return finish(folder, start(folder, arguments));
}

}  // namespace lockstep::cli::test
