// Eight bytes draw a small catalogue, the rest is a plan of any kind: the checker must not break, and must agree with
// the other reading of the model.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "manifests/check/check.hpp"
#include "manifests/oracle/instance.hpp"
#include "manifests/oracle/search.hpp"

using namespace lockstep;

namespace {

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  bool empty() const { return size_ == 0; }
  std::uint8_t byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  // Mostly a small number; now and then any.
  model::Index index() {
    const std::uint8_t b = byte();
    if (b < 0xf0) return b % 8 - 2 + (b >= 0x80 ? 2 : 0);
    model::Index wide = 0;
    for (int n = 0; n < 4; ++n) wide = static_cast<model::Index>(static_cast<std::uint32_t>(wide) << 8 | byte());
    return wide;
  }
  // Changes to a state, as many as the first byte says.
  void change(model::State& state) {
    for (int n = byte() % 8; n > 0; --n) {
      const std::uint8_t what = byte();
      if (what == 0xff) state.parts.emplace_back();
      if (what == 0xfe && !state.parts.empty()) state.parts.pop_back();
      if (state.parts.empty()) continue;
      model::Part& p = state.parts[what / 8 % state.parts.size()];
      switch (what % 8) {
        case 0: p.active = index(); break;
        case 1: p.fallback = index(); break;
        case 2: p.staged = index(); break;
        case 3: p.trial = !p.trial; break;
        case 4: p.counter = static_cast<std::uint32_t>(index()); break;
        case 5: p.epoch = static_cast<std::uint32_t>(index()); break;
        case 6: p.alive.push_back(index()); break;
        default: p.alive.clear(); break;
      }
    }
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 4096) return 0;
  Input input(data, size);
  const auto seed = static_cast<std::uint64_t>(input.byte()) << 8 | input.byte();
  const oracle::Instance instance = oracle::draw(seed, {.most_versions = 4, .hopeless = 1});

  model::Plan plan{instance.board, instance.start, instance.goal, {}, {}};
  input.change(plan.start);
  if (const std::uint8_t goals = input.byte(); goals != 0) {
    plan.goal.versions.resize(goals % 7);
    for (model::Index& v : plan.goal.versions) v = input.index();
  }
  while (!input.empty()) {
    model::Step step{model::acts[input.byte() % std::size(model::acts)], {}};
    for (int n = input.byte() % 4; n > 0; --n) {
      const model::Index component = input.index();
      step.targets.push_back({component, input.index()});
    }
    plan.steps.push_back(std::move(step));
    // What the step leaves, as the oracle sees it, and then changed or not.
    model::State after = plan.after.empty() ? plan.start : plan.after.back();
    if (const auto next = oracle::after(instance.catalogue, plan.board, after, plan.steps.back())) after = *next;
    input.change(after);
    plan.after.push_back(std::move(after));
  }
  const auto verdict = check::check(instance.catalogue, plan);
  if (!verdict && check::text(instance.catalogue, plan, verdict.error()).empty()) std::abort();
  if (static_cast<bool>(verdict) != oracle::is_good(instance.catalogue, plan)) std::abort();
  return 0;
}
