// The scheduler: from a fleet to the one order of stages that keeps the law of fleet.hpp for all of it.
//
// 1. Devices that are not safe already, that sleep, or that no plan of their own takes to the goal are set apart; they
//    stand, and the law holds for them as well.
// 2. An order of software is searched that all the others can follow at once (reach.hpp). When there is none, as many
//    as possible go, the largest numbers first; the rest is blocked, and a smallest set of devices and versions that it
//    does not go together with is named.
// 3. When that is allowed, those who sleep or stay on an old version are given up instead, the fewest first; they are
//    named, too, with the stage and the rule that makes them unsafe.
// 4. Versions are ended as late as the law allows, and not at all when nothing needs it: so nobody waits for adoption
//    without a reason, and the reason is the rule that the next stage would break.
// Schedules are not proved here: check_fleet does that.
#pragma once

#include "manifests/fleet/fleet.hpp"
#include "manifests/plan/plan.hpp"

namespace lockstep::fleet {

struct Options {
  plan::Limits limits;
  bool finalise = false;          // with a stage for the steps after which there is no way back
  std::uint64_t may_strand = 0;   // devices and people that may be left behind for the sake of the others
};

struct Answer {
  Schedule schedule;
  bool sure = true;           // false: the search was cut short, so that a better schedule may exist
  std::vector<Left> price;    // whom it would take to leave behind so that the blocked ones go; beyond may_strand
};

// Errors: invalid, the fleet does not fit the catalogue; those of plan::make_plan.
Outcome<Answer> make_schedule(const plan::Relations& relations, const Fleet& fleet, const Options& options = {});

}  // namespace lockstep::fleet
