// Rows of the store as the API shows them: one JSON shape per noun, the same in lists and alone.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <vector>

#include "host/jobs/job_runner.hpp"
#include "host/store/queries.hpp"

namespace lockstep::api {

boost::json::object to_json(const store::DeviceRow& row);
boost::json::object to_json(const store::ReleaseRow& row);
boost::json::object to_json(const store::JobRow& row, const jobs::LiveJob* live);
boost::json::object to_json(const store::RunRow& row);
boost::json::object to_json(const store::EvidenceRow& row);
boost::json::object to_json(const store::KeyRow& row);
boost::json::object to_json(const store::LedgerRow& row);

boost::json::array to_json(const std::vector<std::string>& texts);

// {"<name>": [each row as JSON]}
template <class Row>
boost::json::object list_of(const char* name, const std::vector<Row>& rows) {
  boost::json::array list;
  for (const Row& row : rows) list.push_back(to_json(row));
  return {{name, std::move(list)}};
}

}  // namespace lockstep::api
