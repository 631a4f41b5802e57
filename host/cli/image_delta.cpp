#include "host/cli/image_delta.hpp"

#include <fmt/format.h>

#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "host/cli/image_report.hpp"
#include "host/delta/patch.hpp"
#include "protocols/mcuboot/image.hpp"

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;

struct DeltaOptions {
  fs::path base;
  fs::path target;
  fs::path out;
  delta::WindowLimits limits;
  bool force = false;
};

struct Image {
  Buffer bytes;
  mcuboot::ImageInfo info;
};

Outcome<Image> load(const fs::path& file) {
  Image image;
  LOCKSTEP_TRY(bytes, read_file(file));
  image.bytes = std::move(bytes);
  mcuboot::MemorySource source(image.bytes);
  const auto info = mcuboot::inspect(source);
  if (!info) return Fail(image_error(info.error(), file));
  image.info = *info;
  return image;
}

json::object side(const fs::path& file, const Image& image) {
  return {{"file", file.string()},
          {"version", mcuboot::VersionText(image.info.header.version).view()},
          {"image_hash", Sha256(image.info.image_hash).hex()},
          {"sha256", Sha256::of(image.bytes).hex()},
          {"size", image.bytes.size()}};
}

std::string side_text(const fs::path& file, const Image& image) {
  return fmt::format("{} ({}, {} bytes)", file.string(), mcuboot::VersionText(image.info.header.version).view(),
                     image.bytes.size());
}

Outcome<void> run_delta(Terminal& terminal, const DeltaOptions& o) {
  LOCKSTEP_TRY(base, load(o.base));
  LOCKSTEP_TRY(target, load(o.target));
  const Buffer patch = delta::make_patch(base.bytes, target.bytes, o.limits);
  // What leaves here was applied and compared, whatever went wrong on the way.
  const auto applied = delta::apply_patch(base.bytes, patch);
  if (!applied || *applied != target.bytes)
    return fail(ErrorKind::internal, "the new patch does not make the new image");
  auto written = write_file(o.out, patch, {.replace = o.force});
  if (!written && written.error().kind == ErrorKind::conflict)
    return fail(ErrorKind::conflict, written.error().what, replace_hint());
  LOCKSTEP_CHECK(std::move(written));

  const double percent = 100.0 * static_cast<double>(patch.size()) / static_cast<double>(target.bytes.size());
  Details text;
  text.line("wrote", o.out.string());
  text.line("base", side_text(o.base, base));
  text.line("target", side_text(o.target, target));
  text.line("size", fmt::format("{} bytes, {:.1f} % of the image", patch.size(), percent));
  const json::object document{{"file", o.out.string()},
                              {"base", side(o.base, base)},
                              {"target", side(o.target, target)},
                              {"size", patch.size()},
                              {"sha256", Sha256::of(patch).hex()},
                              {"smaller", patch.size() < target.bytes.size()}};
  terminal.show(document, text.text());
  if (patch.size() >= target.bytes.size())
    terminal.note("the patch is not smaller than the image; the images have too little in common");
  return {};
}

}  // namespace

void add_image_delta(Command noun, Context& context) {
  auto& o = context.keep<DeltaOptions>();
  Command command = noun.add_subcommand("delta", "Make the patch that turns one image into another");
  command.add_option("old", o.base, "Image that the device runs").required().type_name("OLD");
  command.add_option("new", o.target, "Image that it is to run").required().type_name("NEW");
  command.add_option("-o,--out", o.out, "File to write, a VCDIFF file (RFC 3284)").required().type_name("PATCH");
  command.add_option("--delta-window", o.limits.delta, "Instructions that the device keeps at once (default 3072)")
      .type_name("BYTES")
      .in_range(delta::WindowLimits::least_delta, 1u << 20);
  command.add_option("--target-window", o.limits.target, "Bytes that one window makes (default 16384)")
      .type_name("BYTES")
      .in_range(delta::WindowLimits::least_target, 1u << 20);
  command.add_flag("--force", o.force, "Replace an existing file");
  context.on_run(command, [&] { return run_delta(context.terminal, o); });
}

}  // namespace lockstep::cli
