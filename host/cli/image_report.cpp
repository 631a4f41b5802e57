#include "host/cli/image_report.hpp"

#include <fmt/format.h>

#include "host/base/text.hpp"
#include "host/base/uuid.hpp"

namespace lockstep::cli {
namespace {

using mcuboot::Errc;

std::string version_text(const mcuboot::Version& v) { return std::string(mcuboot::VersionText(v).view()); }

std::string flags_text(const mcuboot::Header& header) {
  std::string out;
  const auto add = [&](std::uint32_t bit, std::string_view name) {
    if (header.flags & bit) out += (out.empty() ? "" : " ") + std::string(name);
  };
  add(mcuboot::flag::non_bootable, "non-bootable");
  add(mcuboot::flag::ram_load, "ram-load");
  add(mcuboot::flag::rom_fixed, "rom-fixed");
  return fmt::format("{:#x}{}{}", header.flags, out.empty() ? "" : " ", out);
}

std::string next_step(Errc code, const std::string& file) {
  switch (code) {
    case Errc::bad_magic:
      return "sign the payload first: lockstep image sign " + file + " --key KEY.pem --version V -o OUT";
    case Errc::hash_mismatch:
    case Errc::too_short:
    case Errc::bad_tlv:
    case Errc::bad_tlv_area:
    case Errc::bad_tlv_length:
    case Errc::bad_protected_size:
      return "do not use it; get the file again from where it was built";
    case Errc::bad_signature:
      return "do not use it; sign it again, or find out who changed it";
    case Errc::unknown_key:
      return "compare the key id of: lockstep image show " + file +
             " with that of: lockstep key show PUB.pem";
    case Errc::no_signature:
      return "sign the payload: lockstep image sign PAYLOAD.bin --key KEY.pem --version V -o OUT";
    case Errc::trailing_bytes:
      return "use the image as signed, without padding for a slot (imgtool sign without --pad and --confirm)";
    case Errc::unsupported_signature:
    case Errc::unsupported_hash:
    case Errc::no_hash:
      return "sign it with ECDSA P-256 and SHA-256";
    case Errc::encrypted:
    case Errc::compressed:
      return "use the plain image";
    case Errc::read_failed:
    case Errc::bad_header_size:
    case Errc::too_large:
    case Errc::duplicate_tlv:
    case Errc::too_many_dependencies:
    case Errc::non_bootable:
    case Errc::crypto_failed:
    case Errc::no_room:
    case Errc::bad_version:
    case Errc::bad_option:
      return "";
  }
  return "";
}

}  // namespace

json::object image_json(const mcuboot::ImageInfo& info, const Sha256& file_sha256, std::size_t file_size) {
  json::object o{{"version", version_text(info.header.version)},
                 {"image_hash", Sha256(info.image_hash).hex()},
                 {"sha256", file_sha256.hex()},
                 {"size", file_size},
                 {"header_size", info.header.header_size},
                 {"payload_size", info.header.payload_size},
                 {"load_address", info.header.load_address},
                 {"flags", info.header.flags},
                 {"signatures", info.signature_count},
                 {"ignored_tlvs", info.ignored_tlv_count}};
  o["security_counter"] = info.security_counter ? json::value(*info.security_counter) : json::value(nullptr);
  o["vendor_id"] = info.vendor_id ? json::value(format_uuid(*info.vendor_id)) : json::value(nullptr);
  o["class_id"] = info.class_id ? json::value(format_uuid(*info.class_id)) : json::value(nullptr);
  o["revoked_key"] = info.revoked_key ? json::value(Sha256(*info.revoked_key).hex()) : json::value(nullptr);
  o["key_id"] = info.key_hash ? json::value(Sha256(*info.key_hash).hex()) : json::value(nullptr);
  json::array& dependencies = o["dependencies"].emplace_array();
  for (const mcuboot::Dependency& d : info.dependencies())
    dependencies.push_back(json::object{{"image", d.image}, {"min_version", version_text(d.min_version)}});
  return o;
}

Details image_details(const mcuboot::ImageInfo& info, const Sha256& file_sha256, std::size_t file_size) {
  const mcuboot::Header& h = info.header;
  Details d;
  d.line("version", version_text(h.version));
  d.line("image hash", Sha256(info.image_hash).hex() + "  (names it on the device)");
  d.line("file sha256", file_sha256.hex());
  d.line("file size", fmt::format("{} bytes ({} header, {} payload, {} TLVs)", file_size, h.header_size,
                                  h.payload_size, info.total_size - h.header_size - h.payload_size));
  if (file_size > info.total_size)
    d.line("behind image", fmt::format("{} bytes that are no part of it", file_size - info.total_size));
  if (h.load_address != 0) d.line("load address", fmt::format("{:#010x}", h.load_address));
  if (h.flags != 0) d.line("flags", flags_text(h));
  d.line("security counter", info.security_counter ? std::to_string(*info.security_counter) : "none");
  if (info.vendor_id) d.line("vendor id", format_uuid(*info.vendor_id));
  if (info.class_id) d.line("class id", format_uuid(*info.class_id));
  if (info.revoked_key) d.line("revokes key", Sha256(*info.revoked_key).hex() + "  (once it is confirmed)");
  for (const mcuboot::Dependency& dep : info.dependencies())
    d.line("depends on", fmt::format("image {} of at least {}", dep.image, version_text(dep.min_version)));
  d.line("key id", info.key_hash ? Sha256(*info.key_hash).hex() : "none");
  d.line("signatures", std::to_string(info.signature_count));
  if (info.ignored_tlv_count > 0)
    d.line("ignored TLVs", fmt::format("{}, outside of what the signature covers", info.ignored_tlv_count));
  return d;
}

Error image_error(Errc code, const std::filesystem::path& file) {
  const bool unread = code == Errc::read_failed || code == Errc::crypto_failed;
  return {unread ? ErrorKind::io : ErrorKind::refused, file.string() + ": " + std::string(text(code)),
          next_step(code, file.string())};
}

}  // namespace lockstep::cli
