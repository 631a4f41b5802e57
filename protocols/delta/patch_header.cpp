#include "protocols/delta/patch_header.hpp"

#include <algorithm>

#include "protocols/delta/number.hpp"

namespace lockstep::delta {

using namespace std::string_view_literals;  // length known without strlen
namespace {

constexpr auto tag = "LSD1"sv;
constexpr std::uint8_t has_app_header = 4;

}  // namespace

void PatchHeader::encode(ByteWriter& w) const {
  w.text(tag);
  w.u32le(base_size);
  w.u32le(target_size);
  w.bytes(base);
  w.bytes(target);
}

Result<PatchHeader, Errc> PatchHeader::decode(Bytes app_header) {
  if (app_header.size() != size) return Fail(Errc::bad_header);
  ByteReader r(app_header);
  if (as_text(r.take(tag.size())) != tag) return Fail(Errc::bad_header);
  PatchHeader h;
  h.base_size = r.u32le();
  h.target_size = r.u32le();
  for (Digest* digest : {&h.base, &h.target}) {
    const Bytes bytes = r.take(digest->size());
    std::copy(bytes.begin(), bytes.end(), digest->begin());
  }
  return h;
}

bool is_vcdiff(Bytes file) {
  return file.size() >= magic.size() && std::equal(magic.begin(), magic.end(), file.begin());
}

Result<FileHeader, Errc> read_file_header(Bytes file) {
  if (file.size() < magic.size()) return Fail(Errc::too_short);
  if (!is_vcdiff(file)) return Fail(Errc::bad_magic);
  ByteReader r(file);
  r.skip(magic.size());
  const std::uint8_t indicator = r.u8();
  if (!r.ok()) return Fail(Errc::too_short);
  if ((indicator & ~has_app_header) != 0) return Fail(Errc::unsupported);
  FileHeader h;
  if (indicator == has_app_header) {
    const auto length = read_number(r);
    if (!length) return Fail(r.ok() ? Errc::bad_number : Errc::too_short);
    h.app_header = r.take(*length);
    if (!r.ok()) return Fail(Errc::too_short);
  }
  h.size = static_cast<std::uint32_t>(file.size() - r.remaining());
  return h;
}

void write_file_header(ByteWriter& w, Bytes app_header) {
  w.bytes(magic);
  w.u8(app_header.empty() ? 0 : has_app_header);
  if (app_header.empty()) return;
  write_number(w, static_cast<std::uint32_t>(app_header.size()));
  w.bytes(app_header);
}

}  // namespace lockstep::delta
