#include "manifests/plan_file/plan_file.hpp"

#include <doctest/doctest.h>

#include <memory>

#include "host/base/files.hpp"
#include "manifests/plan_file/sample.hpp"

namespace lockstep::plan_file {
namespace {

std::string golden() {
  const auto text = read_text_file(LOCKSTEP_SOURCE_DIR "/manifests/plan_file/corpus/plan_file_fuzz/thermostat.json");
  REQUIRE(text);
  return *text;
}

// The golden file with one place changed.
std::string changed(std::string_view from, std::string_view to) {
  std::string text = golden();
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != text.npos, from);
  return text.replace(at, from.size(), to);
}

std::string parse_error(std::string_view text) {
  const auto parsed = parse(text);
  return parsed ? "no error" : parsed.error().what;
}
std::string read_error(std::string_view text, std::span<const release::Release> releases) {
  const auto parsed = parse(text);
  REQUIRE_MESSAGE(parsed, parsed.error().what);
  const auto certificate = read(*parsed, releases);
  return certificate ? "no error" : certificate.error().what;
}

// What the checker says about a file; "certified", or its sentence, or why there is nothing to check.
std::string verdict(std::string_view text) {
  const auto parsed = parse(text);
  if (!parsed) return parsed.error().what;
  const auto certificate = read(*parsed, sample::releases());
  if (!certificate) return certificate.error().what;
  const auto checked = check::check(certificate->catalogue, certificate->plan);
  return checked ? "certified" : check::text(certificate->catalogue, certificate->plan, checked.error());
}

TEST_CASE("a plan is written as the golden file has it") { CHECK(to_text(sample::document()) == golden()); }

TEST_CASE("a plan to the newest versions says by its goal where it leads") {
  CHECK(target_text(*parse(golden())) == "thermostat 2.0.0");
  const std::string newest = changed(R"("target": "2.0.0")", R"("target": "newest")");
  CHECK(verdict(newest) == "certified");
  CHECK(target_text(*parse(newest)) == "thermostat with app 2.0.0 and bootloader 1.1.0");
  CHECK(parse_error(changed(R"("target": "2.0.0")", R"("target": "newer")")).starts_with("$.target: "));
}

TEST_CASE("what was written is read as the same plan, and the checker certifies it") {
  const auto parsed = parse(golden());
  REQUIRE_MESSAGE(parsed, parsed.error().what);
  CHECK(*parsed == sample::document());
  CHECK(verdict(golden()) == "certified");
  const auto all = sample::releases();
  const auto certificate = read(*parsed, all);
  REQUIRE(certificate);
  CHECK(document(certificate->catalogue, certificate->plan,
                 {.device = "board-3", .target = "2.0.0", .releases = all}) == *parsed);
}

TEST_CASE("a version that no release describes may be what the device comes from") {
  auto report = sample::report();
  report.device.components[0].version = *version::parse("1.7.0");
  const auto all = sample::releases();
  auto catalogue = model::make_catalogue(all);
  REQUIRE(add_reported(*catalogue, report));
  const auto problem = make_problem(*catalogue, report, all[1]);
  REQUIRE(problem);
  const auto answer = plan::make_plan(*problem);
  REQUIRE(answer->verdict == plan::Verdict::found);
  const Document d = document(*catalogue, answer->plan, {.device = "board-3", .target = "2.0.0", .releases = all});
  CHECK(d.start[0].active == "1.7.0");
  CHECK(verdict(to_text(d)) == "certified");

  // But nothing moves to it.
  Document back = d;
  back.steps.push_back({.act = model::Act::stage, .targets = {{0, "1.7.0"}}, .after = back.steps.back().after});
  CHECK(read_error(to_text(back), all).find("a step brings app 1.7.0, which no release describes") != std::string::npos);
}

TEST_CASE("every beginning of a file is refused") {
  const std::string text = golden();
  for (std::size_t size = 0; size + 2 < text.size(); ++size) {
    CAPTURE(size);
    // Exactly as many bytes as there are, so that a reader that goes further is found by the sanitizer.
    const auto exact = std::make_unique<char[]>(size);
    std::copy_n(text.data(), size, exact.get());
    CHECK(!parse({exact.get(), size}));
  }
}

TEST_CASE("errors name the place") {
  CHECK(parse_error("[]") == "a JSON object is wanted here");
  CHECK(parse_error(changed("lockstep-plan", "lockstep-plot")) == "$.format: \"lockstep-plot\" is no plan of Lockstep");
  CHECK(parse_error(changed("\"format_version\": 1", "\"format_version\": 2")) ==
        "$.format_version: this program reads version 1, not 2");
  CHECK(parse_error(changed("\"board\"", "\"bord\"")) == "$: member \"bord\" of a plan is unknown; did you mean \"board\"?");
  CHECK(parse_error(changed("\"kind\": \"ab-trial\"", "\"kind\": \"ab-trail\"")) ==
        "$.components[0].kind: \"ab-trail\" is not known here; did you mean \"ab-trial\"?");
  CHECK(parse_error(changed("\"act\": \"activate\"", "\"act\": \"activat\""))
            .find(".act: \"activat\" is not known here; did you mean \"activate\"?") != std::string::npos);
  CHECK(parse_error(changed("\"active\": \"1.0.0\"", "\"active\": \"1.0\"")).starts_with("$.start.app.active: "));
  CHECK(parse_error(changed("\"counter\": 1", "\"counter\": 4294967296")) ==
        "$.start.app: member \"counter\" is 4294967296, at most 4294967295 can be");
  CHECK(parse_error(changed("\"active\": \"1.0.0\"", "\"activ\": \"1.0.0\"")) ==
        "$.start.app: member \"activ\" of a component on the device is unknown; did you mean \"active\"?");
  CHECK(parse_error(changed("\"product\": \"thermostat\"", "\"product\": \"thermostat\", \"product\": \"oven\"")) ==
        "member \"product\" is there twice");
  CHECK(parse_error(changed("\"name\": \"backend\"", "\"name\": \"app\"")) == "$.components[1]: \"app\" is there twice");
}

TEST_CASE("a plan is held against the very manifests it was made from") {
  auto all = sample::releases();
  CHECK(read_error(golden(), std::span(all).first(1)) ==
        "$.releases[1]: the plan was made from thermostat 2.0.0, which is missing here");
  all[1].sha256 = Sha256::of("another");
  const auto certificate = read(sample::document(), all);
  REQUIRE(!certificate);
  CHECK(certificate.error().kind == ErrorKind::conflict);
  CHECK(certificate.error().what.starts_with("$.releases[1]: the plan was made from thermostat 2.0.0 with sha256 "));

  const auto good = sample::releases();
  CHECK(read_error(changed("\"bootloader\": \"1.1.0\"", "\"bootloader\": \"1.1.1\""), good) ==
        "$.goal: no release has bootloader 1.1.1");
  CHECK(read_error(changed("\"bytes\": 24000", "\"bytes\": 23000"), good)
            .find("it costs 1 reboots and 24000 bytes, not 1 and 23000") != std::string::npos);
  CHECK(read_error(changed("\"irreversible\": ", "\"irreversible\": 1"), good) ==
        "$.cost: it is not the sum of what the steps cost");
}

TEST_CASE("a plan leads to what the release brings that it names, or is none") {
  const auto all = sample::releases();
  CHECK(read_error(changed(R"("target": "2.0.0")", R"("target": "1.0.0")"), all) ==
        "$.goal.app: thermostat 1.0.0 brings app 1.0.0, and the plan ends with 2.0.0");
  CHECK(read_error(changed(R"("target": "2.0.0")", R"("target": "9.9.9")"), all) == "$.target: thermostat 9.9.9 is none of the releases given");
  const std::string golden_goal = golden().substr(golden().find("\"goal\": {"));
  const std::string goal = golden_goal.substr(0, golden_goal.find('}') + 1);
  CHECK(read_error(changed(goal, "\"goal\": {}"), all).find("and the plan ends with whatever is there") != std::string::npos);
  std::string newest = changed(goal, "\"goal\": {}");
  const std::string target = R"("target": "2.0.0")";
  newest.replace(newest.find(target), target.size(), R"("target": "newest")");
  CHECK(read_error(newest, all) == "$.goal: it names no version");
}

TEST_CASE("a plan with one flipped field is not certified") {
  const Document good = sample::document();
  const auto refused = [&](std::string_view what, auto change) {
    CAPTURE(what);
    Document bad = good;
    change(bad);
    const std::string said = verdict(to_text(bad));
    CHECK(said != "certified");
  };
  for (std::size_t s = 0; s < good.steps.size(); ++s) {
    CAPTURE(s);
    refused("a step left out", [&](Document& d) {
      d.steps.erase(d.steps.begin() + static_cast<std::ptrdiff_t>(s));
    });
    refused("another act", [&](Document& d) {
      d.steps[s].act = d.steps[s].act == model::Act::confirm ? model::Act::retire : model::Act::confirm;
    });
    for (std::size_t i = 0; i < good.components.size(); ++i) {
      CAPTURE(i);
      if (!on_device(good.components[i].kind)) {
        refused("nothing in use", [&](Document& d) { d.steps[s].after[i].in_use.clear(); });
        continue;
      }
      refused("trial", [&](Document& d) { d.steps[s].after[i].trial = !d.steps[s].after[i].trial; });
      refused("counter", [&](Document& d) { ++d.steps[s].after[i].counter; });
      refused("epoch", [&](Document& d) { ++d.steps[s].after[i].epoch; });
    }
  }
  refused("board", [](Document& d) { d.board = "node-m4"; });
  refused("goal", [](Document& d) { d.goal[0] = "1.0.0"; });
}

TEST_CASE("faults are those of the model: a trial reverts, a write in place is torn") {
  const Document d = sample::document();
  bool reverted = false, torn = false;
  for (std::size_t s = 0; s < d.steps.size(); ++s) {
    for (const Fault& f : reverts(d, s)) {
      reverted = true;
      CHECK(d.components[f.component].label == "app");
      CHECK(f.state[f.component].active == "1.0.0");
      CHECK(!f.state[f.component].trial);
    }
    for (const Fault& f : cuts(d, s)) {
      torn = true;
      CHECK(d.components[f.component].label == "bootloader");
      CHECK(f.state[f.component].torn);
    }
  }
  CHECK(reverted);
  CHECK(torn);
  CHECK(reverts(d, d.steps.size()).empty());
}

}  // namespace
}  // namespace lockstep::plan_file
