// Small fleets for tests, made by hand, and schedules as lines of text.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "manifests/fleet/check_fleet.hpp"
#include "manifests/fleet/schedule.hpp"
#include "manifests/plan/sample.hpp"

namespace lockstep::fleet::sample {

// Firmware 2 wants mobile-app 4.1, mobile-app 4.0 does not know firmware 2.
inline plan::sample::Lab bridge() {
  plan::sample::Lab lab;
  lab.component("app", model::Kind::ab_trial, "1.0.0 2.0.0").component("mobile-app", model::Kind::app, "4.0.0 4.1.0 5.0.0");
  lab.needs("app 2.0.0", "mobile-app", ">=4.1.0").needs("mobile-app 4.0.0", "app", "<2.0.0").needs("mobile-app 5.0.0", "app", ">=2.0.0");
  lab.goal("app 2.0.0");
  return lab;
}

class Town {
 public:
  // The products' versions and rules; its start is what every device has, and what is in use.
  explicit Town(plan::sample::Lab lab) : lab_(std::move(lab)) {
    fleet_.catalogue = &lab_.catalogue();
    const model::Problem& p = lab_.problem();
    for (const model::Part& part : p.start.parts) fleet_.alive.push_back(part.alive);
    fleet_.goal.versions.assign(fleet_.alive.size(), model::none);
    for (std::size_t i = 0; i < fleet_.alive.size(); ++i) {
      if (!model::on_device(lab_.catalogue().components[i].kind)) fleet_.goal.versions[i] = p.goal.versions[i];
    }
  }
  Town(const Town&) = delete;

  // A device that is as the lab's start says, and shall become what the lab's goal says.
  Device& device(std::string name, std::uint64_t count = 1) {
    const model::Problem& p = lab_.problem();
    Device d{.names = {std::move(name)}, .count = count, .board = p.board, .state = p.start, .goal = p.goal, .bans = p.bans, .uses = {}};
    for (std::size_t i = 0; i < d.state.parts.size(); ++i) {
      if (model::on_device(lab_.catalogue().components[i].kind)) continue;
      d.state.parts[i] = {};
      d.goal.versions[i] = model::none;
    }
    fleet_.devices.push_back(std::move(d));
    return fleet_.devices.back();
  }
  Device& asleep(std::string name) {
    Device& d = device(std::move(name));
    d.offline = true;
    return d;
  }
  // "app 2.0.0" on the device
  void has(Device& d, std::string_view name) {
    const model::Target t = lab_.target(name);
    d.state.parts[plan::at(t.component)].active = t.version;
  }
  void uses(Device& d, std::string_view name) { d.uses.push_back(lab_.target(name)); }
  void adopted(std::string_view name, std::uint64_t devices, std::uint64_t stay = 0) {
    fleet_.adoption.push_back({lab_.target(name), devices, stay});
  }

  const Answer& plan(const Options& options = {}) {
    auto relations = plan::Relations::make(lab_.catalogue());
    REQUIRE(relations);
    auto made = make_schedule(*relations, fleet_, options);
    REQUIRE_MESSAGE(made, (made ? "" : made.error().what));
    answer_ = *std::move(made);
    const auto good = check_fleet(fleet_, answer_.schedule);
    CHECK_MESSAGE(good, (good ? "" : std::to_string(good.error().stage) + ": " + good.error().why));
    return answer_;
  }
  // "expand mobile-app 4.1.0 | wait mobile-app 4.0.0 | migrate gw-7: stage app 2.0.0, …"
  std::string stages(const Options& options = {}) {
    std::string out;
    for (const Stage& s : plan(options).schedule.stages) {
      out += (out.empty() ? "" : " | ") + std::string(text(s.kind));
      if (s.moves.empty()) out += ' ' + lab_.catalogue().name(s.version.component, s.version.version);
      for (const Move& m : s.moves) {
        out += (&m == s.moves.data() ? " " : "; ") + fleet_.devices[m.device].names[0] + ':';
        for (const model::Step& step : m.plan.steps) {
          if (step.act == model::Act::stage || step.act == model::Act::confirm) continue;
          out += ' ' + model::text(lab_.catalogue(), step);
        }
      }
    }
    return out;
  }
  // "asleep old-1; stranded old-2 at 3: …", of the last schedule
  std::string left() const {
    std::string out;
    for (const Left& l : answer_.schedule.left) {
      out += out.empty() ? "" : "\n";
      out += std::string(text(l.how)) + ' ' + (l.device ? names(fleet_.devices[*l.device]) : std::to_string(l.count) + " people") + ": " + l.why;
    }
    return out;
  }

  Fleet& fleet() { return fleet_; }
  plan::sample::Lab& lab() { return lab_; }
  const Answer& answer() const { return answer_; }

 private:
  plan::sample::Lab lab_;
  Fleet fleet_;
  Answer answer_;
};

}  // namespace lockstep::fleet::sample
