// What a problem must not rely on because nobody knows it (problem.hpp has the rules). Private to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifests/model/problem.hpp"

namespace lockstep::model {

class Unknowns {
 public:
  // The arguments outlive this.
  Unknowns(const Catalogue& catalogue, const Report& report, const State& start, std::string who)
      : catalogue_(catalogue), report_(report), start_(start), who_(std::move(who)) {}

  // What no step may move to, each with the reason.
  std::vector<Ban> bans() const;

  // Requirements of what is there already on components that the device does not report, a sentence each.
  std::vector<std::string> missing() const;

  // The epoch to start from: as reported, else by the rule.
  static std::uint32_t epoch(const Component& component, Index active, std::optional<std::uint32_t> reported);

 private:
  void ban_unmet(Index component, Index version, std::vector<Ban>& bans) const;
  void ban_silent(Index component, Index version, std::vector<Ban>& bans) const;
  void ban_unreadable(Index component, std::vector<Ban>& bans) const;

  // Why a need cannot hold or is not known to hold, whatever is done; empty when that depends on versions.
  std::string objection(const Need& need) const;
  bool is_there(Index component, Index version) const;
  bool demands(Index component, Index version, When when) const;
  bool nobody_knows_use(const std::string& software) const;
  const Component& at(Index component) const { return catalogue_.components[static_cast<std::size_t>(component)]; }
  const Part& part(Index component) const { return start_.parts[static_cast<std::size_t>(component)]; }

  const Catalogue& catalogue_;
  const Report& report_;
  const State& start_;
  std::string who_;
};

}  // namespace lockstep::model
