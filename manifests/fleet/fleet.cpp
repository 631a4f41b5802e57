#include "manifests/fleet/fleet.hpp"

#include <fmt/format.h>

namespace lockstep::fleet {

std::string_view text(Kind kind) {
  switch (kind) {
    case Kind::expand: return "expand";
    case Kind::wait: return "wait";
    case Kind::contract: return "contract";
    case Kind::migrate: return "migrate";
    case Kind::finalise: return "finalise";
  }
  return {};
}

std::string_view text(Left::How how) {
  switch (how) {
    case Left::How::asleep: return "asleep";
    case Left::How::blocked: return "blocked";
    case Left::How::broken: return "broken";
    case Left::How::stranded: return "stranded";
    case Left::How::unserved: return "unserved";
  }
  return {};
}

std::string names(const Device& device) {
  constexpr std::size_t shown = 3;
  std::string out;
  const std::size_t some = std::min(shown, device.names.size());
  for (std::size_t n = 0; n < some; ++n) {
    const bool last = n + 1 == some && device.count == some;
    out += (n == 0 ? "" : last ? " and " : ", ") + device.names[n];
  }
  return device.count > some ? fmt::format("{} and {} more", out, device.count - some) : out;
}

model::State beside(const model::Catalogue& catalogue, const model::State& device,
                    const std::vector<std::vector<model::Index>>& alive) {
  model::State out = device;
  for (std::size_t i = 0; i < out.parts.size(); ++i) {
    if (model::on_device(catalogue.components[i].kind)) continue;
    out.parts[i] = {};
    out.parts[i].alive = alive[i];
  }
  return out;
}

}  // namespace lockstep::fleet
