// An instance as facts for plan.lp.
#pragma once

#include <string>

#include "manifests/oracle/instance.hpp"

namespace lockstep::oracle {

std::string facts(const Instance& instance);

}  // namespace lockstep::oracle
