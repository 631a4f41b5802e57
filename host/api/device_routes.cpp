// GET /v1/devices   GET /v1/devices/:device   POST /v1/devices/:device/refresh
// POST /v1/devices {"device", "link", "board"?, "revision"?, "serial"?, "software": {component: version}}
// POST /v1/devices/:device/software {component: version}
#include <fmt/format.h>

#include "host/api/engine_parts.hpp"
#include "host/api/releases.hpp"
#include "host/api/views.hpp"
#include "host/base/json.hpp"
#include "manifests/version/version.hpp"

namespace lockstep::api {
namespace {

Answer list_devices(Engine::Parts& parts) {
  const auto read = [](store::Store& store) { return store.queries().devices(); };
  LOCKSTEP_CO_TRY(devices, co_await parts.store.run(read));
  co_return list_of("devices", devices);
}

boost::asio::awaitable<Outcome<store::DeviceRow>> find_device(Engine::Parts& parts, std::string name) {
  const auto read = [&](store::Store& store) { return store.queries().find_device(name); };
  LOCKSTEP_CO_TRY(found, co_await parts.store.run(read));
  if (!found) {
    co_return fail(ErrorKind::not_found, "there is no device '" + name + "'", "`lockstep device list` shows them all");
  }
  co_return *std::move(found);
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

Outcome<store::Facts> software_from(const json::object& object) {
  store::Facts software;
  for (const auto& member : object) {
    LOCKSTEP_TRY(text, json_text(object, member.key()));
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
  if (name.empty() || name.find_first_of("/ \t\n@,") != std::string_view::npos) {
    return fail(ErrorKind::invalid, fmt::format("'{}' is no name for a device", name), "use letters, digits, '-', '.' and '_'");
  }
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

Answer add_device(Engine::Parts& parts, Request request) {
  LOCKSTEP_CO_TRY(body, parse_json_object(request.body));
  LOCKSTEP_CO_TRY(device, new_device_from(body));
  const session::LineSink no_log = [](std::string_view) {};
  const session::ClientFactory clients = session::smp_clients(parts.executor);
  auto client = clients(device.uri, no_log);
  LOCKSTEP_CO_CHECK(co_await identify(*client, device.added));
  LOCKSTEP_CO_TRY(report, co_await ask_device(std::move(client), device.added.device));
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
  LOCKSTEP_CO_TRY(software, software_from(body));
  store::DeviceSoftware event;
  event.device = name;
  event.software = std::move(software);
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
}

}  // namespace lockstep::api
