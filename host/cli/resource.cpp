#include "host/cli/resource.hpp"

#include <fmt/format.h>

namespace lockstep::cli {

Outcome<std::string> path_of(const Collection& collection, std::string_view name) {
  const std::string next = fmt::format("`{}` shows them all", collection.list);
  if (name.empty()) return fail(ErrorKind::invalid, fmt::format("the name of the {} is empty", collection.thing), next);
  if (name.find('/') != std::string_view::npos || name == "." || name == "..")
    return fail(ErrorKind::not_found, fmt::format("there is no {} '{}'", collection.thing, name), next);
  return fmt::format("{}/{}", collection.path, name);
}

}  // namespace lockstep::cli
