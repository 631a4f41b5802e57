#include "device/agent/trial.hpp"

namespace lockstep::agent {

using namespace std::string_view_literals;  // length known without strlen

std::string_view text(SelfTest t) {
  switch (t) {
    case SelfTest::passed: return "passed"sv;
    case SelfTest::running: return "running"sv;
    case SelfTest::failed: return "failed"sv;
  }
  return "unknown"sv;
}

Health health_of(Platform& platform) {
  Health health = platform.health();
  if (!health.healthy) return health;  // it knows better what is wrong
  switch (platform.self_test()) {
    case SelfTest::passed: return health;
    case SelfTest::running: return {.healthy = false, .detail = "the self-test has not finished"sv};
    case SelfTest::failed: return {.healthy = false, .detail = "the self-test failed"sv};
  }
  return health;
}

bool Trial::on_test() {
  for (int image = 0; image < platform_->images(); ++image) {
    if (Slots(*platform_, image).next_boot() == boot::SwapType::revert) return true;
  }
  return false;
}

std::optional<std::uint64_t> Trial::left_ms() {
  const std::uint64_t deadline = platform_->confirm_deadline_ms();
  if (deadline == 0 || !on_test()) return std::nullopt;
  const std::uint64_t now = platform_->uptime_ms();
  return now < deadline ? deadline - now : 0;
}

// An image comes on test by a boot only: when it is not after the deadline, it never will be.
void Trial::tick() {
  const std::uint64_t deadline = platform_->confirm_deadline_ms();
  if (over_ || deadline == 0 || platform_->uptime_ms() < deadline) return;
  over_ = true;
  if (on_test()) platform_->request_reset();
}

}  // namespace lockstep::agent
