#include "host/update/states.hpp"

#include <doctest/doctest.h>
#include <set>

#include "host/update/transitions.hpp"

namespace lockstep::update {
namespace {

constexpr int state_count = static_cast<int>(State::cancelled) + 1;

TEST_CASE("every state can be reached and every state that is no end has a way to one") {
  std::set<State> reached{State::queued};
  for (std::size_t before = 0; before != reached.size();) {
    before = reached.size();
    for (const Transition& t : transitions)
      if (reached.contains(t.from)) reached.insert(t.to);
  }
  CHECK(reached.size() == static_cast<std::size_t>(state_count));

  std::set<State> ending;
  for (int i = 0; i < state_count; ++i)
    if (is_end(static_cast<State>(i))) ending.insert(static_cast<State>(i));
  for (std::size_t before = 0; before != ending.size();) {
    before = ending.size();
    for (const Transition& t : transitions)
      if (ending.contains(t.to)) ending.insert(t.from);
  }
  CHECK(ending.size() == static_cast<std::size_t>(state_count));
}

TEST_CASE("success has one door: verifying, after a health check") {
  for (const Transition& t : transitions) {
    if (t.to != State::succeeded) continue;
    CHECK(t.from == State::verifying);
    CHECK(t.event == Event::healthy);
  }
}

TEST_CASE(
    "a silent device ends unreachable from every state that talks to it, at once or through returning") {
  for (int i = 0; i < state_count; ++i) {
    const auto state = static_cast<State>(i);
    if (is_end(state) || state == State::queued) continue;
    CAPTURE(name(state));
    const auto next = next_state(state, Event::silent);
    REQUIRE(next);
    CHECK((*next == State::unreachable || *next == State::returning));
  }
}

TEST_CASE("an event that a state does not know leads nowhere") {
  CHECK(!next_state(State::queued, Event::healthy));
  CHECK(!next_state(State::succeeded, Event::started));
}

TEST_CASE("state names are stable and read back") {
  for (int i = 0; i < state_count; ++i) {
    const auto state = static_cast<State>(i);
    CHECK(state_from_name(name(state)) == state);
  }
  CHECK(name(State::returning) == "returning");
  CHECK(!state_from_name("flying"));
}

}  // namespace
}  // namespace lockstep::update
