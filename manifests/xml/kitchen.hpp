// A small table with one of everything, for the tests of this folder.
#pragma once

#include "manifests/xml/schema.hpp"

namespace lockstep::xml::kitchen {

constexpr Attribute menu_attributes[] = {
    {"name", Type::identifier, Use::required, "what it is called"},
    {"version", Type::version, Use::required, "of the menu"},
    {"guests", Type::range, Use::optional, "whom it suits", "*"},
    {"note", Type::text, Use::optional, "for the cook"},
};
constexpr Attribute dish_attributes[] = {
    {"id", Type::identifier, Use::required, "name of the dish"},
    {"kind", Type::choice, Use::optional, "course", "main", "starter main dessert"},
    {"time", Type::duration, Use::optional, "to prepare"},
    {"weight", Type::size, Use::optional, "in bytes, oddly"},
    {"digest", Type::sha256, Use::optional, "of the recipe"},
    {"tags", Type::identifiers, Use::optional, "free words"},
    {"portions", Type::count, Use::optional, "how many", "1"},
    {"spice", Type::number, Use::optional, "how hot"},
    {"vegan", Type::boolean, Use::optional, "", "false"},
    {"photo", Type::file, Use::optional, "beside the menu"},
    {"link", Type::uri, Use::optional, "elsewhere"},
};
constexpr Child menu_children[] = {
    {"cook", Count::one}, {"dish", Count::at_least_one}, {"steps", Count::optional}};
constexpr Child step_children[] = {{"wait", Count::any}, {"together", Count::any}, {"say", Count::any}};

// Not inline: the undefined-behaviour sanitizer does not take the address of an inline array for a constant.
constexpr Element elements[] = {
    {.name = "menu", .attributes = menu_attributes, .children = menu_children, .doc = "what there is"},
    {.name = "cook", .text = Text::required, .doc = "who cooks"},
    {.name = "dish", .attributes = dish_attributes, .unique = "id", .doc = "one dish"},
    {.name = "steps", .children = step_children, .order = Order::free, .doc = "what to do, in order"},
    {.name = "together", .children = step_children, .order = Order::free, .doc = "steps at once"},
    {.name = "wait", .text = Text::required, .text_type = Type::duration, .doc = "do nothing"},
    {.name = "say", .text = Text::optional, .doc = "anything"},
};
constexpr Schema schema{
    .ns = "urn:lockstep:test:menu:1", .root = "menu", .elements = elements, .doc = "a menu & its steps"};
static_assert(well_formed(schema));

// A document that uses every part.
inline constexpr std::string_view document = R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- a menu -->
<menu xmlns="urn:lockstep:test:menu:1" name="monday" version="1.2.0-rc.1" guests="&gt;=2 &lt;9">
  <cook>Anna &amp; Bo&#x20AC;</cook>
  <dish id="soup" kind="starter" time="1.5 min" weight="4 KiB" tags="hot wet" portions="4" spice="-0.5"/>
  <dish id="stew" digest="0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" vegan="true"
        photo="img/stew.jpg" link="https://example.org/stew"/>
  <steps>
    <wait> 20 s </wait>
    <together><say><![CDATA[<hello> & ]]></say><wait>1500 ms</wait></together>
    <say/>
    <wait>1 h</wait>
  </steps>
</menu>
)";

}  // namespace lockstep::xml::kitchen
