#include "manifests/fleet/certified.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "manifests/fleet/check_fleet.hpp"
#include "manifests/plan/write_out.hpp"

namespace lockstep::fleet {
namespace {

using How = Left::How;

json::array texts(const std::vector<std::string>& all) { return json::array(all.begin(), all.end()); }

class Writer {
 public:
  explicit Writer(const Certified& c) : fleet_(c.fleet), answer_(c.answer), catalogue_(*c.fleet.catalogue) {}

  json::object run() const {
    json::array stages, unmet, unknown;
    for (const Stage& s : answer_.schedule.stages) stages.push_back(stage(s, stages.size() + 1));
    for (const Unmet& u : answer_.schedule.unmet) {
      json::object out{{"why", u.why}};
      name(out, u.version);
      unmet.push_back(std::move(out));
    }
    for (const Unknown& u : fleet_.unknown) unknown.push_back(json::object{{"devices", texts(u.names)}, {"count", u.count}, {"why", u.why}});
    const bool complete = unmet.empty() && unknown.empty() &&
                          std::all_of(answer_.schedule.left.begin(), answer_.schedule.left.end(), [](const Left& l) { return l.how == How::asleep; });
    return {{"certified", true},     {"sure", answer_.sure},
            {"complete", complete},  {"stages", std::move(stages)},
            {"left", left(answer_.schedule.left)}, {"unmet", std::move(unmet)},
            {"unknown", std::move(unknown)},       {"price", left(answer_.price)}};
  }

 private:
  const model::Component& component(const model::Target& t) const { return catalogue_.components[plan::at(t.component)]; }
  void name(json::object& out, const model::Target& t) const {
    out["component"] = component(t).label();
    out["version"] = catalogue_.record(t.component, t.version).version.text();
  }

  json::object stage(const Stage& s, std::size_t number) const {
    json::object out{{"number", number}, {"kind", text(s.kind)}};
    if (!s.why.empty()) out["why"] = s.why;
    if (s.kind == Kind::expand) out["act"] = component(s.version).kind == model::Kind::service ? "roll" : "publish";
    if (s.kind != Kind::migrate && s.kind != Kind::finalise) {
      name(out, s.version);
      if (s.kind == Kind::wait) out["adoption"] = adoption(s.version);
      return out;
    }
    json::array moves;
    for (const Move& m : s.moves) moves.push_back(move(m));
    out["moves"] = std::move(moves);
    return out;
  }
  json::object adoption(const model::Target& t) const {
    std::uint64_t paired = 0;
    Adoption use;
    for (const Adoption& a : fleet_.adoption) {
      if (a.version.component == t.component) paired += a.devices;
      if (a.version == t) use = a;
    }
    return {{"percent", fleet_.percent}, {"paired", paired}, {"devices", use.devices}, {"stay", use.stay},
            {"may_remain", may_remain(fleet_, t.component)}};
  }
  json::array steps(const model::Plan& plan) const {
    json::array out;
    for (const model::Step& step : plan.steps) out.push_back(json::value(model::text(catalogue_, step)));
    return out;
  }
  json::object move(const Move& m) const {
    const Device& d = fleet_.devices[m.device];
    const model::Cost cost = plan::cost_of(catalogue_, m.plan);
    return {{"devices", texts(d.names)}, {"count", d.count}, {"steps", steps(m.plan)}, {"reboots", cost.reboots},
            {"bytes", cost.bytes}, {"irreversible", cost.irreversible}};
  }
  json::array left(const std::vector<Left>& all) const {
    json::array out;
    for (const Left& l : all) {
      json::object one{{"how", text(l.how)}, {"devices", l.device ? texts(fleet_.devices[*l.device].names) : json::array()},
                       {"count", l.count}, {"why", l.why}};
      if (l.stage != 0) one["stage"] = l.stage;
      if (l.how == How::asleep) one["steps"] = steps(l.later);
      if (l.how == How::unserved) name(one, l.version);
      out.push_back(std::move(one));
    }
    return out;
  }

  const Fleet& fleet_;
  const Answer& answer_;
  const model::Catalogue& catalogue_;
};

}  // namespace

Outcome<Certified> certified_schedule(const plan::Relations& relations, const Census& census, const release::Release& target,
                                      model::Scope scope, Options options) {
  options.may_strand = std::max(options.may_strand, census.may_strand);
  Fleet fleet = make_fleet(relations.catalogue(), census, target, scope);
  LOCKSTEP_TRY(answer, make_schedule(relations, fleet, options));
  if (const auto good = check_fleet(fleet, answer.schedule); !good) {
    return fail(ErrorKind::internal, fmt::format("the checker refuses the schedule that was found: stage {}: {}", good.error().stage, good.error().why),
                "do not roll this out; report the releases and what the fleet says as a defect");
  }
  return Certified{std::move(fleet), std::move(answer)};
}

json::object to_json(const Certified& certified) { return Writer(certified).run(); }

}  // namespace lockstep::fleet
