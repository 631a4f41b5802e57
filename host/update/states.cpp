#include "host/update/states.hpp"

#include "host/update/transitions.hpp"

namespace lockstep::update {

std::optional<State> next_state(State from, Event event) {
  for (const Transition& t : transitions)
    if (t.from == from && t.event == event) return t.to;
  return std::nullopt;
}

std::string_view name(State s) {
  switch (s) {
    case State::queued:
      return "queued";
    case State::inspecting:
      return "inspecting";
    case State::uploading:
      return "uploading";
    case State::marking:
      return "marking";
    case State::resetting:
      return "resetting";
    case State::returning:
      return "returning";
    case State::checking:
      return "checking";
    case State::confirming:
      return "confirming";
    case State::verifying:
      return "verifying";
    case State::reverting:
      return "reverting";
    case State::succeeded:
      return "succeeded";
    case State::reverted:
      return "reverted";
    case State::failed:
      return "failed";
    case State::unreachable:
      return "unreachable";
    case State::cancelled:
      return "cancelled";
  }
  return "?";
}

std::string_view name(Event e) {
  switch (e) {
    case Event::started:
      return "started";
    case Event::image_missing:
      return "image missing";
    case Event::image_stored:
      return "image stored";
    case Event::image_pending:
      return "image pending";
    case Event::image_on_trial:
      return "image on trial";
    case Event::image_kept:
      return "image kept";
    case Event::told_to_reset:
      return "told to reset";
    case Event::healthy:
      return "healthy";
    case Event::unhealthy:
      return "unhealthy";
    case Event::went_back:
      return "went back";
    case Event::refused:
      return "refused";
    case Event::silent:
      return "silent";
    case Event::cancel:
      return "cancel";
  }
  return "?";
}

std::optional<State> state_from_name(std::string_view wanted) {
  for (int i = 0; i <= static_cast<int>(State::cancelled); ++i)
    if (const auto state = static_cast<State>(i); name(state) == wanted) return state;
  return std::nullopt;
}

}  // namespace lockstep::update
