#include "manifests/release/release.hpp"

#include <algorithm>

#include "manifests/release/schema.hpp"
#include "manifests/xml/reader.hpp"

namespace lockstep::release {
namespace {

std::vector<Requirement> requirements(const xml::Node& node) {
  std::vector<Requirement> out;
  for (const xml::Node* n : node.children("requires")) {
    out.push_back({.component = n->text("component"),
                   .range = n->range("range"),
                   .when = When::active,
                   .line = n->line()});
  }
  return out;
}

Hardware hardware(const xml::Node& node) {
  return {.board = node.text("board"), .revisions = node.range("revisions"), .line = node.line()};
}

Firmware firmware(const xml::Node& node) {
  Firmware out{.component = node.text("component"),
               .version = node.version("version"),
               .file = node.text("file"),
               .size = node.size_bytes("size"),
               .sha256 = node.sha256("sha256"),
               .image_hash = node.sha256("image-hash"),
               .security_counter = node.count("security-counter"),
               .from = std::nullopt,
               .data = std::nullopt,
               .one_way = false,
               .needs = requirements(node),
               .line = node.line()};
  if (const xml::Node* from = node.child("from")) {
    out.from = From{.range = from->range("range"), .line = from->line()};
  }
  return out;
}

Software software(const xml::Node& node) {
  return {.component = node.text("component"),
          .platform = node.text("platform"),
          .version = node.version("version"),
          .file = node.text("file"),
          .size = node.size_bytes("size"),
          .sha256 = node.sha256("sha256"),
          .needs = requirements(node),
          .line = node.line()};
}

}  // namespace

std::string Release::name() const { return product + ' ' + version.text(); }

std::string Release::at(int line) const { return file + ':' + std::to_string(line); }

const Firmware* Release::firmware_of(std::string_view component) const {
  const auto found = std::find_if(firmware.begin(), firmware.end(),
                                  [&](const Firmware& f) { return f.component == component; });
  return found == firmware.end() ? nullptr : &*found;
}

bool Release::has_software(std::string_view component) const {
  return std::any_of(software.begin(), software.end(), [&](const Software& s) { return s.component == component; });
}

Outcome<Release> parse(std::string_view bytes, std::string file) {
  LOCKSTEP_TRY(document, xml::read_or_error(schema(), bytes, file));
  const xml::Node& root = document.root;
  Release out{.product = root.text("product"),
              .version = root.version("version"),
              .title = root.text("title"),
              .file = std::move(file),
              .sha256 = Sha256::of(bytes),
              .hardware = {},
              .components = {},
              .firmware = {},
              .software = {}};
  for (const xml::Node* n : root.children("hardware")) out.hardware.push_back(hardware(*n));
  for (const xml::Node* n : root.children("firmware")) out.firmware.push_back(firmware(*n));
  for (const xml::Node* n : root.children("software")) out.software.push_back(software(*n));
  return out;
}

}  // namespace lockstep::release
