#include "device/sweep/random_faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "device/boot/memory_flash.hpp"

namespace lockstep::sweep {
namespace {

// Fails operations [at, at+count) with an error, or dies at `at` when `cut`.
class FailingFlash final : public boot::Flash {
 public:
  struct Fault {
    std::uint32_t at = 0;  // operation, from 1; 0: none
    std::uint32_t count = 1;
    bool cut = false;
    boot::CutFlash::Last last{};
  };
  FailingFlash(boot::MemoryFlash& inner, Fault fault) : Flash(inner.geometry()), inner_(&inner), fault_(fault) {}

  Result<void, boot::FlashErrc> read(std::uint32_t address, MutableBytes into) override {
    if (dead_) return Fail(boot::FlashErrc::no_power);
    return inner_->read(address, into);
  }
  Result<void, boot::FlashErrc> program(std::uint32_t address, Bytes bytes) override {
    if (!fails()) return dead_ ? Fail(boot::FlashErrc::no_power) : inner_->program(address, bytes);
    boot::CutFlash torn(*inner_, 1, fault_.last);
    (void)torn.program(address, bytes);
    return refuse();
  }
  Result<void, boot::FlashErrc> erase(std::uint32_t address) override {
    if (!fails()) return dead_ ? Fail(boot::FlashErrc::no_power) : inner_->erase(address);
    boot::CutFlash torn(*inner_, 1, fault_.last);
    (void)torn.erase(address);
    return refuse();
  }
  std::uint32_t operations() const { return count_; }

 private:
  bool fails() {
    if (dead_) return false;
    ++count_;
    return fault_.at != 0 && count_ >= fault_.at && count_ < fault_.at + fault_.count;
  }
  boot::FlashErrc refusal() const { return fault_.cut ? boot::FlashErrc::no_power : boot::FlashErrc::io; }
  Result<void, boot::FlashErrc> refuse() {
    dead_ = fault_.cut;
    return Fail(refusal());
  }

  boot::MemoryFlash* inner_;
  Fault fault_;
  std::uint32_t count_ = 0;
  bool dead_ = false;
};

class Run {
 public:
  explicit Run(std::uint64_t seed) : random_(seed) {
    const auto scenarios = all_scenarios();
    scenario_ = &scenarios[pick(scenarios.size())];
    mode_ = scenario_->modes[pick(scenario_->modes.size())];
    shape_ = &all_shapes()[pick(all_shapes().size())];
    images_ = make_images(*shape_, mode_, scenario_->patched);
    memory_ = start_memory(*scenario_, *shape_, mode_, images_);
  }

  Outcome go() {
    const std::size_t bad_lives = 1 + pick(6);
    for (std::size_t i = 0; i < bad_lives && outcome_.findings.empty(); ++i) live(some_fault());
    std::optional<Life> before;
    for (int lives = 0; lives < 8 && outcome_.findings.empty(); ++lives) {
      const auto now = live({});
      if (now && scenario_->reached(before ? &*before : nullptr, *now, images_)) return std::move(outcome_);
      before = now;
    }
    find("the update is not completed 8 lives after the last fault");
    return std::move(outcome_);
  }

 private:
  std::size_t pick(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

  FailingFlash::Fault some_fault() {
    return {.at = static_cast<std::uint32_t>(1 + pick(120)),
            .count = static_cast<std::uint32_t>(1 + pick(3)),
            .cut = pick(2) == 0,
            .last = static_cast<boot::CutFlash::Last>(pick(3))};
  }

  std::optional<Life> live(FailingFlash::Fault fault) {
    boot::MemoryFlash memory(shape_->geometry(), memory_);
    FailingFlash flash(memory, fault);
    const boot::Layout layout = shape_->layout(mode_);
    auto life = begin_life(flash, layout, images_);
    if (!life && fault.at == 0) find(fmt::format("nothing boots: {}", boot::text(life.error())));
    if (!life) {
      note(fault, flash);
      return std::nullopt;
    }
    if (const auto wrong = complaint(*scenario_, layout, images_, *life)) find(*wrong);
    Application application(flash, layout, life->slot);
    scenario_->act(application, *life, images_);
    life->operations = flash.operations();
    note(fault, flash);
    return *life;
  }

  // Counts the faults that struck; many lives end before their turn.
  void note(const FailingFlash::Fault& fault, const FailingFlash& flash) {
    if (fault.at != 0 && flash.operations() >= fault.at) ++outcome_.cuts;
  }

  void find(const std::string& what) {
    if (outcome_.findings.empty())
      outcome_.findings.push_back(fmt::format("{}\n    {}, {}, {}", what, scenario_->name, boot::text(mode_), shape_->name()));
  }

  std::mt19937_64 random_;
  const Scenario* scenario_ = nullptr;
  const Shape* shape_ = nullptr;
  boot::Mode mode_{};
  Images images_;
  Buffer memory_;
  Outcome outcome_;
};

}  // namespace

Outcome run_with_faults(std::uint64_t seed) { return Run(seed).go(); }

}  // namespace lockstep::sweep
