// What stands in the way of a plan, as sentences. Private to this folder.
#pragma once

#include <string>
#include <string_view>

#include "manifests/model/state.hpp"

namespace lockstep::propose {

// When there is no smaller reason.
inline constexpr std::string_view no_safe_order =
    "every order of steps passes a state that is not safe, or leads to one by a revert or a power cut";

// "app 2.0.0 may not be used: held by QA"; a reason that names the version itself stands alone.
inline std::string ban_text(const model::Catalogue& catalogue, const model::Ban& ban) {
  const std::string name = catalogue.name(ban.component, ban.version);
  return ban.reason.starts_with(name + ' ') ? ban.reason : name + " may not be used: " + ban.reason;
}

}  // namespace lockstep::propose
