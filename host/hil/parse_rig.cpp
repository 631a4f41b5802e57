#include <fmt/format.h>

#include "host/base/crypto.hpp"
#include "host/hil/command_line.hpp"
#include "host/hil/rig.hpp"
#include "host/hil/schema.hpp"
#include "manifests/xml/reader.hpp"

namespace lockstep::hil {
namespace {

std::uint32_t line_of(const xml::Node& node) { return static_cast<std::uint32_t>(node.line()); }

Outcome<Dut> read_dut(const xml::Document& document, const xml::Node& node) {
  Dut dut{.slot = node.text("slot"), .board = node.text("board"), .revision = node.text("revision"),
          .serial = node.text("serial"), .product = node.text("product")};
  for (const xml::Node* c : node.children("capability")) dut.capabilities[c->text("name")] = c->text("value");
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
    FlashSpec flash{c->text("name"), c->text("file"), c->size_bytes("size"), c->size_bytes("offset"),
                    c->size_bytes("area"), line_of(*c)};
    if (flash.area_bytes > flash.size_bytes || flash.offset_bytes > flash.size_bytes - flash.area_bytes) {
      return fail(ErrorKind::invalid, document.at(*c) + ": <flash>: the area reaches past the end of the file");
    }
    dut.flashes.push_back(std::move(flash));
  }
  for (const xml::Node* c : node.children("smp")) dut.smps.push_back({c->text("name"), c->text("uri"), line_of(*c)});
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
