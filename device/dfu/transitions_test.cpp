// The table, as the specification has it and as the device follows it.
#include "device/dfu/transitions.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "device/dfu/test_host.hpp"

using namespace lockstep;
using namespace lockstep::dfu;
using namespace lockstep::dfu::testing;

namespace {

constexpr std::uint8_t everything = attribute::can_download | attribute::can_upload;

const Buffer& image1() {
  static const Buffer image = make_image({.version = {1, 0, 0, 0}, .payload_size = 900});
  return image;
}
const Buffer& image2() {
  static const Buffer image = make_image({.version = {2, 0, 0, 0}, .payload_size = 1400});
  return image;
}

// A device in any of the eleven states.
struct In {
  explicit In(State wanted) : host(board, with_attributes(everything)) {
    board.put(0, image1());
    bring_to(wanted);
    REQUIRE(host.state() == wanted);
  }

  void bring_to(State wanted) {
    const Bytes image(image2());
    if (wanted == State::app_idle) return;
    REQUIRE(host.detach());
    if (wanted == State::app_detach) return;
    host.device.on_bus_reset();
    REQUIRE(host.get_state() == State::idle);  // no longer fresh
    switch (wanted) {
      case State::app_idle:
      case State::app_detach:
      case State::idle: return;
      case State::upload_idle: REQUIRE(host.upload(0, 64)); return;
      case State::error: REQUIRE_FALSE(host.dnload(0, {})); return;
      case State::dnload_sync: REQUIRE(host.dnload(0, image.first(100))); return;
      case State::dnload_busy:
        REQUIRE(host.dnload(0, image.first(100)));
        host.status();
        return;
      case State::dnload_idle: REQUIRE(host.send_block(0, image.first(transfer_size)) == Status::ok); return;
      case State::manifest_sync:
      case State::manifest:
      case State::manifest_wait_reset: break;
    }
    std::uint16_t number = 0;
    for (std::size_t at = 0; at < image.size(); at += transfer_size) {
      const auto n = std::min<std::size_t>(transfer_size, image.size() - at);
      REQUIRE(host.send_block(number++, image.subspan(at, n)) == Status::ok);
    }
    REQUIRE(host.dnload(number, {}));
    if (wanted == State::manifest_sync) return;
    host.status();
    if (wanted == State::manifest) return;
    host.device.function().work();
  }

  Board board;
  Host host;
};

enum class Ask { detach, dnload, dnload_end, upload, get_status, clear_status, get_state, abort, bus_reset, detach_timeout };

// Sends it. False: stalled.
bool ask(Host& host, Ask what) {
  const Bytes image(image2());
  switch (what) {
    case Ask::detach: return host.detach();
    case Ask::dnload: {
      const bool goes_on = host.state() == State::dnload_idle;
      return host.dnload(goes_on ? 1 : 0, goes_on ? image.subspan(transfer_size, 10) : image.first(100));
    }
    case Ask::dnload_end: return host.dnload(1, {});
    case Ask::upload: return host.upload(host.state() == State::upload_idle ? 1 : 0, 64).has_value();
    case Ask::get_status: return !host.device.control(Host::in(Request::get_status, 0, 6), {}).stalled;
    case Ask::clear_status: return host.clear_status();
    case Ask::get_state: return host.get_state().has_value();
    case Ask::abort: return host.abort();
    case Ask::bus_reset: host.device.on_bus_reset(); return true;
    case Ask::detach_timeout: host.device.function().on_detach_timeout(); return true;
  }
  return false;
}

// States by their numbers; "!": stalled. A column for each Ask. Written down from appendix A.2, where the first block
// of a download is pending, the end comes too early, and what the README lists as a deviation is as it says.
const std::map<State, std::string> expected{
    {State::app_idle, "1 !0 !0 !0 0 !0 0 !0 0 0"},
    {State::app_detach, "!0 !0 !0 !0 1 !0 1 !0 2 0"},
    {State::idle, "!10 3 !10 9 2 !10 2 2 0 2"},
    {State::dnload_sync, "!10 !10 !10 !10 4 !10 3 !10 0 3"},
    {State::dnload_busy, "!10 !10 !10 !10 !10 !10 !10 !10 0 4"},
    {State::dnload_idle, "!10 3 !10 !10 5 !10 5 2 0 5"},
    {State::manifest_sync, "!10 !10 !10 !10 7 !10 6 !10 0 6"},
    {State::manifest, "!10 !10 !10 !10 !10 !10 !10 !10 0 7"},
    {State::manifest_wait_reset, "!10 !10 !10 !10 8 !10 8 !10 0 8"},
    {State::upload_idle, "!10 !10 !10 9 9 !10 9 2 0 9"},
    {State::error, "!10 !10 !10 !10 10 2 10 !10 0 10"},
};

}  // namespace

