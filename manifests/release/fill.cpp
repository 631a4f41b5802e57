#include "manifests/release/fill.hpp"

#include <fmt/format.h>

#include <vector>

#include "host/base/crypto.hpp"
#include "manifests/release/schema.hpp"
#include "manifests/xml/reader.hpp"
#include "protocols/mcuboot/image.hpp"

namespace lockstep::release {
namespace {

// The attributes that are missing, ready to stand in a tag: ` size="12" sha256="…"`.
class Gaps {
 public:
  explicit Gaps(const xml::Node& node) : node_(node) {}

  bool any(std::initializer_list<std::string_view> attributes) const {
    for (const std::string_view a : attributes) {
      if (!node_.written(a)) return true;
    }
    return false;
  }
  void close(std::string_view attribute, const std::string& value) {
    if (!node_.written(attribute)) out_ += fmt::format(R"( {}="{}")", attribute, value);
  }
  std::string take() { return std::move(out_); }

 private:
  const xml::Node& node_;
  std::string out_;
};

Outcome<std::string> missing_of_firmware(const xml::Node& node, const std::string& place, const ReadArtefact& read) {
  Gaps gaps(node);
  if (!gaps.any({"size", "sha256", "image-hash", "security-counter"})) return std::string();
  LOCKSTEP_TRY(bytes, read(node.text("file")));
  mcuboot::MemorySource source{Bytes(bytes)};
  const auto info = mcuboot::inspect(source);
  if (!info) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: {} is not an MCUboot image: {}", place, node.text("file"), mcuboot::text(info.error())),
                "sign the payload first: lockstep image sign");
  }
  gaps.close("size", std::to_string(bytes.size()));
  gaps.close("sha256", Sha256::of(bytes).hex());
  gaps.close("image-hash", Sha256(info->image_hash).hex());
  gaps.close("security-counter", std::to_string(info->security_counter.value_or(0)));
  return gaps.take();
}

Outcome<std::string> missing_of_software(const xml::Node& node, const std::string& place, const ReadArtefact& read) {
  Gaps gaps(node);
  if (!gaps.any({"size", "sha256"})) return std::string();
  if (!node.written("file")) {
    return fail(ErrorKind::invalid, place + ": <software> has no file from which size and sha256 could be computed",
                "write file, or size and sha256");
  }
  LOCKSTEP_TRY(bytes, read(node.text("file")));
  gaps.close("size", std::to_string(bytes.size()));
  gaps.close("sha256", Sha256::of(bytes).hex());
  return gaps.take();
}

// Where the next start tag of that name ends its attributes: at its '>' or "/>". Starts looking at `from`. The text
// is well-formed, so a simple walk over comments and quoted values is enough.
std::size_t end_of_next_tag(std::string_view text, std::string_view name, std::size_t from) {
  for (std::size_t at = text.find('<', from); at != text.npos; at = text.find('<', at + 1)) {
    if (text.substr(at).starts_with("<!--")) {
      at = text.find("-->", at + 4);
      continue;
    }
    const std::string_view tag = text.substr(at + 1);
    const bool found = tag.starts_with(name) && std::string_view(" \t\r\n/>").find(tag[name.size()]) != std::string_view::npos;
    char quote = '\0';
    std::size_t end = at;
    for (; quote != '\0' || text[end] != '>'; ++end) {
      if (quote != '\0') {
        if (text[end] == quote) quote = '\0';
      } else if (text[end] == '"' || text[end] == '\'') {
        quote = text[end];
      }
    }
    if (found) {
      if (text[end - 1] == '/') --end;
      while (text[end - 1] == ' ' || text[end - 1] == '\n' || text[end - 1] == '\r' || text[end - 1] == '\t') --end;
      return end;
    }
    at = end;
  }
  return text.npos;
}

}  // namespace

Outcome<std::string> fill(std::string_view draft, const std::string& file, const ReadArtefact& read) {
  LOCKSTEP_TRY(document, xml::read_or_error(draft_schema(), draft, file));
  std::string out(draft);
  std::size_t at = 0;
  for (const xml::Node& node : document.root.children()) {
    if (!node.is("firmware") && !node.is("software")) continue;
    auto missing = node.is("firmware") ? missing_of_firmware(node, document.at(node), read)
                                       : missing_of_software(node, document.at(node), read);
    if (!missing) return Fail(std::move(missing).error());
    at = end_of_next_tag(out, node.name(), at);
    if (at == out.npos) return fail(ErrorKind::internal, file + ": an element of the draft was not found again");
    out.insert(at, *missing);
  }
  return out;
}

}  // namespace lockstep::release
