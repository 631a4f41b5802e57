#include "host/cli/image_commands.hpp"

#include <fmt/format.h>

#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "host/base/text.hpp"
#include "host/base/uuid.hpp"
#include "host/cli/image_delta.hpp"
#include "host/cli/image_report.hpp"
#include "protocols/mcuboot/build.hpp"
#include "protocols/mcuboot/verify.hpp"

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;

struct SignOptions {
  fs::path payload;
  fs::path key;
  fs::path out;
  std::string version;
  std::string vendor;
  std::string device_class;
  fs::path revoked_key;
  std::vector<std::string> dependencies;
  std::optional<std::uint32_t> security_counter;
  std::uint32_t load_address = 0;
  std::uint16_t header_size = 512;
  bool force = false;
};

struct ShowOptions {
  fs::path file;
};

struct VerifyOptions {
  fs::path file;
  std::vector<fs::path> keys;
};

// "0:1.2.3"
Outcome<mcuboot::Dependency> parse_dependency(std::string_view text) {
  const std::size_t colon = text.find(':');
  mcuboot::Dependency dependency;
  const auto image =
      mcuboot::parse_version(text.substr(0, colon));  // a number of 8 bits, as a version's first part
  const auto version = mcuboot::parse_version(colon == std::string_view::npos ? "" : text.substr(colon + 1));
  if (!image || !version || text.substr(0, colon).find('.') != std::string_view::npos)
    return fail(ErrorKind::invalid, in_quotes(text) + " is no dependency, write IMAGE:VERSION as in 1:2.0.0");
  dependency.image = image->major;
  dependency.min_version = *version;
  return dependency;
}

std::string check_version(const std::string& text) {
  if (mcuboot::parse_version(text)) return "";
  return in_quotes(text) +
         " is no image version, write major.minor.revision+build as in 1.2.3 or 1.2.3+4 "
         "(at most 255.255.65535+4294967295)";
}

std::string check_header_size(const std::string& text) {
  const auto size = number_of_option(text);
  const bool ok = size && *size >= mcuboot::min_header_size && *size <= 65532 && *size % 4 == 0;
  return ok ? "" : in_quotes(text) + " is no header size, it is a multiple of 4 from 32 to 65532";
}

std::string check_dependency(const std::string& text) {
  const auto dependency = parse_dependency(text);
  return dependency ? "" : dependency.error().what;
}

Outcome<mcuboot::BuildOptions> build_options(const SignOptions& o,
                                             std::vector<mcuboot::Dependency>& dependencies) {
  mcuboot::BuildOptions options;
  options.version = *mcuboot::parse_version(o.version);  // checked while parsing
  options.header_size = o.header_size;
  options.load_address = o.load_address;
  if (o.load_address != 0) options.flags |= mcuboot::flag::ram_load;
  options.security_counter = o.security_counter;
  for (const std::string& text : o.dependencies) {
    LOCKSTEP_TRY(dependency, parse_dependency(text));
    dependencies.push_back(dependency);
  }
  options.dependencies = dependencies;
  if (!o.vendor.empty()) options.vendor_id = uuid_of(o.vendor, uuid_dns_namespace);
  if (o.device_class.empty()) return options;
  if (!options.vendor_id && !parse_uuid(o.device_class))
    return fail(ErrorKind::invalid,
                "the class " + in_quotes(o.device_class) + " is a name, which needs a vendor",
                "pass --vendor, too, or give the class as a UUID");
  options.class_id = uuid_of(o.device_class, options.vendor_id.value_or(Uuid{}));
  return options;
}

Outcome<void> refuse_signed(const SignOptions& o, Bytes payload) {
  mcuboot::MemorySource source(payload);
  const auto header = mcuboot::read_header(source);
  if (!header) return {};
  return fail(ErrorKind::conflict,
              fmt::format("{} is an MCUboot image already (version {})", o.payload.string(),
                          mcuboot::VersionText(header->version).view()),
              "pass the bare payload that the linker made");
}

