#include "manifests/release/schema.hpp"

#include <array>

namespace lockstep::release {
namespace {

using xml::Attribute;
using xml::Child;
using xml::Count;
using xml::Element;
using xml::Type;
using xml::Use;

constexpr Attribute release_attributes[] = {
    {"product", Type::identifier, Use::required, "what the release is for; devices belong to one product"},
    {"version", Type::version, Use::required, "version of the release as a whole"},
    {"title", Type::text, Use::optional, "what people call it"},
};

constexpr Attribute hardware_attributes[] = {
    {"board", Type::identifier, Use::required, "name of the board, as the device reports it"},
    {"revisions", Type::revisions, Use::optional, "which revisions of it; 2 counts as 2.0.0", "*"},
};

constexpr Attribute component_attributes[] = {
    {"name", Type::identifier, Use::required, "the component that this is about, brought by this release or not"},
    {.name = "kind", .type = Type::choice,
     .doc = "on the device: ab-trial (two slots; a new image is on trial until it is confirmed), ab-late (two slots; the "
            "bootloader may go back at any time), single (one slot, written in place); beside it: app (people update it "
            "when they like), service (we switch it)",
     .choices = "ab-trial ab-late single app service"},
    {"via", Type::identifier, Use::optional, "the component through which it is written: the radio's by the application"},
    {"reboots", Type::count, Use::optional, "what one activation costs; 0 when it is loaded without a reboot", "1"},
};

constexpr Attribute firmware_attributes[] = {
    {"component", Type::identifier, Use::required, "what the image is on the device: app, bootloader, radio"},
    {"version", Type::version, Use::required, "as the image's header says it"},
    {"file", Type::file, Use::required, "the signed image, beside this manifest"},
    {"size", Type::size, Use::required, "bytes of the file"},
    {"sha256", Type::sha256, Use::required, "SHA-256 of the file"},
    {"image-hash", Type::sha256, Use::required, "the image's own hash (MCUboot TLV 0x10): what the device reports"},
    {"security-counter", Type::count, Use::optional, "devices never go back below it", "0"},
    {"one-way", Type::boolean, Use::optional, "once it is finalised nobody goes back, whatever else fits", "false"},
};

// In a draft, what can be computed from the files may still be missing.
template <std::size_t n>
constexpr std::array<Attribute, n> with_gaps(const Attribute (&attributes)[n]) {
  std::array<Attribute, n> out{};
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = attributes[i];
    const std::string_view name = out[i].name;
    if (name == "size" || name == "sha256" || name == "image-hash") out[i].use = Use::optional;
  }
  return out;
}

constexpr Attribute from_attributes[] = {
    {"range", Type::range, Use::required, "installed versions from which one may come directly"},
};

constexpr Attribute data_attributes[] = {
    {"reads-from", Type::count, Use::required, "oldest format (epoch) of the component's stored data that it can read"},
    {"reads-to", Type::count, Use::required, "newest one"},
    {"writes", Type::count, Use::optional, "the epoch that it brings the data to; absent: it leaves them as they are"},
    {.name = "migrates", .type = Type::choice, .use = Use::optional,
     .doc = "when it does so: boot (its first one, still on trial) or finalise (when nobody will go back)",
     .fallback = "finalise", .choices = "boot finalise"},
};

constexpr Attribute requires_attributes[] = {
    {"component", Type::identifier, Use::required, "the other component, on the device or beside it"},
    {"range", Type::range, Use::required, "its versions that work together with this one"},
    {.name = "when", .type = Type::choice, .use = Use::optional,
     .doc = "active: while this version runs; installed: while it is in a slot that may boot; during-flash: while it is "
            "written. Software can say active only",
     .fallback = "active", .choices = "active installed during-flash"},
};

constexpr Attribute software_attributes[] = {
    {"component", Type::identifier, Use::required, "what it is: mobile-app, desktop-app, backend"},
    {"platform", Type::identifier, Use::optional, "where it runs, when there are several: android, ios"},
    {"version", Type::version, Use::required, "of the software"},
    {"sha256", Type::sha256, Use::required, "SHA-256 of the package"},
    {"size", Type::size, Use::required, "bytes of the package"},
    {"file", Type::file, Use::optional, "the package, beside this manifest"},
};

constexpr Child release_children[] = {
    {"hardware", Count::at_least_one}, {"component", Count::any}, {"firmware", Count::at_least_one},
    {"software", Count::any}};
constexpr Child firmware_children[] = {{"from", Count::optional}, {"data", Count::optional}, {"requires", Count::any}};
constexpr Child software_children[] = {{"requires", Count::any}};

constexpr auto draft_firmware_attributes = with_gaps(firmware_attributes);
constexpr auto draft_software_attributes = with_gaps(software_attributes);

constexpr std::array<Element, 8> elements_with(std::span<const Attribute> firmware, std::span<const Attribute> software) {
  return {{
    {.name = "release", .attributes = release_attributes, .children = release_children,
     .doc = "which firmware and software belong together"},
    {.name = "hardware", .attributes = hardware_attributes, .unique = "board",
     .doc = "a board that the release runs on"},
    {.name = "component", .attributes = component_attributes, .unique = "name",
     .doc = "how a component is updated, for all its versions; absent: ab-trial on the device, app beside it"},
    {.name = "firmware", .attributes = firmware, .children = firmware_children, .unique = "component",
     .doc = "an image for one component of the device"},
    {.name = "from", .attributes = from_attributes,
     .doc = "stepping stones: without it one may come from any version"},
    {.name = "data", .attributes = data_attributes,
     .doc = "what it does with its stored data; without it: reads every epoch, writes none"},
    {.name = "requires", .attributes = requires_attributes, .unique = "component when",
     .doc = "works only together with these versions of another component"},
    {.name = "software", .attributes = software, .children = software_children,
     .unique = "component platform version",
     .doc = "software beside the device; people update it when they like"},
  }};
}

constexpr auto elements = elements_with(firmware_attributes, software_attributes);
constexpr auto draft_elements = elements_with(draft_firmware_attributes, draft_software_attributes);

constexpr xml::Schema table{
    .ns = "urn:lockstep:release:1", .root = "release", .elements = elements,
    .doc = "Lockstep release manifest: firmware images paired with the software that works with them"};
static_assert(well_formed(table));

constexpr xml::Schema draft_table{
    .ns = table.ns, .root = table.root, .elements = draft_elements,
    .doc = "Draft of a Lockstep release manifest: digests and sizes may be missing"};
static_assert(well_formed(draft_table));

}  // namespace

const xml::Schema& schema() { return table; }
const xml::Schema& draft_schema() { return draft_table; }

}  // namespace lockstep::release
