// GET /v1/devices   GET /v1/devices/:device   POST /v1/devices/:device/refresh
// POST /v1/devices {"device", "link", "board"?, "revision"?, "serial"?, "software": {component: version}}
// POST /v1/devices/:device/software {component: version}    an empty version forgets the component
// POST /v1/devices/:device/link {"link"}
#include <fmt/format.h>

#include "host/api/engine_parts.hpp"
#include "host/api/views.hpp"
#include "host/base/json.hpp"
#include "host/jobs/device_report.hpp"
#include "host/jobs/releases.hpp"
#include "manifests/version/version.hpp"

namespace lockstep::api {
namespace {

Answer list_devices(Engine::Parts& parts) {
  const auto read = [](store::Store& store) { return store.queries().devices(); };
  LOCKSTEP_CO_TRY(devices, co_await parts.store.run(read));
  co_return list_of("devices", devices);
}

// On the store's thread. Errors: not_found.
Outcome<store::DeviceRow> device_named(store::Store& store, const std::string& name) {
  LOCKSTEP_TRY(found, store.queries().find_device(name));
  if (!found) return fail(ErrorKind::not_found, "there is no device '" + name + "'", "`lockstep device list` shows them all");
  return *std::move(found);
}

boost::asio::awaitable<Outcome<store::DeviceRow>> find_device(Engine::Parts& parts, std::string name) {
  const auto read = [&](store::Store& store) { return device_named(store, name); };
  co_return co_await parts.store.run(read);
}

Answer show_device(Engine::Parts& parts, std::string name) {
  LOCKSTEP_CO_TRY(row, co_await find_device(parts, name));
  co_return to_json(row);
}

Answer refresh_device(Engine::Parts& parts, std::string name) {
  LOCKSTEP_CO_TRY(row, co_await find_device(parts, name));
  if (!row.active_job.empty()) {
    co_return fail(ErrorKind::conflict, name + " is busy with job " + row.active_job, "wait until it has ended");
  }
  LOCKSTEP_CO_TRY(report, co_await parts.jobs.observe(row));
  LOCKSTEP_CO_TRY(fresh, co_await find_device(parts, name));
  co_return to_json(fresh);
}

// What ends up in paths of the API, tables and subjects of events.
Outcome<void> must_be_a_name(std::string_view name, std::string_view what) {
  constexpr std::size_t longest = 64;
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
  const bool good = !name.empty() && name.size() <= longest && name[0] != '.' && name[0] != '-' &&
                    name.find_first_not_of(allowed) == std::string_view::npos;
  if (good) return {};
  return fail(ErrorKind::invalid, fmt::format("{} is no name for {}", in_quotes(name.substr(0, longest)), what),
              "use up to 64 letters, digits, '-', '.' and '_', and begin with a letter, a digit or '_'");
}

Outcome<store::Facts> software_from(const json::object& object) {
  store::Facts software;
  for (const auto& member : object) {
    LOCKSTEP_TRY(text, json_text(object, member.key()));
    LOCKSTEP_CHECK(must_be_a_name(member.key(), "a software component"));
    if (text.empty()) {
      software[std::string(member.key())] = "";
      continue;
    }
    auto version = version::parse(text);
    if (!version) return Fail(version.error().in("software " + std::string(member.key())));
    software[std::string(member.key())] = version->text();
  }
  return software;
}

struct NewDevice {
  store::DeviceAdded added;
  store::Facts software;
  link::LinkUri uri;
};

Outcome<NewDevice> new_device_from(const json::object& body) {
  NewDevice device;
  LOCKSTEP_TRY(name, json_text(body, "device"));
  LOCKSTEP_TRY(link, json_text(body, "link"));
  LOCKSTEP_TRY(uri, link::parse_link_uri(link));
  LOCKSTEP_CHECK(must_be_a_name(name, "a device"));
  device.added.device = std::string(name);
  device.added.link = link::to_string(uri);
  device.uri = uri;
  const auto optional_text = [&](std::string_view member, std::string& into) -> Outcome<> {
    LOCKSTEP_TRY(text, optional_json_text(body, member));
    if (text) into = std::string(*text);
    return {};
  };
  LOCKSTEP_CHECK(optional_text("board", device.added.board));
  LOCKSTEP_CHECK(optional_text("revision", device.added.revision));
  LOCKSTEP_CHECK(optional_text("serial", device.added.serial));
  if (body.contains("software")) {
    LOCKSTEP_TRY(software, json_object(body, "software"));
    LOCKSTEP_TRY(versions, software_from(*software));
    device.software = std::move(versions);
  }
  return device;
}

// What the user said must agree with what the device says; what the user left out is taken from the device.
Outcome<void> adopt(std::string& said, const std::string& reported, std::string_view what) {
  if (said.empty()) said = reported;
  if (reported.empty() || said == reported) return {};
  return fail(ErrorKind::refused, fmt::format("the device at this link says its {} is '{}', not '{}'", what, reported, said),
              "check which device is plugged in there");
}

boost::asio::awaitable<Outcome<void>> identify(session::DeviceClient& client, store::DeviceAdded& added) {
  auto identity = co_await client.identity();
  if (!identity && identity.error().kind == ErrorKind::not_found) {
    if (added.board.empty()) {
      co_return fail(ErrorKind::refused, "the device cannot say which board it is",
                     "say it yourself: --board NAME --revision R");
    }
    co_return Outcome<void>{};
  }
  if (!identity) co_return Fail(identity.error());
  LOCKSTEP_CO_CHECK(adopt(added.board, identity->board, "board"));
  LOCKSTEP_CO_CHECK(adopt(added.revision, identity->revision, "revision"));
  LOCKSTEP_CO_CHECK(adopt(added.serial, identity->serial, "serial number"));
  added.product = identity->product;
  co_return Outcome<void>{};
}

std::unique_ptr<session::DeviceClient> client_at(Engine::Parts& parts, const link::LinkUri& uri) {
  return session::smp_clients(parts.executor)(uri, [](std::string_view) {});
}

// One board under two names would count as two: a canary of two that is one.
Outcome<void> must_be_another_board(store::Store& store, const store::DeviceAdded& added) {
  if (added.serial.empty()) return {};
  LOCKSTEP_TRY(devices, store.queries().devices());
  for (const store::DeviceRow& known : devices) {
    if (known.serial != added.serial || known.board != added.board || known.name == added.device) continue;
    return fail(ErrorKind::conflict, fmt::format("{} {} is known already, as device {}", added.board, added.serial, known.name),
                fmt::format("`lockstep device set {} --link URI` tells where it is now", known.name));
  }
  return {};
}

Answer add_device(Engine::Parts& parts, Request request) {
  LOCKSTEP_CO_TRY(body, parse_json_object(request.body));
  LOCKSTEP_CO_TRY(device, new_device_from(body));
  auto client = client_at(parts, device.uri);
  LOCKSTEP_CO_CHECK(co_await identify(*client, device.added));
  const auto is_new = [&](store::Store& store) { return must_be_another_board(store, device.added); };
  LOCKSTEP_CO_CHECK(co_await parts.store.run(is_new));
  LOCKSTEP_CO_TRY(report, co_await jobs::ask_device(std::move(client), device.added.device));
  const std::string name = device.added.device;
  std::vector<store::EventBody> events;
  events.emplace_back(std::move(device.added));
  events.emplace_back(store::DeviceSoftware{name, std::move(device.software)});
  events.emplace_back(std::move(report));
  LOCKSTEP_CO_TRY(appended, co_await parts.store.append_all(std::move(events), "api"));
  co_return co_await show_device(parts, name);
}

Answer set_software(Engine::Parts& parts, std::string name, Request request) {
  LOCKSTEP_CO_TRY(body, parse_json_object(request.body));
  LOCKSTEP_CO_TRY(said, software_from(body));
  // Read and written in one go: two who say something at once must not undo each other's.
  const auto merge = [&](store::Store& store) -> Outcome<void> {
    LOCKSTEP_TRY(row, device_named(store, name));
    store::DeviceSoftware event;
    event.device = name;
    event.software = std::move(row.software);
    for (const auto& [component, version] : said) {
      if (version.as_string().empty()) event.software.erase(component);
      else event.software[component] = version;
    }
    LOCKSTEP_TRY(kept, store.append(std::move(event), "api"));
    return {};
  };
  LOCKSTEP_CO_CHECK(co_await parts.store.run(merge));
  co_return co_await show_device(parts, name);
}

// The device must be the same one at its new place.
Answer move_device(Engine::Parts& parts, std::string name, Request request) {
  LOCKSTEP_CO_TRY(body, parse_json_object(request.body));
  LOCKSTEP_CO_TRY(text, json_text(body, "link"));
  LOCKSTEP_CO_TRY(uri, link::parse_link_uri(text));
  LOCKSTEP_CO_TRY(row, co_await find_device(parts, name));
  if (!row.active_job.empty()) {
    co_return fail(ErrorKind::conflict, name + " is busy with job " + row.active_job, "wait until it has ended");
  }
  store::DeviceAdded same;
  same.device = name;
  same.board = row.board;
  same.revision = row.revision;
  same.serial = row.serial;
  auto client = client_at(parts, uri);
  LOCKSTEP_CO_CHECK(co_await identify(*client, same));
  store::DeviceMoved event;
  event.device = name;
  event.link = link::to_string(uri);
  LOCKSTEP_CO_TRY(appended, co_await parts.store.append(std::move(event), "api"));
  co_return co_await show_device(parts, name);
}

}  // namespace

void add_device_routes(Router& router, Engine::Parts& parts) {
  router.add("GET", "/v1/devices", [&parts](Request, Parameters) { return list_devices(parts); });
  router.add("POST", "/v1/devices", [&parts](Request request, Parameters) { return add_device(parts, std::move(request)); });
  router.add("GET", "/v1/devices/:device", [&parts](Request, Parameters p) { return show_device(parts, p["device"]); });
  router.add("POST", "/v1/devices/:device/refresh",
             [&parts](Request, Parameters p) { return refresh_device(parts, p["device"]); });
  router.add("POST", "/v1/devices/:device/software", [&parts](Request request, Parameters p) {
    return set_software(parts, p["device"], std::move(request));
  });
  router.add("POST", "/v1/devices/:device/link", [&parts](Request request, Parameters p) {
    return move_device(parts, p["device"], std::move(request));
  });
}

}  // namespace lockstep::api