TEST_CASE("every request in every state leads where appendix A.2 says") {
  for (const auto& [from, columns] : expected) {
    const State state = from;
    CAPTURE(text(state));
    std::istringstream words(columns);
    for (int i = 0; i <= static_cast<int>(Ask::detach_timeout); ++i) {
      CAPTURE(i);
      In in(state);
      std::string word;
      words >> word;
      REQUIRE_FALSE(word.empty());
      const bool stalls = word[0] == '!';
      CHECK(ask(in.host, static_cast<Ask>(i)) == !stalls);
      CHECK(in.host.state() == static_cast<State>(std::stoi(word.substr(stalls ? 1 : 0))));
    }
  }
}

TEST_CASE("a stalled request says why, and clear_status makes the device usable again") {
  for (const State state : {State::idle, State::dnload_sync, State::dnload_idle, State::manifest_sync, State::upload_idle}) {
    In in(state);
    CHECK_FALSE(in.host.detach());
    CHECK(in.host.status().status == Status::stalled_packet);
    CHECK(in.host.status().state == State::error);
    REQUIRE(in.host.clear_status());
    CHECK(in.host.status() == StatusReport{});
    CHECK(in.host.download(image2()) == Status::ok);
  }
}

TEST_CASE("the work of a block or a manifestation ends in its own state only") {
  for (const auto& [from, columns] : expected) {
    const State state = from;
    CAPTURE(text(state));
    In in(state);
    in.host.device.function().work();
    const bool block = state == State::dnload_busy, manifest = state == State::manifest;
    CHECK(in.host.state() == (block ? State::dnload_sync : manifest ? State::manifest_wait_reset : state));
  }
}

TEST_CASE("no row of the table is out of reach behind another one") {
  for (std::size_t i = 0; i < transitions.size(); ++i) {
    CAPTURE(i);
    bool reached = false;
    for (unsigned bits = 0; bits < 32; ++bits) {
      const Facts facts{.fine = (bits & 1) != 0, .pending = (bits & 2) != 0, .full = (bits & 4) != 0,
                        .tolerant = (bits & 8) != 0, .fresh = (bits & 16) != 0};
      std::size_t first = 0;
      while (first < i && !(transitions[first].from == transitions[i].from &&
                            transitions[first].event == transitions[i].event && holds(transitions[first].when, facts))) {
        ++first;
      }
      reached |= first == i && holds(transitions[i].when, facts);
    }
    CHECK(reached);
  }
}

TEST_CASE("the README has the same table") {
  std::ifstream file(LOCKSTEP_SOURCE_DIR "/device/README.md");
  std::stringstream readme;
  readme << file.rdbuf();
  constexpr Event columns[] = {Event::detach, Event::dnload, Event::dnload_end, Event::upload, Event::get_status,
                               Event::clear_status, Event::get_state, Event::abort, Event::bus_reset,
                               Event::detach_timeout, Event::work_done};
  for (unsigned s = 0; s <= static_cast<unsigned>(State::error); ++s) {
    std::string line = "| " + std::to_string(s) + " " + std::string(text(static_cast<State>(s))) + " |";
    for (const Event event : columns) {
      std::string cell;
      for (const Transition& t : transitions) {
        if (t.from != static_cast<State>(s) || t.event != event) continue;
        constexpr const char* conditions[] = {"", "f", "p", "", "m", "e", "t", "n", "q"};
        cell += (cell.empty() ? "" : ", ") + std::to_string(static_cast<unsigned>(t.to)) +
                conditions[static_cast<unsigned>(t.when)];
      }
      line += " " + cell + (cell.empty() ? "|" : " |");
    }
    CAPTURE(line);
    CHECK(readme.str().find(line + "\n") != std::string::npos);
  }
}
