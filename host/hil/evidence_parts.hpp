// Pieces of a record as JSON, shared by results.json and the evidence.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>

#include "host/hil/result.hpp"

namespace lockstep::hil {

boost::json::object attempt_json(const AttemptRecord& attempt, Moment run_start);
boost::json::object measurement_json(const Measurement& measurement);
boost::json::array artefacts_json(const RunResult& result);
std::int64_t millis_between(Moment from, Moment to);
std::string wall_text(Moment moment);  // RFC 3339, UTC

}  // namespace lockstep::hil
