// What was said, in the catalogue's words: a wish for the sets, and bans for the way there. Private to this folder.
#pragma once

#include <string>
#include <vector>

#include "manifests/choose/choose.hpp"
#include "manifests/model/problem.hpp"
#include "manifests/propose/wishes.hpp"

namespace lockstep::propose {

class Reading {
 public:
  // The arguments outlive this, and it stays where it is.
  Reading(const model::Problem& problem, const model::Report& report, const Wishes& said, model::Scope scope)
      : catalogue_(*problem.catalogue), problem_(problem), said_(said), scope_(scope),
        who_(report.device.name.empty() ? "the device" : report.device.name) {}
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  // Errors: those of propose_newest (newest.hpp) about what was said.
  Outcome<> run();

  choose::Wish& wish() { return wish_; }
  const std::vector<model::Ban>& bans() const { return bans_; }

  // Whether the plan must end with the chosen version of it.
  bool has_goal(std::size_t i) const;
  bool is_there(std::size_t i) const { return wish_.now[i] != model::none; }
  bool is_software(std::size_t i) const { return !model::on_device(catalogue_.components[i].kind); }

 private:
  std::size_t size() const { return catalogue_.components.size(); }
  const std::vector<model::Record>& versions(std::size_t i) const { return catalogue_.components[i].versions; }
  std::string label(std::size_t i) const { return catalogue_.components[i].label(); }
  model::Index now(std::size_t i) const;
  bool is_spoken_of(std::size_t i) const;

  // Those that the name means and that are there.
  Outcome<std::vector<model::Index>> components(const std::string& name, const std::string& cited) const;
  Outcome<> read_pins();
  Outcome<> read_holds();
  Outcome<> must_be_one(std::size_t i, const std::string& name) const;
  Outcome<> must_leave_something(std::size_t i) const;
  Outcome<> read_order();
  void ban_what_the_report_rules_out();
  void ban_too_old(std::size_t i);
  void ban_prereleases(std::size_t i);
  void read_tested();

  const model::Catalogue& catalogue_;
  const model::Problem& problem_;
  const Wishes& said_;
  model::Scope scope_;
  std::string who_;
  choose::Wish wish_;
  std::vector<model::Ban> bans_;
  std::vector<model::Index> loose_;  // software that ends as it can
};

}  // namespace lockstep::propose
