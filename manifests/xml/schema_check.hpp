// The compile-time check of a table, apart from schema.hpp so that the table's words stay readable.
#pragma once

#include "manifests/xml/schema.hpp"

namespace lockstep::xml {

// Calls `each` with every word of a list separated by single blanks, until it returns false.
template <class Each>
constexpr bool all_words(std::string_view list, Each each) {
  while (!list.empty()) {
    const std::size_t end = list.find(' ') == std::string_view::npos ? list.size() : list.find(' ');
    if (!each(list.substr(0, end))) return false;
    list.remove_prefix(end == list.size() ? end : end + 1);
  }
  return true;
}

constexpr bool well_formed(const Schema& schema, const Element& e) {
  for (std::size_t i = 0; i < e.attributes.size(); ++i) {
    const Attribute& a = e.attributes[i];
    if (a.name.empty() || (a.type == Type::choice) == a.choices.empty()) return false;
    if (a.use == Use::required && !a.fallback.empty()) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (e.attributes[j].name == a.name) return false;
    }
  }
  for (std::size_t i = 0; i < e.children.size(); ++i) {
    const Element* child = schema.element(e.children[i].id);
    if (child == nullptr) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (schema.element(e.children[j].id)->name == child->name) return false;
    }
  }
  if (e.text != Text::none && (!e.children.empty() || e.text_type == Type::choice)) return false;
  return all_words(e.unique, [&](std::string_view word) { return e.attribute(word) != nullptr; });
}

constexpr bool well_formed(const Schema& schema) {
  if (schema.ns.empty() || schema.element(schema.root) == nullptr) return false;
  for (std::size_t i = 0; i < schema.elements.size(); ++i) {
    const Element& e = schema.elements[i];
    if (e.name.empty() || !well_formed(schema, e)) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (schema.elements[j].key() == e.key()) return false;
    }
  }
  return true;
}

}  // namespace lockstep::xml