// A device keeps the key that signed what it runs; an image that revokes that one would revoke nothing.
Outcome<std::optional<mcuboot::Digest>> revoked_key(const SignOptions& o, const PrivateKey& key) {
  if (o.revoked_key.empty()) return std::optional<mcuboot::Digest>();
  LOCKSTEP_TRY(revoked, PublicKey::load(o.revoked_key));
  if (revoked.id() == key.public_key().id()) {
    return fail(ErrorKind::invalid, o.revoked_key.string() + " is the key that signs this image; it cannot revoke itself",
                "sign with another key that the devices trust");
  }
  return std::optional(revoked.mcuboot().hash);
}

Outcome<Buffer> sign_payload(const SignOptions& o, const PrivateKey& key, Bytes payload) {
  std::vector<mcuboot::Dependency> dependencies;
  LOCKSTEP_TRY(options, build_options(o, dependencies));
  LOCKSTEP_TRY(revoked, revoked_key(o, key));
  options.revoked_key = revoked;
  Buffer image(mcuboot::max_image_size(payload.size(), options));
  MbedCrypto crypto;
  KeySigner signer(key);
  const auto size = mcuboot::build(payload, options, crypto, signer, image);
  if (!size) return fail(ErrorKind::invalid, o.payload.string() + ": " + std::string(text(size.error())));
  image.resize(*size);
  return image;
}

Outcome<void> run_sign(Terminal& terminal, const SignOptions& o) {
  std::error_code unreadable;
  if (!o.force && fs::is_regular_file(o.out, unreadable))
    return fail(ErrorKind::conflict, o.out.string() + " exists already", replace_hint());
  LOCKSTEP_TRY(key, PrivateKey::load(o.key));
  LOCKSTEP_TRY(payload, read_file(o.payload));
  if (payload.empty())
    return fail(ErrorKind::invalid, o.payload.string() + " is empty", "pass the firmware's binary");
  LOCKSTEP_CHECK(refuse_signed(o, payload));
  LOCKSTEP_TRY(image, sign_payload(o, key, payload));

  // What leaves here was read back and checked, whatever went wrong on the way.
  mcuboot::MemorySource source(image);
  MbedCrypto crypto;
  const auto info = mcuboot::verify_file(source, crypto, std::span(&key.public_key().mcuboot(), 1));
  if (!info)
    return fail(ErrorKind::internal, "the new image does not verify: " + std::string(text(info.error())));
  auto written = write_file(o.out, image, {.replace = o.force});
  if (!written && written.error().kind == ErrorKind::conflict)
    return fail(ErrorKind::conflict, written.error().what, replace_hint());
  LOCKSTEP_CHECK(std::move(written));

  const Sha256 sha = Sha256::of(image);
  Details text;
  text.line("wrote", o.out.string());
  json::object document = image_json(*info, sha, image.size());
  document["file"] = o.out.string();
  terminal.show(document, text.text() + image_details(*info, sha, image.size()).text());
  return {};
}

Outcome<void> run_show(Terminal& terminal, const ShowOptions& o) {
  LOCKSTEP_TRY(file, read_file(o.file));
  mcuboot::MemorySource source(file);
  const auto info = mcuboot::inspect(source);
  if (!info) return Fail(image_error(info.error(), o.file));
  const Sha256 sha = Sha256::of(file);
  json::object document = image_json(*info, sha, file.size());
  document["file"] = o.file.string();
  terminal.show(document, image_details(*info, sha, file.size()));
  terminal.note("hash and signature were not checked; lockstep image verify " + printable(o.file.string()) +
                " --key PUB.pem does");
  return {};
}

Outcome<std::vector<mcuboot::PublicKey>> load_keys(const std::vector<fs::path>& files) {
  std::vector<mcuboot::PublicKey> keys;
  for (const fs::path& file : files) {
    LOCKSTEP_TRY(key, PublicKey::load(file));
    keys.push_back(key.mcuboot());
  }
  return keys;
}

std::string key_file_of(const VerifyOptions& o, const std::vector<mcuboot::PublicKey>& keys,
                        const mcuboot::Digest& id) {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i].hash == id) return o.keys[i].string();
  return "";
}

