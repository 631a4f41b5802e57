// The rules of lint(), a file for each subject. Private to this folder.
#pragma once

#include <string>
#include <vector>

#include "manifests/release/lint.hpp"

namespace lockstep::release {

// One component of the release with what it requires, firmware and software alike.
struct Part {
  const std::string& component;
  std::string name;   // "mobile-app 5.3.0 (android)"
  std::string label;  // parts of one label are versions of one thing: "mobile-app@android"
  const version::Version& version;
  const std::vector<Requirement>& needs;
  bool software = false;
  int line = 0;
};
std::vector<Part> parts(const Release& release);

inline void add_error(std::vector<Finding>& findings, int line, std::string what) {
  findings.push_back({Finding::Severity::error, line, std::move(what)});
}

// What <component> says: kinds that contradict what the release brings, ways to a component that lead nowhere.
void lint_components(const Release& release, std::vector<Finding>& findings);

// What <data> says: epochs that cannot be.
void lint_data(const Release& release, std::vector<Finding>& findings);

// When requirements hold: words that have no meaning on software, and two on one component that exclude each other at
// the same time.
void lint_times(const Release& release, std::vector<Finding>& findings);

// Whether one version of everything in the release can be together. Two by two they can, when the other rules found
// nothing; this finds what only three or more cannot. Gives up silently after 20,000 tries.
void lint_together(const Release& release, std::vector<Finding>& findings);

}  // namespace lockstep::release
