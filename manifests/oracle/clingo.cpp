#include "manifests/oracle/clingo.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <sstream>
#include <string_view>

namespace lockstep::oracle {
namespace {

std::string output_of(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return "no process could be started";
  std::string out;
  std::array<char, 4096> piece{};
  while (const std::size_t n = std::fread(piece.data(), 1, piece.size(), pipe)) out.append(piece.data(), n);
  ::pclose(pipe);
  return out;
}

// plan.lp adds one to each level, so that every one is printed.
model::Cost cost_of(std::istringstream numbers) {
  model::Cost cost;
  numbers >> cost.irreversible >> cost.reboots >> cost.publications >> cost.bytes;
  return {cost.irreversible - 1, cost.reboots - 1, cost.publications - 1, cost.bytes - 1};
}

}  // namespace

Clingo ask_clingo(const std::filesystem::path& encoding, const std::filesystem::path& facts, std::size_t steps,
                  int limit_seconds) {
  Clingo out;
  out.said = output_of(fmt::format("clingo --verbose=0 --stats --quiet=1,1,2 --time-limit={} -c horizon={} {} {} 2>&1",
                                   limit_seconds, steps, encoding.string(), facts.string()));
  std::istringstream lines(out.said);
  for (std::string line; std::getline(lines, line);) {
    const auto after = [&](std::string_view word) { return std::istringstream(line.substr(word.size())); };
    if (line == "UNSATISFIABLE") out.how = Clingo::How::none;
    if (line == "OPTIMUM FOUND") out.how = Clingo::How::least;
    if (line.starts_with("TIME LIMIT")) out.how = Clingo::How::too_slow;
    if (constexpr std::string_view word = "Optimization: "; line.starts_with(word)) out.cost = cost_of(after(word));
    if (constexpr std::string_view word = "Time         : "; line.starts_with(word)) after(word) >> out.seconds;
    if (constexpr std::string_view word = "CPU Time     : "; line.starts_with(word)) after(word) >> out.cpu_seconds;
  }
  return out;
}

bool has_clingo() { return output_of("clingo --version 2>&1").starts_with("clingo version 5"); }

}  // namespace lockstep::oracle
