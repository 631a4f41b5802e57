// Steps: sending a patch in place of the image.
#include "host/update/steps.hpp"

namespace lockstep::update {

asio::awaitable<Outcome<Buffer>> Steps::fetch_patch(std::size_t image_size) {
  Buffer none;
  if (!job_.patch || facts_.patch_failures >= job_.policy.patch_tries) co_return none;
  auto limits = co_await device_->patch_limits();
  if (!limits) {
    const ErrorKind kind = limits.error().kind;
    const bool lost = kind == ErrorKind::unreachable || kind == ErrorKind::cancelled;
    if (lost) co_return Fail(std::move(limits).error());
    co_return none;  // it takes none, or says nothing that we understand
  }
  std::string running = inventory_.running()->hash;
  auto patch = co_await job_.patch(std::move(running), *limits);
  if (!patch) co_return none;  // the running image is not at hand
  // The device works longer on a patch: one that saves little is not worth it.
  if (patch->size() > image_size / 4 * 3) co_return none;
  co_return *std::move(patch);
}

asio::awaitable<Outcome<void>> Steps::send(const VerifiedImage& image) {
  for (;;) {
    auto patch = co_await fetch_patch(image.bytes().size());
    if (!patch) co_return Fail(std::move(patch).error());
    const bool patched = !patch->empty();
    const Bytes file = patched ? Bytes(*patch) : image.bytes();
    auto watch = upload_watch();
    auto report = co_await device_->upload(file, 0, std::move(watch));
    if (report) {
      facts_.saved_bytes = static_cast<std::uint32_t>(image.bytes().size() - file.size());
      co_return Outcome<void>();
    }
    const ErrorKind kind = report.error().kind;
    if (!patched || kind == ErrorKind::cancelled) co_return Fail(std::move(report).error());
    // A link that is lost while the patch gets on is not the patch's fault.
    const bool lost = kind == ErrorKind::unreachable;
    if (!lost || !progressed_) ++facts_.patch_failures;
    if (lost) co_return Fail(std::move(report).error());
  }
}

}  // namespace lockstep::update
