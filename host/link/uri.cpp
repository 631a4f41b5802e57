#include "host/link/uri.hpp"

#include <algorithm>
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/pchars.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <set>

namespace lockstep::link {
namespace {

namespace urls = boost::urls;

constexpr std::string_view schemes_help =
    "links look like smp+serial:///dev/ttyACM0, smp+unix:///run/board.sock, smp+udp://10.0.0.7:1337";

Fail<Error> bad(std::string_view uri, std::string why, std::string next = {}) {
  return fail(ErrorKind::invalid, "link '" + std::string(uri) + "': " + why, std::move(next));
}

Outcome<void> read_path(std::string_view text, const urls::url_view& url, LinkUri& out) {
  if (!url.host_address().empty() || url.has_port())
    return bad(text, "a path link has no host; '" + url.host_address() + "' was read as one",
               "write three slashes before the path");
  out.path = url.path();
  if (out.path.size() < 2 || out.path.front() != '/')
    return bad(text, "the absolute path is missing", std::string(schemes_help));
  if (out.path.find('\0') != std::string::npos) return bad(text, "the path holds a zero byte");
  return {};
}

bool is_host_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

Outcome<void> read_host(std::string_view text, const urls::url_view& url, LinkUri& out) {
  out.host = url.host_address();
  if (out.host.empty()) return bad(text, "the host is missing", std::string(schemes_help));
  if (url.host_type() == urls::host_type::name && !is_host_name(out.host))
    return bad(text, "the host is no name of a machine", "names have letters, digits, '.', '-' and '_'; IPv6 addresses stand in brackets");
  if (!url.path().empty() && url.path() != "/")
    return bad(text, "a UDP link has no path; '" + url.path() + "' was found");
  if (!url.has_port() || url.port().empty()) return {};
  const std::string_view digits = url.port();
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
  if (error != std::errc{} || end != digits.data() + digits.size() || out.port == 0) return bad(text, "port '" + std::string(url.port()) + "' is not in 1..65535");
  return {};
}

Outcome<void> read_baud(std::string_view text, std::string_view value, LinkUri& out) {
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out.baud);
  if (error != std::errc{} || end != value.data() + value.size() || out.baud < 50 || out.baud > 4'000'000)
    return bad(text, "baud '" + std::string(value) + "' is not a number of bits per second in 50..4000000");
  return {};
}

Outcome<void> read_framing(std::string_view text, std::string_view value, LinkUri& out) {
  if (value == "console")
    out.framing = Framing::console;
  else if (value == "raw")
    out.framing = Framing::raw;
  else
    return bad(text, "framing '" + std::string(value) + "' is unknown", "framing is console or raw");
  return {};
}

Outcome<void> read_parameter(std::string_view text, const std::string& key, const std::string& value,
                             LinkUri& out) {
  const bool stream = out.transport != Transport::udp;
  if (key == "baud" && out.transport == Transport::serial) return read_baud(text, value, out);
  if (key == "framing" && stream) return read_framing(text, value, out);
  if (key == "interface" && !stream && !value.empty()) {
    out.interface = value;
    return {};
  }
  const std::string known = out.transport == Transport::serial ? "baud and framing"
                            : stream                           ? "framing"
                                                               : "interface=NAME";
  return bad(text, "parameter '" + key + "' is not understood here", "this kind of link takes " + known);
}

// What may stand in a path or a value as it is.
std::string escaped(std::string_view raw) { return urls::encode(raw, urls::pchars + '/' - '&' - '=' - '+'); }

// Most who forget the scheme have typed a path. An address in brackets may have no zone for the reader of URIs.
std::string not_a_uri_help(std::string_view text) {
  const std::size_t open = text.find('['), zone = text.find('%'), close = text.find(']');
  if (open < zone && zone < close && close != text.npos)
    return "write " + std::string(text.substr(open, zone - open)) + "] and ?interface=NAME behind it";
  if (!text.starts_with('/')) return std::string(schemes_help);
  const bool serial = text.starts_with("/dev/");
  return (serial ? "for a serial line write smp+serial://" : "for a socket write smp+unix://") + escaped(text);
}

}  // namespace

Outcome<LinkUri> parse_link_uri(std::string_view text) {
  const auto parsed = urls::parse_uri(text);
  if (!parsed) return bad(text, "this is not a URI", not_a_uri_help(text));
  const urls::url_view url = *parsed;
  LinkUri out;
  const std::string scheme(url.scheme());
  if (scheme == "smp+serial")
    out.transport = Transport::serial;
  else if (scheme == "smp+unix")
    out.transport = Transport::unix_socket;
  else if (scheme == "smp+udp")
    out.transport = Transport::udp;
  else
    return bad(text, "the scheme '" + scheme + "' is unknown", std::string(schemes_help));

  if (url.has_userinfo()) return bad(text, "a link has no user: the protocol knows no authentication");
  if (url.has_fragment()) return bad(text, "a link has no '#' part", "write %23 for a '#' in a path");
  const bool udp = out.transport == Transport::udp;
  if (udp) out.framing = Framing::datagram;
  LOCKSTEP_CHECK(udp ? read_host(text, url, out) : read_path(text, url, out));
  std::set<std::string> seen;
  for (const auto parameter : url.params()) {
    if (!seen.insert(parameter.key).second)
      return bad(text, "parameter '" + parameter.key + "' is given twice");
    LOCKSTEP_CHECK(read_parameter(text, parameter.key, parameter.value, out));
  }
  return out;
}

std::string to_string(const LinkUri& uri) {
  if (uri.transport == Transport::udp) {
    const bool v6 = uri.host.find(':') != std::string::npos;
    std::string out = "smp+udp://" + (v6 ? "[" + uri.host + "]" : uri.host) + ":" + std::to_string(uri.port);
    return uri.interface.empty() ? out : out + "?interface=" + escaped(uri.interface);
  }
  const bool serial = uri.transport == Transport::serial;
  std::string out = (serial ? "smp+serial://" : "smp+unix://") + escaped(uri.path);
  char separator = '?';
  if (serial && uri.baud != LinkUri{}.baud) {
    out += "?baud=" + std::to_string(uri.baud);
    separator = '&';
  }
  if (uri.framing == Framing::raw) out += separator + std::string("framing=raw");
  return out;
}

std::string_view name(Framing framing) {
  switch (framing) {
    case Framing::console:
      return "console";
    case Framing::raw:
      return "raw";
    case Framing::datagram:
      return "datagram";
  }
  return "?";
}

}  // namespace lockstep::link
