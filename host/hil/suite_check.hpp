// What a suite's table cannot say: names that must exist, texts that must be durations or patterns.
#pragma once

#include "host/hil/suite.hpp"

namespace lockstep::hil {

// Names that every suite may use as ${name}: facts about run, rig, device and release.
bool is_fact(std::string_view name);

// The first thing that is wrong, as "file:line: <element>: ..." (invalid).
Outcome<void> check_suite(const Suite& suite);

}  // namespace lockstep::hil
