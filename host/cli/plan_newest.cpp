#include "host/cli/plan_newest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/base/text.hpp"
#include "host/cli/answers.hpp"
#include "host/cli/planning_watch.hpp"
#include "manifests/choose/choose.hpp"
#include "manifests/propose/account.hpp"
#include "manifests/propose/newest.hpp"

namespace lockstep::cli {
namespace {

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
  return fmt::format("{}", fmt::join(texts, between));
}

std::string set_text(const json::object& choice) {
  Table table{"COMPONENT", "NOW", "CHOSEN", "WHY NOT NEWER"};
  for_each_object(choice, "components", [&](const json::object& c) {
    const std::string why = joined(texts_of(c, "why_not_newer"), "; ");
    table.row({text_of(c, "component"), text_of(c, "now"), text_of(c, "chosen"), why.empty() ? "" : text_of(c, "newest") + ": " + why});
  });
  return table.text();
}

std::string passed_over_text(const json::object& choice) {
  constexpr int shown = 5;
  std::string out;
  int number = 0;
  for_each_object(choice, "passed_over", [&](const json::object& set) {
    const std::string why = joined(texts_of(set, "reasons"), "; ");
    if (++number > shown) return;
    out += fmt::format("{:2}. {}{}\n", number, printable(joined(texts_of(set, "versions"), " with ")), why.empty() ? "" : ": " + printable(why));
  });
  if (number > shown) out += fmt::format("    and {} more\n", number - shown);
  return out.empty() ? out : "newer, but no certified plan leads there:\n" + out + '\n';
}

// The search ended before it knew.
Fail<Error> no_answer(Terminal& terminal, const json::object& answer, const std::string& device) {
  constexpr std::string_view next = "pin components to versions in between, as --pin app=1.x, or give fewer releases";
  const json::object& choice = object_of(answer, "choice");
  if (flag_of(choice, "tried_all")) {
    return fail(ErrorKind::refused, "the search reached its limit before it had a plan to the newest versions, so nothing is known",
                std::string(next));
  }
  terminal.show(document(answer), passed_over_text(choice));
  return fail(ErrorKind::refused, fmt::format("no certified plan takes {} to the newest sets of versions that go together, and older "
                                              "ones were not looked at", device), std::string(next));
}

std::string derivation_text(const std::string& device, const json::object& choice) {
  std::string out = fmt::format("no versions for {} go together under what was said:\n", printable(device));
  for (const std::string& line : choose::derivation({.causes = texts_of(choice, "causes")})) out += printable(line) + '\n';
  return out;
}

// `ask` is one of manifests/propose: of a planner, a report, wishes and options.
template <class Ask>
Outcome<json::object> asked_of_files(Terminal& terminal, const NewestQuestion& q, Ask ask) {
  if (q.releases.empty()) return fail(ErrorKind::not_found, "there are no releases to choose from", "give them with --release FILE");
  if (!q.product.empty() && q.product != q.releases[0].product) {
    return fail(ErrorKind::not_found, fmt::format("there are no releases of {} here", q.product),
                fmt::format("those given are of {}", q.releases[0].product));
  }
  LOCKSTEP_TRY(report, device_report(q.device));
  LOCKSTEP_TRY(wishes, wishes_of(q.wishes));
  if (q.wishes.tested_only) {
    LOCKSTEP_TRY(tested, tested_by(terminal, q.evidence, q.releases));
    wishes.tested = std::move(tested);
  }
  LOCKSTEP_TRY(planner, propose::Planner::make(q.releases, std::span(&report, 1)));
  propose::Options options = q.scope.options();
  options.only_obstacles = q.only_obstacles;
  const auto made = watched(terminal, options.limits, [&] { return ask(planner, report, wishes, options); });
  LOCKSTEP_TRY(answer, made);
  return to_json(answer);
}

}  // namespace

void note_left_out(Terminal& terminal, const json::object& answer) {
  for_each_object(answer, "left_out", [&](const json::object& release) {
    terminal.note(fmt::format("{} is left out: {}", text_of(release, "release"), text_of(release, "why")));
  });
  const json::object& evidence = object_of(answer, "evidence");
  for (const std::string& failed : texts_of(evidence, "failed")) terminal.note(failed);
  for_each_object(evidence, "left_out", [&](const json::object& one) {
    terminal.note(fmt::format("evidence {} does not count: {}", text_of(one, "evidence").substr(0, 12), text_of(one, "why")));
  });
}

Outcome<json::object> newest_from_files(Terminal& terminal, const NewestQuestion& q) {
  return asked_of_files(terminal, q, propose::propose_newest);
}

Outcome<json::object> newest_account_from_files(Terminal& terminal, const NewestQuestion& q) {
  return asked_of_files(terminal, q, propose::account_of_newest);
}

Outcome<> show_newest(Terminal& terminal, const json::object& answer, const std::string& device, const OutOptions& out) {
  note_left_out(terminal, answer);
  if (text_of(answer, "verdict") == "gave-up") return no_answer(terminal, answer, device);
  const json::object& choice = object_of(answer, "choice");
  if (text_of(choice, "verdict") != "found") {
    terminal.show(document(answer), derivation_text(device, choice));
    return fail(ErrorKind::refused, fmt::format("there are no versions for {} that go together", device),
                "change one of the lines above: widen a range, pin what is meant (a prerelease counts only where a pin names it), take away a "
                "hold, or give a release that says otherwise");
  }
  if (!flag_of(answer, "certified")) {
    terminal.show(document(answer), no_plan_text(device, "any set of versions that go together", texts_of(answer, "reasons")));
    return fail(ErrorKind::refused, fmt::format("there are versions for {} that go together, but no certified plan leads to any", device),
                "lockstep plan why-not with the same options says what would help; or take away a pin or hold");
  }
  LOCKSTEP_TRY(plan, plan_file::parse(json::serialize(object_of(answer, "plan"))));
  LOCKSTEP_CHECK(write_outputs(terminal, out, plan));
  terminal.show(document(answer), set_text(choice) + '\n' + passed_over_text(choice) + certified_text(plan, flag_of(answer, "least")));
  return {};
}

}  // namespace lockstep::cli
