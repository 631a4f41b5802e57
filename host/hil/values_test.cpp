// Quantities, limits, verdicts, ${name} and command lines: the small decisions that verdicts rest on.
#include <doctest/doctest.h>

#include <cmath>

#include "host/hil/command_line.hpp"
#include "host/hil/limits.hpp"
#include "host/hil/quantity.hpp"
#include "host/hil/substitute.hpp"
#include "host/hil/verdict.hpp"

using namespace lockstep;
using namespace lockstep::hil;

namespace {

StepSpec measure(std::map<std::string, std::string, std::less<>> attributes) {
  StepSpec step{.name = "measure"};
  step.attributes = std::move(attributes);
  return step;
}

MeasureOutcome judged(const StepSpec& step, double value) {
  const auto limits = read_limits(step);
  REQUIRE_MESSAGE(limits, limits.error().what);
  return judge(*limits, value);
}

}  // namespace

TEST_CASE("a quantity is a number and a unit that we know") {
  CHECK(parse_quantity("1500 ms")->value == 1500);
  CHECK(parse_quantity("-4.5Cel")->unit == "Cel");
  CHECK(parse_quantity("12")->unit.empty());
  for (const char* wrong : {"", "ms", "1.5 parsecs", "inf s", "nan", "0x10 ms", "1,5 s", " 1 s"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_quantity(wrong));
  }
}

TEST_CASE("units convert within their kind only") {
  CHECK(*convert({1500, "ms"}, "s") == doctest::Approx(1.5));
  CHECK(*convert({2, "GiB"}, "MiB") == 2048);
  CHECK(*convert({0.25, "A"}, "mA") == doctest::Approx(250));
  CHECK(convert({1, "ms"}, "mA").error().what == "\"ms\" is a time, \"mA\" a current");
  CHECK_FALSE(convert({1, "Cel"}, "K"));
}

TEST_CASE("a duration needs a unit and a sane size") {
  CHECK(*parse_duration("1.5 s") == std::chrono::milliseconds(1500));
  CHECK(*parse_duration("500 us") == std::chrono::milliseconds(1));
  CHECK(parse_duration("20").error().what == "duration \"20\" has no unit; write for example \"20 s\"");
  for (const char* wrong : {"-1 s", "1 mA", "31 d", "1e300 h"}) CHECK_FALSE(parse_duration(wrong));
  CHECK(duration_text(std::chrono::milliseconds(90000)) == "90 s");
  CHECK(duration_text(std::chrono::minutes(10)) == "10 min");
  CHECK(duration_text(std::chrono::milliseconds(1500)) == "1500 ms");
}

TEST_CASE("each comparator takes its limits, and no others") {
  using enum MeasureOutcome;
  CHECK(judged(measure({{"comp", "LE"}, {"high", "10"}}), 10) == pass);
  CHECK(judged(measure({{"comp", "LT"}, {"high", "10"}}), 10) == fail);
  CHECK(judged(measure({{"comp", "GE"}, {"low", "10"}}), 10) == pass);
  CHECK(judged(measure({{"comp", "GT"}, {"low", "10"}}), 10) == fail);
  CHECK(judged(measure({{"comp", "GELE"}, {"low", "1"}, {"high", "2"}}), 2.01) == fail);
  CHECK(judged(measure({{"comp", "EQ"}, {"nominal", "3"}}), 3) == pass);
  CHECK(judged(measure({{"comp", "NE"}, {"nominal", "3"}}), 3) == fail);
  CHECK(judged(measure({{"comp", "EQT"}, {"nominal", "3.3"}, {"tolerance", "5 %"}}), 3.46) == pass);
  CHECK(judged(measure({{"comp", "EQT"}, {"nominal", "3.3"}, {"tolerance", "5 %"}}), 3.47) == fail);
  CHECK(judged(measure({}), 1e9) == pass);
  CHECK(judged(measure({{"comp", "LE"}, {"high", "1.5 s"}, {"unit", "ms"}}), 1501) == fail);
  CHECK(judged(measure({{"comp", "LE"}, {"high", "10"}}), std::nan("")) == fail);
}

