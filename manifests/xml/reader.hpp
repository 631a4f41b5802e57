// Reads an XML file strictly by its table: what is not in the table is an error, and every error says file, line,
// element, what was expected and, for a slip of the pen, "did you mean". A document that comes out is valid; its
// values are typed and need no further check of form.
//
// Refused beside what the table says: DOCTYPE, other namespaces and prefixes, processing instructions, two roots,
// text between elements, invalid UTF-8, characters and references that XML 1.0 forbids, encodings other than UTF-8.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/crypto.hpp"
#include "host/base/error.hpp"
#include "manifests/version/range.hpp"
#include "manifests/xml/schema.hpp"

namespace lockstep::xml {

struct Limits {
  std::size_t bytes = 1 << 20;
  std::size_t elements = 20000;
  int depth = 16;
};

// One thing that is wrong.
struct Problem {
  int line = 0;         // 1-based; 0 when it concerns the whole file
  std::string element;  // its name, or empty
  std::string what;     // what is there, and what was expected

  // "release.xml:7: <firmware>: unknown attribute "versoin"; did you mean "version"?"
  std::string text(std::string_view file) const;
};

// All problems as one error, a line each, for commands and services.
Error as_error(std::string_view file, const std::vector<Problem>& problems);

// One element of a valid document. The typed getters may be asked only for attributes that the table declares with
// that type; an optional attribute gives its fallback, or, when it has none and is not written, what is said below.
class Node {
 public:
  struct Value {
    const Attribute* attribute;
    std::string text;
    int line;
  };

  Node(const Element& element, int line) : element_(&element), line_(line) {}

  const Element& element() const { return *element_; }
  std::string_view name() const { return element_->name; }
  bool is(std::string_view name_or_id) const { return name() == name_or_id || element_->key() == name_or_id; }
  int line() const { return line_; }

  bool written(std::string_view attribute) const;
  bool has(std::string_view attribute) const;          // written, or has a fallback
  std::string text(std::string_view attribute) const;  // absent: ""
  int line_of(std::string_view attribute) const;       // not written: the element's line

  version::Version version(std::string_view attribute) const;   // absent: 0.0.0
  version::Range range(std::string_view attribute) const;       // Type::range and Type::revisions. Absent: "*"
  Sha256 sha256(std::string_view attribute) const;              // absent: all zero
  std::uint32_t count(std::string_view attribute) const;        // absent: 0
  double number(std::string_view attribute) const;              // absent: 0
  bool boolean(std::string_view attribute) const;               // absent: false
  std::uint64_t size_bytes(std::string_view attribute) const;   // absent: 0
  std::chrono::microseconds duration(std::string_view attribute) const;  // absent: 0
  std::vector<std::string> words(std::string_view attribute) const;      // Type::identifiers. Absent: none

  // Character data, outer blanks removed. "" where there is none.
  const std::string& content() const { return content_; }

  const std::vector<Node>& children() const { return children_; }
  // Children of that name, in the order of the file; the pointers live as long as this node stays where it is.
  std::vector<const Node*> children(std::string_view name) const;
  const Node* child(std::string_view name) const;  // the first one, or null

 private:
  friend class Builder;
  const Value* find(std::string_view attribute) const;

  const Element* element_;
  int line_;
  std::string content_;
  std::vector<Value> values_;
  std::vector<Node> children_;
};

struct Document {
  std::string file;  // as given, for messages
  Node root;

  // "release.xml:7"
  std::string at(const Node& node) const;
};

// Errors: at least one problem, in the order of the file, at most 50.
Result<Document, std::vector<Problem>> read(const Schema& schema, std::string_view bytes, std::string file,
                                            Limits limits = {});

// The same with the problems as one error (invalid).
Outcome<Document> read_or_error(const Schema& schema, std::string_view bytes, std::string file, Limits limits = {});

}  // namespace lockstep::xml
