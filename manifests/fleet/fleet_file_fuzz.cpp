// No input may break the reader of fleets. What it accepts becomes reports, and with the two releases below a schedule that
// the checker takes, or an error that is no defect.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/fleet/certified.hpp"
#include "manifests/fleet/fleet_file.hpp"

namespace {

using namespace lockstep;

// A part of a release; the digests are of no use here, but every part must have some.
std::string part(std::string_view start, char digit, std::string_view inside) {
  const std::string digest(64, digit);
  const bool firmware = start.starts_with("firmware");
  return "<" + std::string(start) + " size=\"9\" sha256=\"" + digest + "\"" +
         (firmware ? " file=\"x.bin\" image-hash=\"" + digest + "\">" : ">") + std::string(inside) +
         (firmware ? "</firmware>" : "</software>");
}

release::Release release_of(std::string_view version, std::string_view parts) {
  const auto parsed = release::parse(
      "<release xmlns=\"urn:lockstep:release:1\" product=\"gateway\" version=\"" + std::string(version) +
          "\"><hardware board=\"gw-1\"/><component name=\"bootloader\" kind=\"single\"/><component name=\"app\" kind=\"ab-trial\"/>"
          "<component name=\"radio\" kind=\"single\" via=\"app\" reboots=\"0\"/><component name=\"backend\" kind=\"service\"/>" +
          std::string(parts) + "</release>",
      std::string(version) + ".xml");
  if (!parsed) std::abort();
  return *parsed;
}

// The product of the corpus.
std::vector<release::Release> gateways() {
  const std::string_view old_app = "<requires component=\"app\" range=\"^1.0.0\"/>";
  const std::string_view new_app =
      "<requires component=\"app\" range=\"&gt;=1.0.0\"/><requires component=\"backend\" range=\"^1.1.0\"/>";
  const std::string one = part("firmware component=\"bootloader\" version=\"1.0.0\"", '1', "") +
                          part("firmware component=\"app\" version=\"1.0.0\" security-counter=\"1\"", '2',
                               "<data reads-from=\"1\" reads-to=\"1\" writes=\"1\" migrates=\"finalise\"/>"
                               "<requires component=\"radio\" range=\"^1.0.0\"/>") +
                          part("firmware component=\"radio\" version=\"1.0.0\"", '3', "") +
                          part("software component=\"backend\" version=\"1.0.0\"", '4', "") +
                          part("software component=\"mobile-app\" platform=\"android\" version=\"4.0.0\"", '5', old_app) +
                          part("software component=\"mobile-app\" platform=\"ios\" version=\"4.0.0\"", '6', old_app);
  const std::string two = part("firmware component=\"bootloader\" version=\"1.1.0\"", '7', "") +
                          part("firmware component=\"app\" version=\"2.0.0\" security-counter=\"2\"", '8',
                               "<data reads-from=\"1\" reads-to=\"2\" writes=\"2\" migrates=\"finalise\"/>"
                               "<requires component=\"bootloader\" range=\"&gt;=1.1.0\" when=\"installed\"/>"
                               "<requires component=\"mobile-app\" range=\"&gt;=4.1.0\"/>") +
                          part("firmware component=\"radio\" version=\"2.0.0\"", '9',
                               "<requires component=\"app\" range=\"&gt;=2.0.0\"/>") +
                          part("software component=\"backend\" version=\"1.1.0\"", 'a', "") +
                          part("software component=\"mobile-app\" platform=\"android\" version=\"4.1.0\"", 'b', new_app) +
                          part("software component=\"mobile-app\" platform=\"ios\" version=\"4.1.0\"", 'c', new_app);
  return {release_of("1.0.0", one), release_of("2.0.0", two)};
}

void schedule(const fleet::Census& census) {
  static const std::vector<release::Release> releases = gateways();
  auto catalogue = model::make_catalogue(releases);
  if (!catalogue) std::abort();
  for (const model::Report& report : fleet::reports(census)) {
    if (!model::add_reported(*catalogue, report)) return;
  }
  const auto relations = plan::Relations::make(*catalogue);
  if (!relations) return;
  const fleet::Options options{.limits = {.expansions = 1'000, .states = 5'000}, .finalise = true};
  const auto made = fleet::certified_schedule(*relations, census, releases[1], model::Scope::everything, options);
  if (!made && made.error().kind == ErrorKind::internal) std::abort();  // the checker refused what the scheduler made
  if (made) static_cast<void>(fleet::to_json(*made));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto census = fleet::parse({reinterpret_cast<const char*>(data), size});
  if (!census) return 0;
  static_cast<void>(fleet::reports(*census));
  // The scheduler's time goes with the devices; a few of them find what many do.
  if (census->devices.size() <= 6 && census->software.size() <= 8) schedule(*census);
  return 0;
}
