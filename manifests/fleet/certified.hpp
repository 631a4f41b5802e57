// From a census to a schedule that was proved, and to the document that programs and terminals read.
#pragma once

#include "host/base/json.hpp"
#include "manifests/fleet/gather.hpp"
#include "manifests/fleet/schedule.hpp"

namespace lockstep::fleet {

struct Certified {
  Fleet fleet;
  Answer answer;
};

// The relations are those of a catalogue that has seen reports(census), and outlive the answer. `options.may_strand` and
// that of the census: the larger counts.
// Errors: those of make_schedule; internal, the checker refuses what the scheduler made.
Outcome<Certified> certified_schedule(const plan::Relations& relations, const Census& census, const release::Release& target,
                                      model::Scope scope, Options options);

// {"certified": true, "sure", "complete", "stages": [{"number", "kind", "component", "version", "why", "adoption", "moves"}],
//  "left": [{"how", "devices", "count", "stage", "why", "steps"}], "unmet": [], "unknown": [], "price": []}
// steps: of who is asleep, its way when it wakes. complete: every device that is awake and known gets there, and the software, too.
json::object to_json(const Certified& certified);

}  // namespace lockstep::fleet
