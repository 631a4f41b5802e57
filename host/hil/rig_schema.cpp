#include "host/hil/schema.hpp"

namespace lockstep::hil {
namespace {

using xml::Count;
using xml::Type;
using xml::Use;

constexpr xml::Attribute rig_attributes[] = {
    {"id", Type::identifier, Use::required, "name of the place; part of every result"},
    {"site", Type::text, Use::optional, "where it stands"},
    {"comment", Type::text, Use::optional, "for people"},
    {"tags", Type::identifiers, Use::optional, "what suites may ask for, separated by blanks"},
};
constexpr xml::Child rig_children[] = {{"dut", Count::one}};

constexpr xml::Attribute dut_attributes[] = {
    {"slot", Type::identifier, Use::optional, "name of the device within the rig", "main"},
    {"board", Type::identifier, Use::required, "kind of board that must answer before anything is written to it"},
    {"revision", Type::identifier, Use::optional, "of the board; absent: not compared"},
    {"serial", Type::identifier, Use::required, "the very device that must answer"},
    {"product", Type::identifier, Use::optional, "what it calls itself"},
};
constexpr xml::Child dut_children[] = {{"capability", Count::any}, {"software", Count::any}, {"power", Count::at_least_one},
                                       {"console", Count::any},    {"flash", Count::any},
                                       {"smp", Count::any}};

constexpr xml::Attribute capability_attributes[] = {
    {"name", Type::identifier, Use::required, "such as power.cut"},
    {"value", Type::text, Use::required, "such as exact"},
};

constexpr xml::Attribute software_attributes[] = {
    {"component", Type::identifier, Use::required, "such as mobile-app"},
    {"version", Type::version, Use::required, "that is used with the device"},
};

constexpr xml::Attribute power_attributes[] = {
    {"name", Type::identifier, Use::required, "such as main"},
    {"driver", Type::choice, Use::required, "process: a program that is the powered board", {}, "process"},
    {"command", Type::text, Use::required, "program and arguments, separated by blanks; 'quotes' keep blanks; ${name}"},
};

constexpr xml::Attribute console_attributes[] = {
    {"name", Type::identifier, Use::required, "such as log"},
    {"driver", Type::choice, Use::required, "unix: a stream socket that the board offers once it is on", {}, "unix"},
    {"path", Type::text, Use::required, "of the socket; ${name} may be used"},
    {"open-within", Type::duration, Use::optional, "after power-on", "5 s"},
};

constexpr xml::Attribute flash_attributes[] = {
    {"name", Type::identifier, Use::required, "such as boot"},
    {"driver", Type::choice, Use::required, "file: the board's flash is a file", {}, "file"},
    {"file", Type::text, Use::required, "path; ${name} may be used"},
    {"size", Type::size, Use::required, "of the whole file; made with erased bytes (0xFF) when it is missing"},
    {"offset", Type::size, Use::optional, "of the area that an image is written to", "0"},
    {"area", Type::size, Use::required, "room for an image"},
    {"erase-from", Type::size, Use::optional, "begin of what is erased first; else offset"},
    {"erase-size", Type::size, Use::optional, "size of what is erased first; else area"},
};

constexpr xml::Attribute smp_attributes[] = {
    {"name", Type::identifier, Use::required, "such as smp"},
    {"uri", Type::text, Use::optional, "link URI: smp+unix:///run/board.sock; ${name} may be used"},
    {"console", Type::identifier, Use::optional, "instead of uri: the console that carries SMP between its lines"},
};

constexpr xml::Element elements[] = {
    {.name = "rig", .attributes = rig_attributes, .children = rig_children, .doc = "A place where suites run."},
    {.name = "dut", .attributes = dut_attributes, .children = dut_children, .doc = "The device under test."},
    {.name = "capability", .attributes = capability_attributes, .unique = "name", .doc = "A fact that suites may ask for."},
    {.name = "software", .attributes = software_attributes, .unique = "component",
     .doc = "Software that is used with the device. What is not named is not used: updates are planned with that."},
    {.name = "power", .attributes = power_attributes, .unique = "name", .doc = "Switches the device."},
    {.name = "console", .attributes = console_attributes, .unique = "name",
     .doc = "Text from the device, read from power-on until the end of the run. Offered in this order."},
    {.name = "flash", .attributes = flash_attributes, .unique = "name", .doc = "Where images go without an updater."},
    {.name = "smp", .attributes = smp_attributes, .unique = "name", .doc = "Where the device answers SMP."},
};

constexpr xml::Schema schema{.ns = "urn:lockstep:rig:1", .root = "rig", .elements = elements,
                             .doc = "Rig: the place and the device where hardware-in-the-loop suites run."};
static_assert(xml::well_formed(schema));

}  // namespace

const xml::Schema& rig_schema() { return schema; }

}  // namespace lockstep::hil
