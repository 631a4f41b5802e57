#include "manifests/release/release.hpp"

#include <algorithm>

#include "manifests/release/schema.hpp"
#include "manifests/xml/reader.hpp"

namespace lockstep::release {
namespace {

// The schema admits no other words than theirs.
Kind kind(std::string_view word) {
  for (const Kind k : {Kind::ab_late, Kind::single, Kind::app, Kind::service}) {
    if (text(k) == word) return k;
  }
  return Kind::ab_trial;
}

When when(std::string_view word) {
  for (const When w : {When::installed, When::during_flash}) {
    if (text(w) == word) return w;
  }
  return When::active;
}

std::vector<Requirement> requirements(const xml::Node& node) {
  std::vector<Requirement> out;
  for (const xml::Node* n : node.children("requires")) {
    out.push_back({.component = n->text("component"),
                   .range = n->range("range"),
                   .when = when(n->text("when")),
                   .line = n->line()});
  }
  return out;
}

Hardware hardware(const xml::Node& node) {
  return {.board = node.text("board"), .revisions = node.range("revisions"), .line = node.line()};
}

Component component(const xml::Node& node) {
  return {.name = node.text("name"),
          .kind = kind(node.text("kind")),
          .via = node.text("via"),
          .reboots = node.count("reboots"),
          .line = node.line()};
}

Data data(const xml::Node& node) {
  Data out{.reads_lowest = node.count("reads-from"),
           .reads_highest = node.count("reads-to"),
           .writes = std::nullopt,
           .at_boot = node.text("migrates") == "boot",
           .line = node.line()};
  if (node.written("writes")) out.writes = node.count("writes");
  return out;
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
               .one_way = node.boolean("one-way"),
               .needs = requirements(node),
               .line = node.line()};
  if (const xml::Node* from = node.child("from")) {
    out.from = From{.range = from->range("range"), .line = from->line()};
  }
  if (const xml::Node* n = node.child("data")) out.data = data(*n);
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

std::string_view text(Kind kind) {
  switch (kind) {
    case Kind::ab_trial: return "ab-trial";
    case Kind::ab_late: return "ab-late";
    case Kind::single: return "single";
    case Kind::app: return "app";
    case Kind::service: return "service";
  }
  return {};
}

std::string_view text(When when) {
  switch (when) {
    case When::active: return "active";
    case When::installed: return "installed";
    case When::during_flash: return "during-flash";
  }
  return {};
}

std::string Release::name() const { return product + ' ' + version.text(); }

std::string Release::at(int part_line) const { return file + ':' + std::to_string(part_line); }

const Component* Release::component(std::string_view name) const {
  const auto found = std::find_if(components.begin(), components.end(), [&](const Component& c) { return c.name == name; });
  return found == components.end() ? nullptr : &*found;
}

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
              .software = {},
              .line = root.line()};
  for (const xml::Node* n : root.children("hardware")) out.hardware.push_back(hardware(*n));
  for (const xml::Node* n : root.children("component")) out.components.push_back(component(*n));
  for (const xml::Node* n : root.children("firmware")) out.firmware.push_back(firmware(*n));
  for (const xml::Node* n : root.children("software")) out.software.push_back(software(*n));
  return out;
}

}  // namespace lockstep::release
