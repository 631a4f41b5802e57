#include "host/session/probe.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "host/session/smp_client.hpp"

namespace lockstep::session {
namespace {

namespace json = boost::json;

constexpr std::size_t log_lines_most = 20;

// One answer into the report; a refusal is noted. False when the link or the device went away.
template <class T, class U>
bool take(ProbeReport& report, std::string_view what, Outcome<T> answer, std::optional<U>& into) {
  if (answer)
    into = *std::move(answer);
  else
    report.missing.push_back(std::string(what) + ": " + answer.error().what);
  return into.has_value();
}

asio::awaitable<void> measure(SmpClient& client, ProbeReport& report) {
  for (int i = 0; i < 3; ++i) {
    const auto begun = Channel::Clock::now();
    auto echoed = co_await client.echo(1500, 1);
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Channel::Clock::now() - begun);
    if (!echoed) {
      report.missing.push_back("echo: " + echoed.error().what);
      co_return;
    }
    report.round_trip = i == 0 ? took : std::min(report.round_trip, took);
  }
}

std::string spoken(const SmpClient& client) {
  return client.legacy().value_or(false) ? "SMP v1 (legacy)" : "SMP v2";
}

json::object to_json(const ImageSlot& slot) {
  json::object out;
  out["image"] = slot.image;
  out["slot"] = slot.slot;
  out["version"] = slot.version;
  out["hash"] = slot.hash;
  out["bootable"] = slot.bootable;
  out["pending"] = slot.pending;
  out["confirmed"] = slot.confirmed;
  out["active"] = slot.active;
  out["permanent"] = slot.permanent;
  return out;
}

json::array to_json(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.push_back(json::string(text));
  return out;
}

json::value to_json(const BootloaderInfo& info) {
  json::object out;
  out["name"] = info.name;
  if (info.mode)
    out["mode"] = *info.mode;
  else
    out["mode"] = nullptr;
  out["no_downgrade"] = info.no_downgrade;
  return out;
}

json::value to_json(const Identity& identity) {
  json::object out;
  out["board"] = identity.board;
  out["revision"] = identity.revision;
  out["serial"] = identity.serial;
  out["product"] = identity.product;
  return out;
}

}  // namespace

asio::awaitable<Outcome<ProbeReport>> probe(asio::any_io_executor executor, link::LinkUri uri,
                                            link::LinkOpener opener) {
  ProbeReport report{.uri = to_string(uri)};
  SmpClient client(
      executor, uri,
      [&report](std::string_view line) {
        if (report.log.size() < log_lines_most) report.log.emplace_back(line);
      },
      opener);
  const auto begun = Channel::Clock::now();
  auto images = co_await client.images();
  report.round_trip = std::chrono::duration_cast<std::chrono::microseconds>(Channel::Clock::now() - begun);
  // Silence on the image list may be a server without image group; on echo, too, it is no server.
  if (!images && images.error().kind == ErrorKind::unreachable) {
    auto alive = co_await client.echo(1500, 1);
    if (!alive) co_return Fail(std::move(images).error());
  }
  if (!images && !client.legacy()) co_return Fail(std::move(images).error());
  report.protocol = spoken(client);
  take(report, "image list", std::move(images), report.images);
  co_await measure(client, report);
  auto params = co_await client.params();
  take(report, "parameters", std::move(params), report.params);
  auto bootloader = co_await client.bootloader();
  take(report, "bootloader information", std::move(bootloader), report.bootloader);
  auto os_info = co_await client.os_info();
  take(report, "system information", std::move(os_info), report.os_info);
  auto identity = co_await client.identity();
  take(report, "identity", std::move(identity), report.identity);
  auto health = co_await client.health();
  take(report, "health", std::move(health), report.health);
  co_return report;
}

json::value to_json(const ProbeReport& report) {
  json::object out;
  out["uri"] = report.uri;
  out["protocol"] = report.protocol;
  out["round_trip_us"] = static_cast<std::int64_t>(report.round_trip.count());
  out["params"] = nullptr;
  if (report.params) {
    json::object params;
    params["buffer_size_bytes"] = report.params->buffer_size;
    params["buffer_count"] = report.params->buffer_count;
    out["params"] = std::move(params);
  }
  out["bootloader"] = report.bootloader ? to_json(*report.bootloader) : nullptr;
  if (report.os_info)
    out["os_info"] = *report.os_info;
  else
    out["os_info"] = nullptr;
  out["images"] = nullptr;
  if (report.images) {
    json::array images;
    for (const ImageSlot& slot : *report.images) images.push_back(to_json(slot));
    out["images"] = std::move(images);
  }
  out["identity"] = report.identity ? to_json(*report.identity) : nullptr;
  out["health"] = nullptr;
  if (report.health) {
    json::object health;
    health["healthy"] = report.health->healthy;
    health["detail"] = report.health->detail;
    out["health"] = std::move(health);
  }
  out["missing"] = to_json(report.missing);
  out["log"] = to_json(report.log);
  return out;
}

}  // namespace lockstep::session
