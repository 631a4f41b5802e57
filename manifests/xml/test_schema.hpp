// What every table is tested for, whatever it describes.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "manifests/xml/types.hpp"
#include "manifests/xml/xsd.hpp"

namespace lockstep::xml::testing {

// What libxml2 says of documents by our exported schema: a second implementation of both XML and XSD.
class Xmllint {
 public:
  explicit Xmllint(const Schema& schema) {
    REQUIRE_MESSAGE(std::system("xmllint --version >/dev/null 2>&1") == 0, "xmllint is missing: run tools/setup");
    REQUIRE(write_file(dir_ / "m.xsd", xsd(schema)));
  }
  bool accepts(std::string_view document) const {
    REQUIRE(write_file(dir_ / "m.xml", document));
    const std::string command = "xmllint --noout --nonet --schema '" + (dir_ / "m.xsd").string() + "' '" +
                                (dir_ / "m.xml").string() + "' >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
  }

 private:
  TempDir dir_;
};

// The values that stand in for missing attributes are valid themselves.
inline void check_fallbacks(const Schema& schema) {
  for (const Element& e : schema.elements) {
    for (const Attribute& a : e.attributes) {
      CAPTURE(std::string(a.name));
      if (!a.fallback.empty()) CHECK_FALSE(objection(a.type, a.fallback, a.choices));
    }
  }
}

}  // namespace lockstep::xml::testing
