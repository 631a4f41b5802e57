// Mode direct_xip: the image runs from the slot it lies in (MCUboot design document, "Direct execute-in-place", with
// revert). Nothing is copied; each slot's trailer speaks for its own image.
#include "device/boot/booter.hpp"

namespace lockstep::boot {
namespace {

struct Candidate {
  Standing standing = Standing::unmarked;
  std::optional<mcuboot::ImageInfo> image{};
  std::optional<Refusal> refusal{};
};

// Marked images come before others, and one whose trial failed runs only when there is nothing else.
int rank(const Candidate& c) {
  if (!c.image) return 0;
  switch (c.standing) {
    case Standing::failed: return 1;
    case Standing::unmarked: return 2;
    case Standing::trial:
    case Standing::wanted:
    case Standing::confirmed: return 3;
  }
  return 0;
}

bool is_asked_for(const Candidate& c) { return c.standing == Standing::trial || c.standing == Standing::wanted; }

// The slot to run, or nothing. Of two marked images the newer one; of two alike, slot 0's, as MCUboot has it.
std::optional<int> better(const Candidate& in0, const Candidate& in1) {
  if (rank(in0) == 0 && rank(in1) == 0) return std::nullopt;
  if (rank(in0) != rank(in1)) return rank(in0) > rank(in1) ? 0 : 1;
  const bool both_marked = rank(in0) == 3;
  return both_marked && in1.image->header.version > in0.image->header.version ? 1 : 0;
}

// The image goes before its trailer: what is left by a cut is a wish without an image, and is refused.
Result<void, FlashErrc> remove(FlashArea slot, Trailer trailer) {
  LOCKSTEP_CHECK(slot.erase_sector(0));
  return trailer.erase();
}

// Nothing is erased while no other image may run.
class DirectXipBooter final : public Booter {
 public:
  using Booter::Booter;

 private:
  Result<bool, FlashErrc> choose() override;
  Result<bool, FlashErrc> is_confirmed() override { return confirmed_; }
  Result<Candidate, FlashErrc> look(int n);

  bool confirmed_ = false;
};

Result<Candidate, FlashErrc> DirectXipBooter::look(int n) {
  LOCKSTEP_TRY(state, trailer(n).read());
  Candidate candidate{.standing = standing(state)};
  const Checked image = check(slot(n));
  if (image) candidate.image = *image;
  if (!image) candidate.refusal = image.error();
  return candidate;
}

Result<bool, FlashErrc> DirectXipBooter::choose() {
  LOCKSTEP_TRY(in0, look(0));
  LOCKSTEP_TRY(in1, look(1));
  const auto chosen = better(in0, in1);
  if (!chosen) return false;
  const Candidate& self = *chosen == 0 ? in0 : in1;
  const Candidate& other = *chosen == 0 ? in1 : in0;
  take(*chosen, *self.image);
  if (other.refusal) note(*other.refusal);
  confirmed_ = self.standing != Standing::trial && self.standing != Standing::failed;

  if (is_asked_for(self)) report_.action = confirmed_ ? Action::installed : Action::tested;
  const bool refused = is_asked_for(other) && !other.image;
  if (refused) {
    report_.action = Action::refused;
    report_.refusal = other.refusal;
  }
  if (other.standing == Standing::failed) report_.action = Action::reverted;
  if (refused || other.standing == Standing::failed) LOCKSTEP_CHECK(remove(slot(1 - *chosen), trailer(1 - *chosen)));
  // Before it runs: should it hang, the next boot knows that it had its chance.
  if (is_asked_for(self)) LOCKSTEP_CHECK(trailer(*chosen).write_copy_done());
  return true;
}

}  // namespace

Result<BootReport, Errc> boot_direct_xip(Flash& flash, const Layout& layout, const Trust& trust) {
  return DirectXipBooter(flash, layout, trust).run();
}

}  // namespace lockstep::boot
