#include "host/jobs/device_report.hpp"

#include <fmt/format.h>

namespace lockstep::jobs {

namespace asio = boost::asio;

namespace {

// A report is filed under the device's name only when the device at its link is the one of that name.
asio::awaitable<Outcome<void>> must_be_the_same(session::DeviceClient& client, const store::DeviceRow& device) {
  const update::ExpectedIdentity expected = expected_identity(device);
  auto said = co_await update::ask_identity(client, expected);
  if (said) co_return Outcome<void>();
  if (said.error().kind != ErrorKind::refused) co_return Fail(std::move(said).error());
  co_return fail(ErrorKind::refused, fmt::format("at the link of {}: {}", device.name, said.error().what),
                 fmt::format("plug the right one in, or tell where it is now: lockstep device set {} --link URI", device.name));
}

// Nothing when the image number has nothing that runs: a device in recovery.
std::optional<store::ComponentReport> report_of(const session::Inventory& inventory, const session::ImageComponent& of) {
  const session::ImageSlot* running = inventory.running(of.image);
  if (running == nullptr) return std::nullopt;
  store::ComponentReport report{.component = of.name, .version = running->version, .image_hash = running->hash,
                                .confirmed = running->confirmed, .idle_version = {}, .idle_hash = {}};
  for (const session::ImageSlot& slot : inventory.images) {
    if (slot.image != of.image || slot.active) continue;
    report.idle_version = slot.version;
    report.idle_hash = slot.hash;
    report.idle_pending = slot.pending;
  }
  return report;
}

store::Facts facts_of(const session::Inventory& inventory) {
  store::Facts facts;
  if (inventory.params) facts["buffer_size"] = std::to_string(inventory.params->buffer_size);
  if (!inventory.bootloader) return facts;
  facts["bootloader"] = inventory.bootloader->name;
  if (inventory.bootloader->mode) facts["boot_mode"] = std::to_string(*inventory.bootloader->mode);
  return facts;
}

}  // namespace

update::ExpectedIdentity expected_identity(const store::DeviceRow& device) {
  return {.board = device.board, .revision = device.revision, .serial = device.serial, .by_link = device.serial.empty()};
}

asio::awaitable<Outcome<store::DeviceUpdated>> ask_device(std::unique_ptr<session::DeviceClient> client,
                                                          std::string device) {
  LOCKSTEP_CO_TRY(inventory, co_await client->inventory());
  LOCKSTEP_CO_TRY(components, co_await client->components());
  store::DeviceUpdated report;
  report.device = std::move(device);
  for (const session::ImageComponent& component : components) {
    if (auto one = report_of(inventory, component)) report.components.push_back(*std::move(one));
  }
  report.facts = facts_of(inventory);
  auto health = co_await client->health();
  if (health) {
    report.health = health->healthy ? "healthy" : "unhealthy";
    report.detail = health->detail;
  } else if (health.error().kind != ErrorKind::not_found) {
    co_return Fail(health.error());
  }
  co_return report;
}

asio::awaitable<Outcome<store::DeviceUpdated>> ask_known_device(session::ClientFactory clients, store::DeviceRow device) {
  LOCKSTEP_CO_TRY(uri, link::parse_link_uri(device.link));
  const session::LineSink no_log = [](std::string_view) {};
  auto client = clients(uri, no_log);
  LOCKSTEP_CO_CHECK(co_await must_be_the_same(*client, device));
  auto report = co_await ask_device(std::move(client), device.name);
  co_return report;
}

}  // namespace lockstep::jobs
