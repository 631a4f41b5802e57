// One constexpr table describes an XML format. The reader obeys it, the XSD for editors is printed from it, and a
// person can read it: element, attributes with types, children with counts, and a sentence for each.
//
//   constexpr Attribute hardware_attributes[] = {
//     {"board",     Type::identifier, Use::required, "board name, as the device reports it"},
//     {"revisions", Type::revisions,  Use::optional, "which revisions of the board", "*"},
//   };
//   constexpr Element elements[] = {
//     {.name = "release", .children = release_children, .doc = "…"},
//     {.name = "hardware", .attributes = hardware_attributes, .unique = "board", .doc = "…"},
//   };
//   constexpr Schema schema{.ns = "urn:lockstep:release:1", .root = "release", .elements = elements, .doc = "…"};
//   static_assert(well_formed(schema));
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace lockstep::xml {

// What the text of an attribute or element must look like. Values come out typed (Node in reader.hpp).
enum class Type {
  text,         // anything on one line, not empty
  identifier,   // letters, digits, '.', '_', '-'; begins with a letter or digit; at most 64
  identifiers,  // one or more identifiers separated by blanks
  version,      // SemVer: 1.2.3-rc.1
  range,        // npm range over versions: ^1.2.0
  revisions,    // npm range over board revisions: >=2
  sha256,       // 64 lower-case hexadecimal digits
  count,        // 0 .. 2^32 - 1, decimal
  number,       // decimal number with optional sign and fraction: -0.5
  boolean,      // true or false
  size,         // bytes: 512, 64 KiB, 16 MiB, 1 GiB
  duration,     // number and unit: 500 us, 20 ms, 1.5 s, 10 min, 24 h
  file,         // relative path that stays inside its folder: no leading '/', no "..", no backslash
  uri,          // scheme:rest
  choice,       // one word of `choices`
};

enum class Use { required, optional };

struct Attribute {
  std::string_view name;
  Type type = Type::text;
  Use use = Use::required;
  std::string_view doc;
  std::string_view fallback = {};  // value of an optional attribute that is not written; empty: it stays absent
  std::string_view choices = {};   // Type::choice: the words, separated by one blank
};

enum class Count { one, optional, any, at_least_one };  // 1, ?, *, +

struct Child {
  std::string_view id;  // Element::id (or name, where it has none)
  Count count = Count::any;
};

// How children may be ordered.
enum class Order {
  sequence,  // as the table lists them
  free,      // any order, mixed; their order in the file is kept and may have a meaning (steps of a test)
};

enum class Text { none, required, optional };

struct Element {
  std::string_view name;
  std::string_view id = {};  // only where two elements share a name and differ in form
  std::span<const Attribute> attributes = {};
  std::span<const Child> children = {};
  Order order = Order::sequence;
  Text text = Text::none;             // character data; an element has text or children, never both
  Type text_type = Type::text;        // with Text::required and Text::optional. Type::text may span lines here
  std::string_view unique = {};       // attributes (separated by blanks) that together name it among its siblings
  std::string_view doc;

  constexpr std::string_view key() const { return id.empty() ? name : id; }
  constexpr const Attribute* attribute(std::string_view wanted) const {
    for (const Attribute& a : attributes) {
      if (a.name == wanted) return &a;
    }
    return nullptr;
  }
};

struct Schema {
  std::string_view ns;    // the fixed default namespace: xmlns of the root element, and of nothing else
  std::string_view root;  // Element::id of the root
  std::span<const Element> elements;
  std::string_view doc;

  constexpr const Element* element(std::string_view id) const {
    for (const Element& e : elements) {
      if (e.key() == id) return &e;
    }
    return nullptr;
  }
};

// Whether a table is usable: the root and all children exist, no id or attribute twice, `unique` names attributes,
// no element has text and children, choices have words. For static_assert beside the table.
constexpr bool well_formed(const Schema& schema);

}  // namespace lockstep::xml

#include "manifests/xml/schema_check.hpp"
