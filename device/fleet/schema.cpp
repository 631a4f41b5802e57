#include "device/fleet/schema.hpp"

namespace lockstep::fleet {
namespace {

using xml::Attribute;
using xml::Child;
using xml::Count;
using xml::Element;
using xml::Type;
using xml::Use;

constexpr Attribute fleet_attributes[] = {
    {"seed", Type::count, Use::required, "from which everything is drawn: the same file gives the same fleet"},
    {"begins", Type::text, Use::optional, "day and time of the fleet's week when the simulator starts", "mon 00:00"},
};

constexpr Attribute group_attributes[] = {
    {"name", Type::identifier, Use::required, "what these devices have in common"},
    {"count", Type::count, Use::required, "how many devices"},
    {"serial", Type::text, Use::required, "serial numbers: {n} stands for 1, 2, 3; {n:4} for 0001, 0002, 0003"},
    {"board", Type::identifier, Use::optional, "kind of hardware", "node-m3"},
    {"revision", Type::identifier, Use::optional, "revision of the hardware", "1.0"},
    {"product", Type::identifier, Use::optional, "what it is sold as", "thermostat"},
    {"mode", Type::choice, Use::optional, "how the bootloader updates", "swap", "swap overwrite direct-xip ram-load"},
    {"slot-size", Type::size, Use::optional, "bytes of slot 0, a multiple of 4 KiB", "512 KiB"},
    {"buffer", Type::size, Use::optional, "bytes of the largest request", "2048"},
    {"boot-time", Type::duration, Use::optional, "from reset to the first answer", "200 ms"},
    {"watchdog", Type::duration, Use::optional, "until a hanging application is reset", "2 s"},
};

constexpr Attribute image_attributes[] = {
    {"file", Type::file, Use::required, "signed image in slot 0 of a new device, beside this file"},
    {"percent", Type::number, Use::optional, "share of the devices that left the factory with it; one image may say "
                                             "nothing and takes the rest"},
};

constexpr Attribute software_attributes[] = {
    {"component", Type::identifier, Use::required, "what is used with the device: mobile-app, backend"},
    {"version", Type::version, Use::required, "of the software"},
    {"percent", Type::number, Use::optional, "share of the devices with which it is used", "100"},
};

constexpr Attribute contact_attributes[] = {
    {"every", Type::duration, Use::optional, "a sleeper wakes once in this time; the moment is drawn for each device"},
    {"for", Type::duration, Use::optional, "and can be reached for so long"},
    {"hours", Type::text, Use::optional, "only at this time of the day: 07:00-19:00, or 22:00-06:00 over midnight"},
    {"weekend", Type::choice, Use::optional, "off: from Saturday 00:00 to Monday 00:00 nobody is there", "on", "on off"},
};

constexpr Attribute link_attributes[] = {
    {"loss-percent", Type::number, Use::optional, "messages lost, in each direction", "0"},
    {"duplicate-percent", Type::number, Use::optional, "messages that arrive twice", "0"},
    {"corrupt-percent", Type::number, Use::optional, "messages in which one bit is wrong", "0"},
    {"delay", Type::duration, Use::optional, "of every message", "0 ms"},
    {"jitter", Type::duration, Use::optional, "up to so much more, so that messages overtake each other", "0 ms"},
};

constexpr Attribute fault_attributes[] = {
    {"kind", Type::choice, Use::required, "what goes wrong, as lockstep-sim --fault has it", {},
     "silent unhealthy no-reset-answer drop cut-at tear-at"},
    {"n", Type::count, Use::optional, "drop: every n-th answer; cut-at, tear-at: the flash operation"},
    {"off", Type::duration, Use::optional, "cut-at, tear-at: how long the power stays off", "1 s"},
    {"percent", Type::number, Use::optional, "share of the devices that have it, which ones is drawn"},
    {"devices", Type::text, Use::optional, "or these devices of the group: 3 17 20-25"},
};

constexpr Child fleet_children[] = {{"group", Count::at_least_one}};
constexpr Child group_children[] = {{"image", Count::at_least_one},
                                    {"software", Count::any},
                                    {"contact", Count::optional},
                                    {"link", Count::optional},
                                    {"fault", Count::any}};

constexpr Element elements[] = {
    {.name = "fleet", .attributes = fleet_attributes, .children = fleet_children,
     .doc = "devices for one lockstep-sim --fleet"},
    {.name = "group", .attributes = group_attributes, .children = group_children, .unique = "name",
     .doc = "devices of one kind"},
    {.name = "image", .attributes = image_attributes, .unique = "file", .doc = "what a device was made with"},
    {.name = "software", .attributes = software_attributes, .unique = "component version",
     .doc = "software beside the device, for the list of devices"},
    {.name = "contact", .attributes = contact_attributes,
     .doc = "when a device can be reached; without it always. All that is said must hold"},
    {.name = "link", .attributes = link_attributes, .doc = "how good the way to the device is; without it perfect"},
    {.name = "fault", .attributes = fault_attributes,
     .doc = "what goes wrong on some of the devices; of two that exclude each other the last one counts"},
};

constexpr xml::Schema table{.ns = "urn:lockstep:fleet:1", .root = "fleet", .elements = elements,
                            .doc = "Lockstep fleet scenario: simulated devices, when and how well they can be reached, "
                                   "and what goes wrong with them"};
static_assert(well_formed(table));

}  // namespace

const xml::Schema& schema() { return table; }

}  // namespace lockstep::fleet