TEST_CASE("marginal is the outer part of what is allowed") {
  using enum MeasureOutcome;
  const StepSpec upper = measure({{"comp", "LE"}, {"high", "1500"}, {"marginal", "90 %"}});
  CHECK(judged(upper, 1350) == pass);
  CHECK(judged(upper, 1351) == marginal);
  CHECK(judged(upper, 1501) == fail);
  const StepSpec lower = measure({{"comp", "GE"}, {"low", "-40"}, {"marginal", "90 %"}});
  CHECK(judged(lower, -35) == pass);
  CHECK(judged(lower, -37) == marginal);
  const StepSpec both = measure({{"comp", "GELE"}, {"low", "0"}, {"high", "100"}, {"marginal", "80 %"}});
  CHECK(judged(both, 11) == pass);
  CHECK(judged(both, 9) == marginal);
  CHECK(judged(both, 91) == marginal);
}

TEST_CASE("limits that do not make sense are refused with the reason") {
  const auto why = [](std::map<std::string, std::string, std::less<>> attributes) {
    const auto limits = read_limits(measure(std::move(attributes)));
    return limits ? std::string("accepted") : limits.error().what;
  };
  CHECK(why({{"comp", "LE"}}) == "comp=\"LE\" needs high=\"...\"");
  CHECK(why({{"comp", "LE"}, {"high", "1"}, {"low", "0"}}) == "comp=\"LE\" does not know low=\"...\"");
  CHECK(why({{"comp", "GELE"}, {"low", "2"}, {"high", "1"}}) == "low is above high");
  CHECK(why({{"high", "1"}}) == "high=\"...\" without comp=\"...\"");
  CHECK(why({{"comp", "LE"}, {"high", "1"}, {"marginal", "0.9"}}) == "marginal=\"0.9\": expected a share such as 90 %");
  CHECK(why({{"comp", "LE"}, {"high", "1 mA"}, {"unit", "ms"}}) == "high: \"mA\" is a current, \"ms\" a time");
}

TEST_CASE("verdicts have words and one order of severity") {
  for (int i = 0; i <= static_cast<int>(Verdict::error); ++i) {
    const auto verdict = static_cast<Verdict>(i);
    CHECK(parse_verdict(text(verdict)) == verdict);
  }
  CHECK_FALSE(parse_verdict("green"));
  CHECK(worst(Verdict::failed, Verdict::error) == Verdict::error);
  CHECK(worst(Verdict::passed, Verdict::passed_marginal) == Verdict::passed_marginal);
  CHECK_FALSE(is_pass(Verdict::skipped));
}

TEST_CASE("attempts are judged together: no pass hides a failure, no rig trouble excuses one") {
  using enum Verdict;
  const auto judge_all = [](std::initializer_list<Verdict> list) { return judge_attempts(std::span(list.begin(), list.size())); };
  CHECK(judge_all({passed}) == passed);
  CHECK(judge_all({passed_marginal}) == passed_marginal);
  CHECK(judge_all({failed, passed}) == passed_unstable);
  CHECK(judge_all({error, passed}) == passed_unstable);
  CHECK(judge_all({failed, error}) == failed);
  CHECK(judge_all({error, failed}) == failed);
  CHECK(judge_all({error, inconclusive}) == error);
  CHECK(judge_all({failed, cancelled}) == cancelled);
  CHECK(judge_all({}) == error);
}

TEST_CASE("${name} is replaced once, and quoted where asked") {
  const Values values{{"a", "1.0"}, {"b", "${a}"}};
  CHECK(substitute("x${a}y${b}", values).text == "x1.0y${a}");
  CHECK(substitute("${nope}", values).missing == std::vector<std::string>{"nope"});
  CHECK(substitute("${a}", values, [](std::string_view v) { return "[" + std::string(v) + "]"; }).text == "[1.0]");
  CHECK(names_in("a${b}c${d") == std::vector<std::string>{"b", "d"});
  CHECK(names_in("$ {b} $b").empty());
}

TEST_CASE("a command line is words; quotes keep blanks; there is no shell") {
  using Words = std::vector<std::string>;
  CHECK(*split_command("qemu  -M 'mps2 an385' \"\" a'b c'd") == Words{"qemu", "-M", "mps2 an385", "", "ab cd"});
  CHECK(*split_command("a; rm -rf $HOME") == Words{"a;", "rm", "-rf", "$HOME"});
  CHECK_FALSE(split_command(" "));
  CHECK_FALSE(split_command("a 'b"));
}
