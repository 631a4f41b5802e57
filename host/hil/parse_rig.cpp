#include <fmt/format.h>

#include "host/base/crypto.hpp"
#include "host/hil/command_line.hpp"
#include "host/hil/rig.hpp"
#include "host/hil/schema.hpp"
#include "manifests/xml/reader.hpp"

namespace lockstep::hil {
namespace {

std::uint32_t line_of(const xml::Node& node) { return static_cast<std::uint32_t>(node.line()); }

Outcome<FlashSpec> read_flash(const xml::Document& document, const xml::Node& node) {
  FlashSpec flash{.name = node.text("name"), .file = node.text("file"), .size_bytes = node.size_bytes("size"),
                  .offset_bytes = node.size_bytes("offset"), .area_bytes = node.size_bytes("area"), .line = line_of(node)};
  flash.erase_from_bytes = node.has("erase-from") ? node.size_bytes("erase-from") : flash.offset_bytes;
  flash.erase_bytes = node.has("erase-size") ? node.size_bytes("erase-size") : flash.area_bytes;
  const auto inside = [](std::uint64_t from, std::uint64_t size, std::uint64_t whole_from, std::uint64_t whole) {
    return from >= whole_from && size <= whole && from - whole_from <= whole - size;
  };
  if (!inside(flash.erase_from_bytes, flash.erase_bytes, 0, flash.size_bytes)) {
    return fail(ErrorKind::invalid, document.at(node) + ": <flash>: what is erased reaches past the end of the file");
  }
  if (!inside(flash.offset_bytes, flash.area_bytes, flash.erase_from_bytes, flash.erase_bytes)) {
    return fail(ErrorKind::invalid, document.at(node) + ": <flash>: the area for the image is not within what is erased");
  }
  return flash;
}

Outcome<SmpSpec> read_smp(const xml::Document& document, const xml::Node& node, const Dut& dut) {
  SmpSpec smp{node.text("name"), node.text("uri"), node.text("console"), line_of(node)};
  if (smp.uri.empty() == smp.console.empty()) {
    return fail(ErrorKind::invalid, document.at(node) + ": <smp>: expected either uri=\"...\" or console=\"...\"");
  }
  for (const ConsoleSpec& console : dut.consoles) {
    if (console.name == smp.console) return smp;
  }
  if (smp.console.empty()) return smp;
  return fail(ErrorKind::invalid, document.at(node) + ": <smp>: there is no console \"" + smp.console + "\"");
}

Outcome<Dut> read_dut(const xml::Document& document, const xml::Node& node) {
  Dut dut{.slot = node.text("slot"), .board = node.text("board"), .revision = node.text("revision"),
          .serial = node.text("serial"), .product = node.text("product")};
  for (const xml::Node* c : node.children("capability")) dut.capabilities[c->text("name")] = c->text("value");
  for (const xml::Node* c : node.children("software")) dut.software[c->text("component")] = c->text("version");
  for (const xml::Node* c : node.children("power")) {
    auto command = split_command(c->text("command"));
    if (!command) return Fail(command.error().in(document.at(*c) + ": <power>"));
    dut.powers.push_back({c->text("name"), *command, line_of(*c)});
  }
  for (const xml::Node* c : node.children("console")) {
    const auto within = std::chrono::duration_cast<std::chrono::milliseconds>(c->duration("open-within"));
    dut.consoles.push_back({c->text("name"), c->text("path"), within, line_of(*c)});
  }
  for (const xml::Node* c : node.children("flash")) {
    LOCKSTEP_TRY(flash, read_flash(document, *c));
    dut.flashes.push_back(std::move(flash));
  }
  for (const xml::Node* c : node.children("smp")) {
    LOCKSTEP_TRY(smp, read_smp(document, *c, dut));
    dut.smps.push_back(std::move(smp));
  }
  return dut;
}

}  // namespace

Outcome<Rig> parse_rig(std::string_view xml, std::string_view file_name) {
  LOCKSTEP_TRY(document, xml::read_or_error(rig_schema(), xml, std::string(file_name)));
  const xml::Node& root = document.root;
  LOCKSTEP_TRY(dut, read_dut(document, *root.child("dut")));
  Rig rig{.id = root.text("id"), .site = root.text("site"), .tags = root.words("tags"), .dut = std::move(dut),
          .text = std::string(xml), .sha256 = Sha256::of(xml).hex()};
  return rig;
}

}  // namespace lockstep::hil