Error verify_error(mcuboot::Errc code, mcuboot::Source& source, const fs::path& file) {
  Error error = image_error(code, file);
  if (code != mcuboot::Errc::trailing_bytes) return error;
  const auto info = mcuboot::inspect(source);
  if (info)
    error.what = fmt::format("{}: {} bytes follow the end of the image", file.string(),
                             source.size() - info->total_size);
  return error;
}

Outcome<void> run_verify(Terminal& terminal, const VerifyOptions& o) {
  LOCKSTEP_TRY(keys, load_keys(o.keys));
  LOCKSTEP_TRY(file, read_file(o.file));
  mcuboot::MemorySource source(file);
  MbedCrypto crypto;
  const auto info = mcuboot::verify_file(source, crypto, keys);
  if (!info) return Fail(verify_error(info.error(), source, o.file));
  const Sha256 sha = Sha256::of(file);
  const std::string key_file = key_file_of(o, keys, *info->signed_by);
  json::object document = image_json(*info, sha, file.size());
  document["file"] = o.file.string();
  document["verified"] = true;
  document["signed_by"] = Sha256(*info->signed_by).hex();
  document["key_file"] = key_file;
  Details text;
  text.line("verified", o.file.string() + " is whole and signed by " + key_file);
  terminal.show(document, text.text() + image_details(*info, sha, file.size()).text());
  if (info->ignored_tlv_count > 0)
    terminal.note(fmt::format("{} TLVs stand outside of what hash and signature cover; they say nothing",
                              info->ignored_tlv_count));
  return {};
}

void add_sign(Command noun, Context& context) {
  auto& o = context.keep<SignOptions>();
  Command command =
      noun.add_subcommand("sign", "Put header, hash and signature around a firmware's binary");
  command.add_option("payload", o.payload, "Binary as the linker made it, for the address behind the header")
      .required()
      .type_name("IN.bin");
  command.add_option("-k,--key", o.key, "Private key (lockstep key new)").required().type_name("KEY.pem");
  command.add_option("--version", o.version, "major.minor.revision+build")
      .required()
      .type_name("V")
      .check(check_version);
  command.add_option("-o,--out", o.out, "File to write").required().type_name("OUT");
  command
      .add_option("--security-counter", o.security_counter,
                   "The device refuses images with a lower counter than it has seen confirmed")
      .type_name("N");
  command.add_option("--header-size", o.header_size, "Bytes before the payload (default 512)")
      .type_name("BYTES")
      .check(check_header_size);
  command.add_option("--load-address", o.load_address, "Address in RAM that the bootloader copies it to")
      .type_name("ADDRESS");
  command.add_option("--vendor", o.vendor, "Vendor: a UUID, or a domain name").type_name("ID");
  command.add_option("--class", o.device_class, "Device class: a UUID, or a name within the vendor")
      .type_name("ID");
  command
      .add_option("--revoke", o.revoked_key,
                   "Public key that devices stop trusting when this image is confirmed on them")
      .type_name("KEY.pem");
  command
      .add_option("--depends", o.dependencies, "Other image that must be there, as 1:2.0.0; may be repeated")
      .type_name("IMAGE:V")
      .allow_extra_args(false)
      .check(check_dependency);
  command.add_flag("--force", o.force, "Replace an existing file");
  context.on_run(command, [&] { return run_sign(context.terminal, o); });
}

}  // namespace

void add_image_commands(Command app, Context& context) {
  Command noun = add_noun(app, "image", "Sign, show, verify and patch MCUboot firmware images");
  add_sign(noun, context);

  auto& show = context.keep<ShowOptions>();
  Command command = noun.add_subcommand("show", "Show what an image says about itself");
  command.add_option("file", show.file, "Image").required().type_name("FILE");
  context.on_run(command, [&] { return run_show(context.terminal, show); });

  auto& verify = context.keep<VerifyOptions>();
  command = noun.add_subcommand("verify", "Check that an image is whole and signed by one of the keys");
  command.add_option("file", verify.file, "Image").required().type_name("FILE");
  command.add_option("-k,--key", verify.keys, "Public key; may be repeated")
      .required()
      .type_name("PUB.pem")
      .allow_extra_args(false);
  context.on_run(command, [&] { return run_verify(context.terminal, verify); });
  add_image_delta(noun, context);
}

}  // namespace lockstep::cli
