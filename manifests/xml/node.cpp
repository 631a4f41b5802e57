#include <algorithm>

#include "host/base/text.hpp"
#include "manifests/xml/reader.hpp"
#include "manifests/xml/types.hpp"

namespace lockstep::xml {

std::string Problem::text(std::string_view file) const {
  std::string out(file);
  if (line > 0) out += ':' + std::to_string(line);
  out += ": ";
  if (!element.empty()) out += '<' + element + ">: ";
  return out + what;
}

Error as_error(std::string_view file, const std::vector<Problem>& problems) {
  std::string all;
  for (const Problem& p : problems) all += (all.empty() ? "" : "\n") + p.text(file);
  return {ErrorKind::invalid, std::move(all)};
}

const Node::Value* Node::find(std::string_view attribute) const {
  const auto found = std::find_if(values_.begin(), values_.end(),
                                  [&](const Value& v) { return v.attribute->name == attribute; });
  return found == values_.end() ? nullptr : &*found;
}

bool Node::written(std::string_view attribute) const { return find(attribute) != nullptr; }

bool Node::has(std::string_view attribute) const {
  const Attribute* declared = element_->attribute(attribute);
  return written(attribute) || (declared != nullptr && !declared->fallback.empty());
}

std::string Node::text(std::string_view attribute) const {
  if (const Value* value = find(attribute)) return value->text;
  const Attribute* declared = element_->attribute(attribute);
  return declared == nullptr ? std::string() : std::string(declared->fallback);
}

int Node::line_of(std::string_view attribute) const {
  const Value* value = find(attribute);
  return value == nullptr ? line_ : value->line;
}

version::Version Node::version(std::string_view attribute) const {
  const auto parsed = version::parse(text(attribute));
  return parsed ? *parsed : version::Version{};
}

version::Range Node::range(std::string_view attribute) const {
  const auto parsed = version::Range::parse(text(attribute));
  return parsed ? *parsed : version::Range{};
}

Sha256 Node::sha256(std::string_view attribute) const {
  const auto parsed = Sha256::from_hex(text(attribute));
  return parsed ? *parsed : Sha256{};
}

std::uint32_t Node::count(std::string_view attribute) const { return parse_count(text(attribute)).value_or(0); }
double Node::number(std::string_view attribute) const { return parse_number(text(attribute)).value_or(0); }
bool Node::boolean(std::string_view attribute) const { return text(attribute) == "true"; }
std::uint64_t Node::size_bytes(std::string_view attribute) const { return parse_size(text(attribute)).value_or(0); }

std::chrono::microseconds Node::duration(std::string_view attribute) const {
  return parse_duration(text(attribute)).value_or(std::chrono::microseconds{0});
}

std::vector<std::string> Node::words(std::string_view attribute) const { return parse_words(text(attribute)); }

std::vector<const Node*> Node::children(std::string_view wanted) const {
  std::vector<const Node*> out;
  for (const Node& child : children_) {
    if (child.is(wanted)) out.push_back(&child);
  }
  return out;
}

const Node* Node::child(std::string_view wanted) const {
  const auto found = std::find_if(children_.begin(), children_.end(), [&](const Node& n) { return n.is(wanted); });
  return found == children_.end() ? nullptr : &*found;
}

std::string Document::at(const Node& node) const { return file + ':' + std::to_string(node.line()); }

}  // namespace lockstep::xml
