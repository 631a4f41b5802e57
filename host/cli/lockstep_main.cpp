#include <csignal>

#include "host/cli/program.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write(), which says so
  lockstep::cli::Terminal terminal;
  return lockstep::cli::run(argc, argv, terminal);
}
