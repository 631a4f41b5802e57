#include "manifests/oracle/facts.hpp"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

namespace lockstep::oracle {
namespace {

using model::Index;
using model::on_device;

constexpr std::uint32_t most_epochs = 8;  // the generator's epochs are below

class Writer {
 public:
  std::string run(const Instance& instance) {
    const model::Catalogue& catalogue = instance.catalogue;
    for (Index i = 0; i < std::ssize(catalogue.components); ++i) {
      const model::Component& c = catalogue.components[static_cast<std::size_t>(i)];
      constexpr const char* kinds[] = {"ab_trial", "ab_late", "single", "app", "service"};
      say("component({},{}).", i, kinds[static_cast<int>(c.kind)]);
      say("reboots({},{}).", i, c.reboots);
      if (c.via != model::none) say("via({},{}).", i, c.via);
      for (Index v = 0; v < std::ssize(c.versions); ++v) version(catalogue, instance.board, i, v);
      start(c, i, instance.start.parts[static_cast<std::size_t>(i)]);
      if (const Index wanted = instance.goal.versions[static_cast<std::size_t>(i)]; wanted != model::none) say("goal({},{}).", i, wanted);
    }
    for (const model::Ban& ban : instance.bans) say("ban({},{}).", ban.component, ban.version);
    for (const model::Target& stuck : instance.stuck) say("stuck({},{}).", stuck.component, stuck.version);
    return std::move(out_);
  }

 private:
  template <class... Values>
  void say(std::string_view format, const Values&... values) {
    fmt::format_to(std::back_inserter(out_), fmt::runtime(format), values...);
    out_ += '\n';
  }

  void version(const model::Catalogue& catalogue, const model::Board& board, Index i, Index v) {
    const model::Record& r = catalogue.record(i, v);
    say("version({},{}). bytes({},{},{}). security({},{},{}).", i, v, i, v, r.bytes, i, v, r.security_counter);
    for (const release::Hardware& h : r.hardware) {
      if (h.board == board.board && h.revisions.contains(board.revision)) say("on_board({},{}).", i, v);
    }
    for (std::uint32_t e = 0; e < most_epochs; ++e) {
      if (r.data.reads(e)) say("reads({},{},{}).", i, v, e);
    }
    if (r.data.writes) say("writes({},{},{}).", i, v, *r.data.writes);
    if (r.data.at_boot) say("at_boot({},{}).", i, v);
    const auto& siblings = catalogue.components[static_cast<std::size_t>(i)].versions;
    for (Index old = 0; old < std::ssize(siblings); ++old) {
      if (!r.from || r.from->range.contains(siblings[static_cast<std::size_t>(old)].version)) say("from({},{},{}).", i, v, old);
    }
    for (const model::Need& need : r.needs) {
      constexpr const char* whens[] = {"active", "installed", "during_flash"};
      say("need({},{},{},{},{}).", i, v, whens[static_cast<int>(need.when)], needs_, need.component);
      const auto& peers = catalogue.components[static_cast<std::size_t>(need.component)].versions;
      for (Index w = 0; w < std::ssize(peers); ++w) {
        if (need.range.contains(peers[static_cast<std::size_t>(w)].version)) say("in({},{}).", needs_, w);
      }
      ++needs_;
    }
  }

  void start(const model::Component& c, Index i, const model::Part& p) {
    for (const Index v : p.alive) say("start({},alive({})).", i, v);
    if (!on_device(c.kind)) return;
    if (p.active == model::none) return say("absent({}).", i);
    if (p.active >= 0) say("start({},active({})).", i, p.active);
    if (p.fallback >= 0) say("start({},fallback({})).", i, p.fallback);
    if (p.staged >= 0) say("start({},staged({})).", i, p.staged);
    if (p.trial) say("start({},trial).", i);
    say("start({},counter({})). start({},epoch({})).", i, p.counter, i, p.epoch);
  }

  std::string out_;
  int needs_ = 0;
};

}  // namespace

std::string facts(const Instance& instance) { return Writer().run(instance); }

}  // namespace lockstep::oracle
