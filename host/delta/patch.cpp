#include "host/delta/patch.hpp"

#include <algorithm>

#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "host/delta/window_writer.hpp"
#include "protocols/delta/decoder.hpp"
#include "protocols/delta/patch_header.hpp"

namespace lockstep::delta {
namespace {

// The stretch of the base that these copy from; empty when they copy from the window only.
Segment used_segment(std::span<const Operation> operations, const Segment& whole) {
  std::uint32_t begin = whole.size, end = 0;
  for (const Operation& o : operations) {
    if (o.kind != Kind::copy || o.address >= whole.size) continue;
    begin = std::min(begin, o.address);
    end = std::max(end, std::min(o.address + o.size, whole.size));
  }
  return end == 0 ? Segment{} : Segment{whole.offset + begin, end - begin};
}

WrittenWindow encode_window(const Parts& parts, std::uint32_t limit) {
  const Segment whole{0, static_cast<std::uint32_t>(parts.base.size())};
  const auto operations = parse(parts, whole);
  WrittenWindow first = write_window(operations, parts.window, whole, limit);
  // Once more with no more of the base than was needed: its addresses are smaller numbers.
  const Segment needed = used_segment(std::span(operations).first(first.operations), whole);
  const Parts same{parts.base, parts.index, parts.window.first(first.target_size)};
  WrittenWindow second = write_window(parse(same, needed), same.window, needed, limit);
  return second.target_size == first.target_size && second.bytes.size() <= first.bytes.size() ? second : first;
}

Buffer file_header(Bytes base, Bytes target) {
  const PatchHeader header{.base_size = static_cast<std::uint32_t>(base.size()),
                           .target_size = static_cast<std::uint32_t>(target.size()),
                           .base = Sha256::of(base).digest(),
                           .target = Sha256::of(target).digest()};
  std::array<std::byte, PatchHeader::size> app_header;
  ByteWriter app(app_header);
  header.encode(app);
  std::array<std::byte, PatchHeader::size + 16> file;
  ByteWriter w(file);
  write_file_header(w, app.written());
  return to_buffer(w.written());
}

// Both images in memory.
class MemoryImages final : public Images {
 public:
  explicit MemoryImages(Bytes base) : base_(base) {}
  std::uint32_t base_size() override { return static_cast<std::uint32_t>(base_.size()); }
  bool read_base(std::uint32_t offset, MutableBytes into) override { return read(base_, offset, into); }
  bool read_target(std::uint32_t offset, MutableBytes into) override { return read(target, offset, into); }
  bool write(std::uint32_t offset, Bytes bytes) override {
    if (offset != target.size()) return false;
    target.insert(target.end(), bytes.begin(), bytes.end());
    return true;
  }
  Buffer target;

 private:
  static bool read(Bytes from, std::uint32_t offset, MutableBytes into) {
    if (offset > from.size() || into.size() > from.size() - offset) return false;
    std::copy_n(from.begin() + offset, into.size(), into.begin());
    return true;
  }
  Bytes base_;
};

Error damaged(Errc why) { return {ErrorKind::invalid, std::string(text(why))}; }

}  // namespace

Buffer make_patch(Bytes base, Bytes target, const WindowLimits& limits) {
  MatchIndex index(base);
  index.insert_all();
  Buffer patch = file_header(base, target);
  for (std::size_t at = 0; at < target.size();) {
    const Bytes window = target.subspan(at, std::min<std::size_t>(limits.target, target.size() - at));
    const WrittenWindow written = encode_window({base, index, window}, limits.delta);
    patch.insert(patch.end(), written.bytes.begin(), written.bytes.end());
    at += written.target_size;
  }
  return patch;
}

Outcome<Buffer> apply_patch(Bytes base, Bytes patch) {
  const auto file = read_file_header(patch);
  if (!file) return Fail(damaged(file.error()));
  const auto header = PatchHeader::decode(file->app_header);
  if (!header) return Fail(damaged(header.error()));
  if (header->base_size != base.size() || header->base != Sha256::of(base).digest())
    return fail(ErrorKind::invalid, "the patch is for another image");
  if (header->target_size > default_file_limit_bytes)
    return fail(ErrorKind::invalid, "the patch makes an image of more than 64 MiB");
  MemoryImages images(base);
  Buffer buffer(patch.size());
  Decoder decoder(buffer, images);
  decoder.start({header->target_size, header->target_size}, file->size, 0);
  if (const auto fed = decoder.feed(patch.subspan(file->size)); !fed) return Fail(damaged(fed.error()));
  if (!decoder.between_windows()) return Fail(damaged(Errc::too_short));
  if (header->target != Sha256::of(images.target).digest())
    return fail(ErrorKind::invalid, "the patch does not make the image that it names");
  return std::move(images.target);
}

}  // namespace lockstep::delta
