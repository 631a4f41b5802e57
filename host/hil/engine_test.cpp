// The engine on a fake rig: who gets the blame, what always runs, what is never lost.
#include <doctest/doctest.h>

#include <algorithm>

#include "host/base/json.hpp"
#include "host/hil/fake_rig.hpp"
#include "protocols/cbor/writer.hpp"

using namespace lockstep;
using namespace lockstep::hil;
using fake::contains;
using fake::power_off;
using fake::power_on;
using fake::Scene;
using fake::test_with;

namespace {

std::vector<std::byte> identity_answer(std::string_view serial) {
  std::array<std::byte, 256> buffer;
  cbor::Writer w(buffer);
  w.begin_map();
  w.key("rc").uint(0);
  w.key("serial").text(serial);
  w.key("uptime").uint(41);
  w.end();
  return {w.written().begin(), w.written().end()};
}

}  // namespace

TEST_CASE("a line that was printed while nobody waited is still found") {
  Scene scene(test_with(R"X(<wait for="20 ms" reason="let it boot"/>
    <expect regex="APP (?P&lt;version&gt;[0-9.]+) slot=(?P&lt;slot&gt;[AB])" within="1 s"><assert value="${version}" eq="1.0.0"/></expect>
    <expect literal="temperature" within="1 s"/>)X"));
  const RunResult result = scene.run();
  CHECK_MESSAGE(result.verdict == Verdict::passed, result.reason);
  REQUIRE(result.tests.at(0).attempts.size() == 1);
  const auto& captures = result.tests[0].attempts[0].captures;
  CHECK(captures.at(0) == std::pair<std::string, std::string>{"slot", "A"});
  CHECK(captures.at(1) == std::pair<std::string, std::string>{"version", "1.0.0"});
  CHECK(scene.file("console-log.log") == scene.world.boot_text);
  CHECK(scene.journal.said == std::vector<std::string>{"started", "t passed", "finished passed"});
}

TEST_CASE("the fault is the device's when it misbehaves on a sound rig") {
  struct Case {
    std::string_view steps, reason;
  };
  const Case cases[] = {
      {R"X(<expect regex="never" within="30 ms"/>)X", "3 other lines came, \"APP 1.0.0 slot=A\", \"temperature 21.5 Cel\""},
      {R"X(<expect regex="temperature" within="1 s" fail-on="APP 1\."/>)X", "console log said \"APP 1.0.0 slot=A\""},
      {R"X(<expect regex="APP (?P&lt;v&gt;\S+)"><assert value="${v}" eq="2.0.0"/></expect>)X", "is \"1.0.0\", must equal \"2.0.0\""},
      {R"X(<request group="node" command="identity" within="50 ms"/>)X", "no reply"},
      {R"X(<expect regex="APP (?P&lt;v&gt;\S+)( never (?P&lt;t&gt;\d+))?"/><measure name="m" value="${t}"/>)X", "measurement m was never set"},
      {R"X(<expect regex="APP (?P&lt;v&gt;\S+)( never (?P&lt;t&gt;\d+))?"/><log text="${t}"/>)X", "${t} was not set"},
      {R"X(<expect regex="temperature (?P&lt;t&gt;\S+)"/><measure name="m" unit="Cel" value="${t}" comp="LE" high="20"/>)X",
       "m = 21.5 Cel, must be at most 20"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.steps);
    Scene scene(test_with(c.steps));
    const RunResult result = scene.run();
    CHECK(result.verdict == Verdict::failed);
    CHECK_MESSAGE(contains(result.reason, c.reason), result.reason);
    CHECK(scene.world.times_off == 1);
  }
}

TEST_CASE("trouble of the rig is an error, and never passed or failed") {
  struct Case {
    std::string_view what;
    void (*spoil)(Scene&);
    std::string_view reason;
  };
  const Case cases[] = {
      {"the program is missing", [](Scene& s) { s.world.power_on_error = Error{ErrorKind::io, "cannot run qemu"}; }, "cannot run qemu"},
      {"the console never opens", [](Scene& s) { s.world.console_opens = false; }, "console log: no such socket"},
      {"the supply dies", [](Scene& s) { s.watch.also = [&s](const Progress& p) {
         if (p.subject == "wait" && !p.verdict) s.world.die("exited with status 1"); }; }, "power main: exited with status 1"},
      {"the console is lost", [](Scene& s) { s.watch.also = [&s](const Progress& p) {
         if (p.subject == "wait" && !p.verdict) s.world.hang_up(); }; }, "console log: hung up"},
      {"a driver has a defect", [](Scene& s) { s.world.throw_in_flash = true; }, "internal error in the step: a defect"},
      {"the flash cannot be written", [](Scene& s) { s.world.flash_error = Error{ErrorKind::io, "no space"}; }, "no space"},
      {"switching off fails", [](Scene& s) { s.world.power_off_error = Error{ErrorKind::io, "relay stuck"}; }, "relay stuck"},
      {"the start cannot be recorded", [](Scene& s) { s.journal.refuse = "started"; }, "disk full"},
      {"an attempt cannot be recorded", [](Scene& s) { s.journal.refuse = "attempt"; }, "disk full"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Scene scene(R"X(<params><param name="image" type="artifact" role="candidate"/></params>
      <setup><flash artifact="${image}"/><power state="on"/></setup>
      <test id="t"><wait for="30 ms" reason="x"/><expect literal="APP" within="40 ms"/></test>
      <test id="u"><expect literal="temperature" within="40 ms"/></test>
      <teardown><power state="off"/></teardown>)X");
    REQUIRE(write_file(scene.dir / "image.bin", "image"));
    scene.request.artifacts.push_back({"candidate", "app", "image.bin", (scene.dir / "image.bin").string(), ""});
    c.spoil(scene);
    const RunResult result = scene.run();
    CHECK(result.verdict == Verdict::error);
    CHECK_MESSAGE(contains(result.reason, c.reason), result.reason);
    CHECK_FALSE(scene.world.on);
    for (const TestRecord& test : result.tests) CHECK(test.verdict != Verdict::failed);
  }
}

TEST_CASE("a failure in setup leaves the question open: inconclusive, and the tests are skipped") {
  Scene scene(R"X(<setup><power state="on"/><expect literal="never" within="30 ms"/></setup>
    <test id="a"><expect literal="APP"/></test>)X" + std::string(power_off));
  const RunResult result = scene.run();
  CHECK(result.verdict == Verdict::inconclusive);
  CHECK(contains(result.reason, "setup: expect no line"));
  CHECK(result.tests.at(0).verdict == Verdict::skipped);
  CHECK(result.tests[0].reason == "blocked by setup");
  CHECK(scene.world.times_off == 1);
}

TEST_CASE("a test is skipped when one that it needs did not pass, and the next goes on") {
  Scene scene(std::string(power_on) + R"X(
    <test id="boots"><expect literal="never" within="20 ms"/></test>
    <test id="identity" needs="boots"><log text="x"/></test>
    <test id="deep" needs="identity"><log text="x"/></test>
    <test id="other"><log text="x"/></test>)X" + std::string(power_off));
  const RunResult result = scene.run();
  REQUIRE(result.tests.size() == 4);
  CHECK(result.tests[0].verdict == Verdict::failed);
  CHECK(result.tests[1].verdict == Verdict::skipped);
  CHECK(result.tests[1].reason == "blocked by boots");
  CHECK(result.tests[2].reason == "blocked by identity");
  CHECK(result.tests[3].verdict == Verdict::passed);
  CHECK(result.verdict == Verdict::failed);
}

TEST_CASE("attempts are kept, and a pass after a failure is passed-unstable") {
  Scene scene(std::string(power_on) + R"X(
    <test id="flaky" attempts="3" rerun-on="failed"><setup><power state="cycle" off-for="1 ms"/></setup>
      <expect literal="ready" within="30 ms"/></test>)X" + std::string(power_off));
  scene.watch.also = [&scene](const Progress& p) {
    // From the second attempt on the board says it.
    if (p.subject == "expect" && p.verdict == Verdict::failed) scene.world.boot_text += "ready\n";
  };
  const RunResult result = scene.run();
  const TestRecord& test = result.tests.at(0);
  CHECK(test.verdict == Verdict::passed_unstable);
  CHECK(result.verdict == Verdict::passed_unstable);
  REQUIRE(test.attempts.size() == 2);
  CHECK(test.attempts[0].verdict == Verdict::failed);
  CHECK(test.attempts[1].verdict == Verdict::passed);
  CHECK(contains(test.reason, "passed at attempt 2; the first ended as failed"));
  CHECK(scene.journal.said == std::vector<std::string>{"started", "flaky failed", "flaky passed", "finished passed-unstable"});
}

TEST_CASE("a failure is not run again when only trouble of the rig may be") {
  Scene scene(std::string(power_on) + R"X(<test id="t" attempts="3"><expect literal="never" within="10 ms"/></test>)X");
  const RunResult result = scene.run();
  CHECK(result.tests.at(0).attempts.size() == 1);
}

TEST_CASE("captures of a failed attempt are not there in the next") {
  Scene scene(std::string(power_on) + R"X(
    <test id="t" attempts="2" rerun-on="failed">
      <expect regex="temperature (?P&lt;t&gt;[0-9.]+)" within="30 ms"/>
      <measure name="temp" value="${t}"/><expect literal="never" within="10 ms"/></test>)X");
  const RunResult result = scene.run();
  const TestRecord& test = result.tests.at(0);
  REQUIRE(test.attempts.size() == 2);
  CHECK(test.attempts[0].measurements.at(0).value == 21.5);
  // The line was taken by the first attempt, so the second never measures; the gap is a row.
  CHECK(test.attempts[1].measurements.at(0).outcome == MeasureOutcome::unset);
}

TEST_CASE("teardown runs after a cancellation, each step of it, also after one that failed") {
  Scene scene(R"X(<setup><power state="on"/></setup>
    <test id="long"><wait for="1 h" reason="x"/></test><test id="later"><log text="x"/></test>
    <teardown><expect literal="never" within="10 ms"/><power state="off"/></teardown>)X");
  scene.watch.also = [&scene](const Progress& p) {
    if (p.subject == "wait" && !p.verdict) asio::post(scene.io, [&scene] { scene.control.cancel("asked to stop"); });
  };
  const RunResult result = scene.run();
  CHECK(result.tests.at(0).verdict == Verdict::cancelled);
  CHECK(result.tests.at(1).verdict == Verdict::cancelled);
  REQUIRE(result.teardown.size() == 2);
  CHECK(result.teardown[0].verdict == Verdict::failed);
  CHECK(result.teardown[1].verdict == Verdict::passed);
  CHECK_FALSE(scene.world.on);
  CHECK(scene.world.times_off == 1);
}

TEST_CASE("deadlines name what ran out: step, test, suite") {
  struct Case {
    std::string_view body, reason;
    Verdict verdict;
  };
  const Case cases[] = {
      {R"X(<test id="t"><update timeout="30 ms"/></test>)X", "not done within the step's 30 ms", Verdict::failed},
      {R"X(<test id="t" timeout="40 ms"><update/></test>)X", "not done within the test's 40 ms", Verdict::failed},
      {R"X(<test id="t"><wait for="1 h" reason="x" /></test>)X", "not done within the suite's 60 ms", Verdict::error},
      {R"X(<test id="t"><wait for="55 ms" reason="x"/><log text="x"/><wait for="10 ms" reason="x"/></test><test id="u"><log text="x"/></test>)X",
       "", Verdict::error},
  };
  for (const Case& c : cases) {
    CAPTURE(c.body);
    Scene scene(R"X(<params><param name="image" type="artifact" role="candidate"/></params>
      <timeouts suite="60 ms"/>)X" + std::string(power_on) + std::string(c.body));
    REQUIRE(write_file(scene.dir / "image.bin", "image"));
    scene.request.artifacts.push_back({"candidate", "app", "image.bin", (scene.dir / "image.bin").string(), ""});
    scene.world.hang_in_update = true;
    const RunResult result = scene.run();
    CHECK(result.tests.at(0).verdict == c.verdict);
    CHECK_MESSAGE(contains(result.tests[0].reason, c.reason), result.tests[0].reason);
    if (result.tests.size() > 1) CHECK(result.tests[1].verdict == Verdict::inconclusive);
  }
}

TEST_CASE("a run that cannot be about anything is blocked, and says everything that is missing") {
  Scene scene(R"X(<requires board="node-m4" tags="uart lan"><capability name="power.cut" value="timed"/><console name="aux"/></requires>
    <test id="t"><log text="x"/></test>)X");
  const RunResult result = scene.run();
  CHECK(result.verdict == Verdict::blocked);
  for (const char* part : {"needs board node-m4, bench-1 has node-m3", "needs tag uart", "needs tag lan",
                           "needs capability power.cut = timed, bench-1 has exact", "needs console aux"}) {
    CHECK_MESSAGE(contains(result.reason, part), result.reason);
  }
  CHECK(result.tests.at(0).verdict == Verdict::blocked);
  CHECK(scene.world.times_on == 0);
}

TEST_CASE("a missing image or parameter blocks the run; bytes that are not what was promised are an error") {
  const std::string body = R"X(<params><param name="image" type="artifact" role="candidate"/><param name="limit" type="number"/></params>
    <test id="t"><log text="${image.sha256} ${limit}"/></test>)X";
  Scene nothing(body);
  CHECK(contains(nothing.run().reason, "needs a candidate image of component app (parameter image), none was given"));
  Scene no_limit(body);
  REQUIRE(write_file(no_limit.dir / "image.bin", "image"));
  no_limit.request.artifacts.push_back({"candidate", "app", "image.bin", (no_limit.dir / "image.bin").string(), ""});
  const RunResult blocked = no_limit.run();
  CHECK(blocked.verdict == Verdict::blocked);
  CHECK(contains(blocked.reason, "needs parameter limit"));
  Scene wrong(body);
  REQUIRE(write_file(wrong.dir / "image.bin", "other"));
  wrong.request.artifacts.push_back({"candidate", "app", "image.bin", (wrong.dir / "image.bin").string(), std::string(64, 'a')});
  wrong.request.params["limit"] = "3";
  const RunResult bad = wrong.run();
  CHECK(bad.verdict == Verdict::error);
  CHECK(contains(bad.reason, "but aaaa"));
}

TEST_CASE("an SMP answer is judged by its paths, its error code and its captures") {
  struct Case {
    std::string_view inner;
    Verdict verdict;
    std::string_view reason;
  };
  const Case cases[] = {
      {R"X(<assert path="/serial" eq="${dut.serial}"/><assert path="/uptime" ge="40" le="42" ne="7"/><assert path="/serial" matches="SN-\d+"/>)X",
       Verdict::passed, ""},
      {R"X(<assert path="/serial" eq="SN-2"/>)X", Verdict::failed, "/serial is \"SN-1\", must equal \"SN-2\""},
      {R"X(<assert path="/uptime" le="40"/>)X", Verdict::failed, "/uptime is 41, must be at most 40"},
      {R"X(<assert path="/serial" ge="40"/>)X", Verdict::failed, "cannot be compared as a number"},
      {R"X(<assert path="/serial" matches="SN"/>)X", Verdict::failed, "must match /SN/"},
      {R"X(<assert path="/nothing" eq="1"/>)X", Verdict::failed, "the answer has no /nothing"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.inner);
    Scene scene(test_with("<request group=\"node\" command=\"identity\">" + std::string(c.inner) + "</request>"));
    scene.world.answer = [](const SmpRequest& r) -> Outcome<std::vector<std::byte>> {
      CHECK(r.group == 64);
      return identity_answer("SN-1");
    };
    const RunResult result = scene.run();
    CHECK(result.verdict == c.verdict);
    CHECK_MESSAGE(contains(result.reason, c.reason), result.reason);
  }
  Scene refused(test_with(R"X(<request group="image" command="state" op="write" rc="8"><send name="confirm" boolean="true"/></request>)X"));
  refused.world.answer = [](const SmpRequest& r) -> Outcome<std::vector<std::byte>> {
    CHECK(r.write);
    CHECK(std::get<bool>(r.values.at(0).value));
    return std::vector<std::byte>{std::byte{0xa1}, std::byte{0x62}, std::byte{'r'}, std::byte{'c'}, std::byte{8}};
  };
  CHECK(refused.run().verdict == Verdict::passed);
  Scene closed(test_with(R"X(<request group="os" command="params"/>)X"));
  closed.world.answer = [](const SmpRequest&) -> Outcome<std::vector<std::byte>> { return fail(ErrorKind::unreachable, "link does not open"); };
  CHECK(closed.run().verdict == Verdict::error);
}

TEST_CASE("times between marks are measured where the line was read") {
  Scene scene(test_with(R"X(<expect literal="APP" within="1 s" mark="booted"/><wait for="60 ms" reason="later than the line"/>
    <measure name="boot_time" unit="ms" from="power.on" to="booted" comp="LE" high="50" marginal="99 %"/>)X"));
  const RunResult result = scene.run();
  CHECK_MESSAGE(result.verdict == Verdict::passed, result.reason);
  const Measurement& boot = result.tests.at(0).attempts.at(0).measurements.at(0);
  REQUIRE(boot.value);
  CHECK(*boot.value >= 0);
  CHECK(*boot.value < 50);
}

TEST_CASE("a marginal measurement passes, and says so up to the run") {
  Scene scene(test_with(R"X(<expect regex="temperature (?P&lt;t&gt;\S+)"/>
    <measure name="temp" unit="Cel" value="${t}" comp="GELE" low="0" high="22" marginal="90 %"/>)X"));
  const RunResult result = scene.run();
  CHECK(result.verdict == Verdict::passed_marginal);
  CHECK(contains(result.reason, "close to the limit between 0 and 22"));
}

TEST_CASE("the live view is bounded, the log is not") {
  Scene scene(test_with(R"X(<wait for="50 ms" reason="much text"/><expect literal="line 4999" within="2 s"/>)X"));
  scene.world.boot_text.clear();
  for (int i = 0; i < 5000; ++i) scene.world.boot_text += "line " + std::to_string(i) + "\n";
  const RunResult result = scene.run();
  CHECK(result.verdict == Verdict::passed);
  const auto lines = std::ranges::count_if(scene.watch.seen, [](const Progress& p) { return p.kind == Progress::Kind::console; });
  CHECK(lines <= 4 * static_cast<long>(Progress::max_lines_per_second + 1));
  CHECK(scene.file("console-log.log") == scene.world.boot_text);
}
