// One declaration per step file.
#pragma once

#include "host/hil/step.hpp"

namespace lockstep::hil {

extern const StepKind power_step;
extern const StepKind flash_step;
extern const StepKind update_step;
extern const StepKind expect_step;
extern const StepKind request_step;
extern const StepKind measure_step;
extern const StepKind wait_step;
extern const StepKind log_step;

}  // namespace lockstep::hil
