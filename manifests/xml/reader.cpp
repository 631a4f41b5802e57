#include "manifests/xml/reader.hpp"

#include <tinyxml2.h>

#include <algorithm>
#include <map>

#include "host/base/text.hpp"
#include "manifests/xml/types.hpp"
#include "manifests/xml/wellformed.hpp"

namespace lockstep::xml {
namespace {

constexpr std::size_t most_problems = 50;

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 80;
  return '"' + printable(text.substr(0, longest)) + (text.size() > longest ? "…\"" : "\"");
}

std::string list(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

// `; did you mean "version"?`, or what would be right.
std::string advice(std::string_view word, const std::vector<std::string>& known, std::string_view otherwise) {
  if (const auto meant = closest(word, known)) return "; did you mean \"" + *meant + "\"?";
  if (known.empty()) return {};
  return "; " + std::string(otherwise) + ' ' + list(known);
}

}  // namespace

// Walks tinyxml2's tree and the table together.
class Builder {
 public:
  Builder(const Schema& schema, std::vector<Problem>& problems) : schema_(schema), problems_(problems) {}

  Node build(const tinyxml2::XMLElement& xml, const Element& element) {
    Node node(element, xml.GetLineNum());
    read_attributes(xml, node);
    read_content(xml, node);
    check_counts(node);
    check_order(node);
    check_unique(node);
    return node;
  }

  void object(int line, std::string_view element, std::string what) {
    if (problems_.size() < most_problems) problems_.push_back({line, std::string(element), std::move(what)});
  }

 private:
  void read_attributes(const tinyxml2::XMLElement& xml, Node& node) {
    const Element& element = node.element();
    const bool is_root = xml.Parent() == xml.GetDocument();
    if (is_root) check_namespace(xml);
    for (const auto* a = xml.FirstAttribute(); a != nullptr; a = a->Next()) {
      const std::string_view name = a->Name();
      if (name == "xmlns" && is_root) continue;
      if (name == "xmlns") {
        object(a->GetLineNum(), element.name, "xmlns belongs to the root element only");
      } else if (const Attribute* declared = element.attribute(name)) {
        read_value(*declared, a->Value(), a->GetLineNum(), node);
      } else {
        object(a->GetLineNum(), element.name,
               "unknown attribute " + in_quotes(name) + advice(name, attribute_names(element), "it can have"));
      }
    }
    for (const Attribute& declared : element.attributes) {
      if (declared.use == Use::required && xml.FindAttribute(std::string(declared.name).c_str()) == nullptr) {
        object(node.line(), element.name, "attribute \"" + std::string(declared.name) + "\" is missing: expected " +
                                              expectation(declared.type, declared.choices));
      }
    }
  }

  void check_namespace(const tinyxml2::XMLElement& xml) {
    const char* ns = xml.Attribute("xmlns");
    if (ns == nullptr) {
      object(xml.GetLineNum(), xml.Name(), "expected xmlns=\"" + std::string(schema_.ns) + "\"");
    } else if (ns != schema_.ns) {
      object(xml.GetLineNum(), xml.Name(), "xmlns is " + in_quotes(ns) + ": expected \"" + std::string(schema_.ns) + "\"");
    }
  }

  void read_value(const Attribute& declared, std::string_view text, int line, Node& node) {
    if (const auto wrong = objection(declared.type, text, declared.choices)) {
      object(line, node.name(), "attribute \"" + std::string(declared.name) + "\" is " + in_quotes(text) + ": " + *wrong);
    }
    node.values_.push_back({&declared, std::string(text), line});
  }

  void read_content(const tinyxml2::XMLElement& xml, Node& node) {
    const Element& element = node.element();
    for (const auto* child = xml.FirstChild(); child != nullptr; child = child->NextSibling()) {
      if (const auto* inner = child->ToElement()) {
        read_child(*inner, node);
      } else if (const auto* text = child->ToText()) {
        if (element.text == Text::none && !trim(text->Value()).empty()) {
          object(text->GetLineNum(), element.name, "text " + in_quotes(trim(text->Value())) + " is not expected here");
        }
        node.content_ += text->Value();
      }
    }
    if (element.text == Text::none) {
      node.content_.clear();
    } else {
      check_text(node);
    }
  }

