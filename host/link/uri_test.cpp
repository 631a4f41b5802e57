#include "host/link/uri.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace lockstep::link {
namespace {

TEST_CASE("a serial link has a path, a baud rate and a framing") {
  const auto plain = parse_link_uri("smp+serial:///dev/ttyACM0");
  REQUIRE(plain);
  CHECK(plain->transport == Transport::serial);
  CHECK(plain->path == "/dev/ttyACM0");
  CHECK(plain->baud == 115200);
  CHECK(plain->framing == Framing::console);

  const auto full =
      parse_link_uri("smp+serial:///dev/serial/by-id/usb-ACME_node%20m3-if00?baud=1000000&framing=raw");
  REQUIRE(full);
  CHECK(full->path == "/dev/serial/by-id/usb-ACME_node m3-if00");
  CHECK(full->baud == 1'000'000);
  CHECK(full->framing == Framing::raw);
}

TEST_CASE("a UDP link takes names, IPv4 and IPv6 addresses; the port may be left out") {
  const auto v4 = parse_link_uri("smp+udp://10.0.0.7:4242");
  REQUIRE(v4);
  CHECK(v4->host == "10.0.0.7");
  CHECK(v4->port == 4242);
  CHECK(v4->framing == Framing::datagram);
  const auto v6 = parse_link_uri("smp+udp://[fe80::1]?interface=eth0");
  REQUIRE(v6);
  CHECK(v6->host == "fe80::1");
  CHECK(v6->port == 1337);
  CHECK(v6->interface == "eth0");
}

TEST_CASE("a link URI survives writing and reading") {
  for (const char* text :
       {"smp+serial:///dev/ttyACM0", "smp+serial:///dev/ttyACM0?baud=9600",
        "smp+serial:///tmp/a%20b%3Fc%23d?baud=9600&framing=raw", "smp+unix:///run/board0.sock",
        "smp+unix:///run/board0.sock?framing=raw", "smp+udp://10.0.0.7:1337",
        "smp+udp://[fe80::1]:1337?interface=eth0", "smp+udp://board.local:9"}) {
    CAPTURE(text);
    const auto uri = parse_link_uri(text);
    REQUIRE(uri);
    CHECK(to_string(*uri) == text);
    CHECK(*parse_link_uri(to_string(*uri)) == *uri);
  }
}

TEST_CASE("a cut link is refused or is what its text says") {
  for (const std::string_view whole : {"smp+serial:///dev/a%20b?baud=9600&framing=raw", "smp+unix:///run/b.sock?framing=raw",
                                       "smp+udp://[fe80::1]:1337?interface=eth0"}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::vector<char> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      const auto uri = parse_link_uri(std::string_view(exact.data(), exact.size()));
      CAPTURE(whole.substr(0, size));
      if (!uri) continue;
      const auto again = parse_link_uri(to_string(*uri));
      REQUIRE(again);
      CHECK(*again == *uri);
    }
  }
}

TEST_CASE("what is not a link is refused with the part that is wrong") {
  struct Case {
    const char* uri;
    const char* says;
  };
  for (const Case& c : {Case{"", "not a URI"},
                        {"/dev/ttyACM0", "not a URI"},
                        {"dfu+usb:1-2.3", "scheme 'dfu+usb'"},
                        {"smp+serial://dev/ttyACM0", "no host"},
                        {"smp+serial:", "path is missing"},
                        {"smp+serial:///", "path is missing"},
                        {"smp+unix:relative.sock", "path is missing"},
                        {"smp+serial:///dev/x?baud=fast", "baud 'fast'"},
                        {"smp+serial:///dev/x?baud=0", "baud '0'"},
                        {"smp+serial:///dev/x?baud=99999999999", "baud '99999999999'"},
                        {"smp+serial:///dev/x?speed=9600", "parameter 'speed'"},
                        {"smp+serial:///dev/x?baud=9600&baud=9600", "twice"},
                        {"smp+unix:///s?baud=9600", "parameter 'baud'"},
                        {"smp+unix:///s?framing=slip", "framing 'slip'"},
                        {"smp+udp://", "host is missing"},
                        {"smp+udp://g%1337", "no name of a machine"},  // decoded, it could not be written again
                        {"smp+udp://a%3Ab", "no name of a machine"},
                        {"smp+udp://[fe80::1%25lo]:1337", "not a URI"},
                        {"smp+udp://h:0", "port '0'"},
                        {"smp+udp://h:70000", "port"},
                        {"smp+udp://h:99999", "port '99999'"},  // an overflow must not become another device's port
                        {"smp+udp://h/path", "no path"},
                        {"smp+udp://h?framing=raw", "parameter 'framing'"},
                        {"smp+udp://user@h", "no user"},
                        {"smp+unix:///s#1", "'#'"},
                        {"smp+unix:///a%00b", "zero byte"}}) {
    CAPTURE(c.uri);
    const auto uri = parse_link_uri(c.uri);
    REQUIRE(!uri);
    CHECK(uri.error().kind == ErrorKind::invalid);
    CAPTURE(uri.error().what);
    CHECK(uri.error().what.find(c.says) != std::string::npos);
  }
}

TEST_CASE("a forgotten scheme and an IPv6 zone are answered with what to write") {
  CHECK(parse_link_uri("/dev/ttyACM0").error().next == "for a serial line write smp+serial:///dev/ttyACM0");
  CHECK(parse_link_uri("/run/board.sock").error().next == "for a socket write smp+unix:///run/board.sock");
  CHECK(parse_link_uri("smp+udp://[fe80::1%25lo]").error().next == "write [fe80::1] and ?interface=NAME behind it");
}

}  // namespace
}  // namespace lockstep::link
