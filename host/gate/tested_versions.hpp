// Which firmware versions have passed their tests, over many releases: for choosing only among those.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "host/gate/gate.hpp"
#include "manifests/propose/wishes.hpp"

namespace lockstep::gate {

class TestedVersions {
 public:
  // Adds what tried() says of the release. A version that several releases bring has passed when it did so in one of them.
  void add(const release::Release& release, std::span<const Evidence> evidence, std::span<const attest::TrustedKey> runners);

  const std::vector<propose::Tested>& versions() const { return versions_; }

  // Suites whose newest evidence is no pass, a sentence each with the release.
  const std::vector<std::string>& failed() const { return failed_; }
  // Evidence that says nothing about any of the releases, and why.
  std::vector<Rejected> rejected() const;

 private:
  struct Offered {
    std::string why;
    bool counts = false;
  };

  std::vector<propose::Tested> versions_;
  std::vector<std::string> failed_;
  std::map<std::string, Offered> offered_;  // by the evidence's digest
};

}  // namespace lockstep::gate
