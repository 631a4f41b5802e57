#include "device/sweep/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "device/boot/memory_flash.hpp"

namespace lockstep::sweep {
namespace {

using boot::Mode;
constexpr std::array every_mode{Mode::swap, Mode::overwrite_only, Mode::direct_xip, Mode::ram_load};
constexpr std::array modes_with_trial{Mode::swap, Mode::direct_xip};

const Image& first(const Images& i) { return i.first; }
const Image& second(const Images& i) { return i.second; }
const Image& third(const Images& i) { return i.third; }

// A host that lost the answer confirms again; the second time must change nothing.
void confirm(Application& application) {
  application.confirm();
  application.confirm();
}

void test_second(Application& application, const Life& life, const Images& images) {
  if (life.ran == &images.second) return confirm(application);
  if (application.upload(images.second)) application.mark_for_test(images.second);
}

void patch_to_second(Application& application, const Life& life, const Images& images) {
  if (life.ran == &images.second) return confirm(application);
  if (application.upload_file(images.patch)) application.mark_for_test(images.second);
}

void erase_and_test_second(Application& application, const Life& life, const Images& images) {
  if (life.ran == &images.second) return confirm(application);
  application.erase_free_slot();
  test_second(application, life, images);
}

void install_second(Application& application, const Life& life, const Images& images) {
  if (life.ran == &images.second) return confirm(application);
  if (application.upload(images.second)) application.mark_for_good(images.second);
}

void test_third(Application& application, const Life& life, const Images& images) {
  if (life.ran == &images.third) return confirm(application);
  if (application.upload(images.third)) application.mark_for_test(images.third);
}

void try_second_without_confirming(Application& application, const Life& life, const Images& images) {
  if (life.ran == &images.second) return;
  if (application.upload(images.second)) application.mark_for_test(images.second);
}

void ask_for_forged(Application& application, const Life&, const Images& images) {
  if (application.upload(images.forged)) application.mark_for_test(images.forged);
}

void then_ask_for_stale(Application& application, const Life& life, const Images& images) {
  if (life.ran != &images.second || !life.confirmed) return test_second(application, life, images);
  // The counter rises no higher than the way back; without one, at the next boot.
  if (life.counter < images.second.counter) {
    application.erase_free_slot();
    return;
  }
  if (application.upload(images.stale)) application.mark_for_test(images.stale);
}

bool runs_for_good(const Life& life, const Image& image) {
  return life.ran == &image && life.confirmed && life.operations == 0;
}
bool second_stays(const Life*, const Life& now, const Images& images) { return runs_for_good(now, images.second); }
bool third_stays(const Life*, const Life& now, const Images& images) { return runs_for_good(now, images.third); }
bool went_back(const Life* before, const Life& now, const Images& images) {
  return before != nullptr && before->ran == &images.second && now.ran == &images.first && now.confirmed;
}
bool forged_refused(const Life*, const Life& now, const Images& images) { return now.refused && now.ran == &images.first; }
bool stale_refused(const Life*, const Life& now, const Images& images) {
  return now.refused && now.ran == &images.second && now.counter == images.second.counter;
}

// Lives on without a cut until the second image runs for good.
void update_to_second(boot::Flash& flash, const boot::Layout& layout, const Images& images) {
  for (int lives = 0; lives < 8; ++lives) {
    const auto life = begin_life(flash, layout, images);
    if (!life) break;
    if (life->ran == &images.second && life->confirmed) return;
    Application application(flash, layout, life->slot);
    test_second(application, *life, images);
  }
  throw std::logic_error("the sweep's device cannot be brought to its start");
}

}  // namespace

std::span<const Scenario> all_scenarios() {
  // clang-format off
  static constexpr std::array<Scenario, 8> scenarios{{
    // name                modes             from    to      patch  test   prepare           act                            reached
    {"update",             every_mode,       first,  second, false, true,  nullptr,          test_second,                   second_stays},
    {"second update",      every_mode,       second, third,  false, true,  update_to_second, test_third,                    third_stays},
    {"permanent update",   every_mode,       first,  second, false, false, nullptr,          install_second,                second_stays},
    {"erase, then update", every_mode,       first,  second, false, true,  nullptr,          erase_and_test_second,         second_stays},
    {"delta update",       every_mode,       first,  second, true,  true,  nullptr,          patch_to_second,               second_stays},
    {"revert",             modes_with_trial, first,  second, false, true,  nullptr,          try_second_without_confirming, went_back},
    {"forged image",       every_mode,       first,  first,  false, false, nullptr,          ask_for_forged,                forged_refused},
    {"counter bump",       every_mode,       first,  second, false, true,  nullptr,          then_ask_for_stale,            stale_refused},
  }};
  // clang-format on
  return scenarios;
}

Result<Life, boot::Errc> begin_life(boot::Flash& flash, const boot::Layout& layout, const Images& images) {
  LOCKSTEP_TRY(report, boot_once(flash, layout));
  Life life{.slot = report.slot, .confirmed = report.confirmed, .refused = report.refusal.has_value(), .counter = report.ratchet.counter};
  for (const Image* image : {&images.first, &images.second, &images.third, &images.forged, &images.stale}) {
    if (image->hash == report.image.image_hash) life.ran = image;
  }
  return life;
}

std::optional<std::string> complaint(const Scenario& scenario, const boot::Layout& layout, const Images& images,
                                     const Life& life) {
  const Image& from = scenario.from(images);
  const Image& to = scenario.to(images);
  if (life.ran != &from && life.ran != &to) {
    return fmt::format("{} runs, which nobody may run", life.ran == nullptr ? "an unknown image" : life.ran->name);
  }
  if (life.ran == &from && !life.confirmed) return fmt::format("{} is on test although it was confirmed before", from.name);
  if (!life.confirmed && !scenario.may_test) return fmt::format("{} is on test, and was asked for for good", to.name);
  if (!life.confirmed && life.counter > from.counter) {
    return fmt::format("the security counter is {} while {} is on test: {} could not come back", life.counter, to.name,
                       from.name);
  }
  const bool has_trial = std::ranges::find(modes_with_trial, layout.mode) != modes_with_trial.end();
  if (!has_trial && !life.confirmed) return std::string("an image is on test in a mode without tests");
  return std::nullopt;
}

Buffer factory_memory(const Shape& shape, boot::Mode mode, const Images& images) {
  Buffer memory(shape.geometry().size, boot::erased_byte);
  std::ranges::copy(images.first.file, memory.begin() + shape.layout(mode).slot0.offset);
  return memory;
}

Buffer start_memory(const Scenario& scenario, const Shape& shape, boot::Mode mode, const Images& images) {
  Buffer memory = factory_memory(shape, mode, images);
  if (scenario.prepare != nullptr) {
    boot::MemoryFlash flash(shape.geometry(), memory);
    scenario.prepare(flash, shape.layout(mode), images);
  }
  return memory;
}

}  // namespace lockstep::sweep