  void check_text(Node& node) {
    node.content_ = std::string(trim(node.content_));
    const Element& element = node.element();
    if (node.content_.empty()) {
      if (element.text == Text::required) {
        object(node.line(), element.name, "its text is missing: expected " + expectation(element.text_type));
      }
      return;
    }
    std::string one_line = node.content_;
    if (element.text_type == Type::text) std::replace_if(one_line.begin(), one_line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    if (const auto wrong = objection(element.text_type, one_line)) {
      object(node.line(), element.name, "its text is " + in_quotes(node.content_) + ": " + *wrong);
    }
  }

  void read_child(const tinyxml2::XMLElement& xml, Node& node) {
    const std::string_view name = xml.Name();
    for (const Child& c : node.element().children) {
      const Element* element = schema_.element(c.id);
      if (element->name == name) {
        node.children_.push_back(build(xml, *element));
        return;
      }
    }
    std::string what = "unknown element <" + std::string(name) + "> inside <" + std::string(node.name()) + ">";
    const std::vector<std::string> parents = parents_of(name);
    if (!parents.empty()) {
      what = "element <" + std::string(name) + "> does not belong inside <" + std::string(node.name()) +
             ">; its place is inside " + list(parents);
    } else if (node.element().children.empty()) {
      what += ", which has no children";
    } else {
      what += advice(name, child_names(node.element()), "expected");
    }
    object(xml.GetLineNum(), name, std::move(what));
  }

  void check_counts(const Node& node) {
    for (const Child& c : node.element().children) {
      const std::string_view name = schema_.element(c.id)->name;
      const auto found = node.children(name);
      const bool needed = c.count == Count::one || c.count == Count::at_least_one;
      const bool single = c.count == Count::one || c.count == Count::optional;
      if (needed && found.empty()) {
        object(node.line(), node.name(), "element <" + std::string(name) + "> is missing inside it");
      }
      if (single && found.size() > 1) {
        object(found[1]->line(), name, "is there twice inside <" + std::string(node.name()) + ">, first in line " +
                                           std::to_string(found[0]->line()));
      }
    }
  }

  void check_order(const Node& node) {
    if (node.element().order == Order::free) return;
    std::size_t reached = 0;
    for (const Node& child : node.children()) {
      const auto& rows = node.element().children;
      const auto row = std::find_if(rows.begin(), rows.end(), [&](const Child& c) { return c.id == child.element().key(); });
      const std::size_t place = static_cast<std::size_t>(row - rows.begin());
      if (place < reached) {
        object(child.line(), child.name(), "comes too late: inside <" + std::string(node.name()) + "> the order is " +
                                               list(child_names(node.element())));
        return;
      }
      reached = place;
    }
  }

  void check_unique(const Node& node) {
    std::map<std::pair<const Element*, std::string>, int> seen;
    for (const Node& child : node.children()) {
      if (child.element().unique.empty()) continue;
      std::string key;
      (void)all_words(child.element().unique, [&](std::string_view word) {
        key += (key.empty() ? "" : " and ") + std::string(word) + " " + in_quotes(child.text(word));
        return true;
      });
      const auto [place, is_new] = seen.try_emplace({&child.element(), key}, child.line());
      if (!is_new) {
        object(child.line(), child.name(), key + " is there twice, first in line " + std::to_string(place->second));
      }
    }
  }

  static std::vector<std::string> attribute_names(const Element& element) {
    std::vector<std::string> out;
    for (const Attribute& a : element.attributes) out.emplace_back(a.name);
    return out;
  }
  std::vector<std::string> child_names(const Element& element) const {
    std::vector<std::string> out;
    for (const Child& c : element.children) out.emplace_back(schema_.element(c.id)->name);
    return out;
  }
  std::vector<std::string> parents_of(std::string_view name) const {
    std::vector<std::string> out;
    for (const Element& e : schema_.elements) {
      const auto names = child_names(e);
      if (std::find(names.begin(), names.end(), name) != names.end()) out.push_back('<' + std::string(e.name) + '>');
    }
    return out;
  }

  const Schema& schema_;
  std::vector<Problem>& problems_;
};

Result<Document, std::vector<Problem>> read(const Schema& schema, std::string_view bytes, std::string file, Limits limits) {
  if (auto problem = offence(bytes, limits)) return Fail(std::vector<Problem>{*std::move(problem)});
  tinyxml2::XMLDocument xml;
  if (xml.Parse(bytes.data(), bytes.size()) != tinyxml2::XML_SUCCESS) {
    return Fail(std::vector<Problem>{{xml.ErrorLineNum(), "", std::string("not XML: ") + xml.ErrorName()}});
  }
  const tinyxml2::XMLElement& root = *xml.RootElement();  // offence() saw that there is one
  const Element& element = *schema.element(schema.root);
  std::vector<Problem> problems;
  Builder builder(schema, problems);
  if (root.Name() != element.name) {
    builder.object(root.GetLineNum(), root.Name(), "expected the root element <" + std::string(element.name) + ">");
    return Fail(std::move(problems));
  }
  Document document{.file = std::move(file), .root = builder.build(root, element)};
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) { return a.line < b.line; });
  if (!problems.empty()) return Fail(std::move(problems));
  return document;
}

Outcome<Document> read_or_error(const Schema& schema, std::string_view bytes, std::string file, Limits limits) {
  std::string name = file;
  auto document = read(schema, bytes, std::move(file), limits);
  if (!document) return Fail(as_error(name, document.error()));
  return *std::move(document);
}

}  // namespace lockstep::xml
