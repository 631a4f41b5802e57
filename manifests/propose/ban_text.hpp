// A ban as a sentence. Private to this folder.
#pragma once

#include <string>

#include "manifests/model/state.hpp"

namespace lockstep::propose {

// "app 2.0.0 may not be used: held by QA"; a reason that names the version itself stands alone.
inline std::string ban_text(const model::Catalogue& catalogue, const model::Ban& ban) {
  const std::string name = catalogue.name(ban.component, ban.version);
  return ban.reason.starts_with(name + ' ') ? ban.reason : name + " may not be used: " + ban.reason;
}

}  // namespace lockstep::propose
