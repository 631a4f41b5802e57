#include "manifests/xml/xsd.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "manifests/xml/types.hpp"

namespace lockstep::xml {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string_view min_occurs(Count count) {
  return count == Count::one || count == Count::at_least_one ? "1" : "0";
}
std::string_view max_occurs(Count count) {
  return count == Count::one || count == Count::optional ? "1" : "unbounded";
}

class Writer {
 public:
  explicit Writer(const Schema& schema) : schema_(schema) {}

  std::string write() {
    line(R"(<?xml version="1.0" encoding="UTF-8"?>)");
    open(R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{0}" xmlns:t="{0}" targetNamespace="{0}" )"
         R"(elementFormDefault="qualified">)",
         escaped(schema_.ns));
    document(schema_.doc);
    element(*schema_.element(schema_.root), "");
    for (const Element& e : schema_.elements) complex_type(e);
    for (const Type type : values_) simple_type("value", type, "xs:string");
    // Around an element's text blanks do not count.
    for (const Type type : contents_) simple_type("content", type, "xs:token");
    close("</xs:schema>");
    return std::move(out_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> form, Args&&... args) {
    out_.append(2 * depth_, ' ');
    out_ += fmt::format(form, std::forward<Args>(args)...);
    out_ += '\n';
  }
  template <class... Args>
  void open(fmt::format_string<Args...> form, Args&&... args) {
    line(form, std::forward<Args>(args)...);
    ++depth_;
  }
  void close(std::string_view tag) {
    --depth_;
    line("{}", tag);
  }
  void document(std::string_view doc) {
    if (!doc.empty()) {
      line("<xs:annotation><xs:documentation>{}</xs:documentation></xs:annotation>", escaped(doc));
    }
  }

  static std::string simple_name(std::string_view prefix, Type type, std::vector<Type>& used) {
    if (std::find(used.begin(), used.end(), type) == used.end()) used.push_back(type);
    return fmt::format("{}.{}", prefix, xsd_name(type));
  }

  // A place where an element may stand. What must be unique among its children is said here, because XSD ties it
  // to the place and not to the type.
  void element(const Element& e, const std::string& occurs) {
    const bool has_keys = std::any_of(e.children.begin(), e.children.end(), [&](const Child& c) {
      return !schema_.element(c.id)->unique.empty();
    });
    if (!has_keys) {
      line(R"(<xs:element name="{}" type="element.{}"{}/>)", e.name, e.key(), occurs);
      return;
    }
    open(R"(<xs:element name="{}" type="element.{}"{}>)", e.name, e.key(), occurs);
    for (const Child& c : e.children) unique(*schema_.element(c.id));
    close("</xs:element>");
  }

  void unique(const Element& child) {
    if (child.unique.empty()) return;
    open(R"(<xs:unique name="unique.{}.{}">)", child.key(), ++uniques_);
    line(R"(<xs:selector xpath="t:{}"/>)", child.name);
    (void)all_words(child.unique, [&](std::string_view word) {
      line(R"(<xs:field xpath="@{}"/>)", word);
      return true;
    });
    close("</xs:unique>");
  }

  void complex_type(const Element& e) {
    open(R"(<xs:complexType name="element.{}">)", e.key());
    document(e.doc);
    if (e.text != Text::none) {
      open("<xs:simpleContent>");
      const bool free_text = e.text_type == Type::text || e.text == Text::optional;
      open(R"(<xs:extension base="{}">)", free_text ? "xs:string" : simple_name("content", e.text_type, contents_));
    } else if (!e.children.empty()) {
      children(e);
    }
    for (const Attribute& a : e.attributes) attribute(a);
    if (e.text != Text::none) {
      close("</xs:extension>");
      close("</xs:simpleContent>");
    }
    close("</xs:complexType>");
  }

  void children(const Element& e) {
    const bool sequence = e.order == Order::sequence;
    open("{}", sequence ? "<xs:sequence>" : R"(<xs:choice minOccurs="0" maxOccurs="unbounded">)");
    for (const Child& c : e.children) {
      element(*schema_.element(c.id),
              sequence ? fmt::format(R"( minOccurs="{}" maxOccurs="{}")", min_occurs(c.count), max_occurs(c.count)) : "");
    }
    close(sequence ? "</xs:sequence>" : "</xs:choice>");
  }

  void attribute(const Attribute& a) {
    std::string head = fmt::format(R"(name="{}")", a.name);
    if (a.use == Use::required) head += R"( use="required")";
    if (!a.fallback.empty()) head += fmt::format(R"( default="{}")", escaped(a.fallback));
    if (a.type != Type::choice) head += fmt::format(R"( type="{}")", simple_name("value", a.type, values_));
    open("<xs:attribute {}>", head);
    document(a.doc);
    if (a.type == Type::choice) {
      open("<xs:simpleType>");
      open(R"(<xs:restriction base="xs:string">)");
      (void)all_words(a.choices, [&](std::string_view word) {
        line(R"(<xs:enumeration value="{}"/>)", escaped(word));
        return true;
      });
      close("</xs:restriction>");
      close("</xs:simpleType>");
    }
    close("</xs:attribute>");
  }

  void simple_type(std::string_view prefix, Type type, std::string_view base) {
    open(R"(<xs:simpleType name="{}.{}">)", prefix, xsd_name(type));
    document(expectation(type));
    open(R"(<xs:restriction base="{}">)", base);
    line(R"(<xs:pattern value="{}"/>)", escaped(xsd_pattern(type)));
    close("</xs:restriction>");
    close("</xs:simpleType>");
  }

  const Schema& schema_;
  std::string out_;
  std::size_t depth_ = 0;
  int uniques_ = 0;
  std::vector<Type> values_;    // types of attributes so far
  std::vector<Type> contents_;  // types of elements' text so far
};

}  // namespace

std::string xsd(const Schema& schema) { return Writer(schema).write(); }

}  // namespace lockstep::xml
