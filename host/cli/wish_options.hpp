// The options that say which versions a device should have when nobody names a release: `--to newest`.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"
#include "host/cli/api_client.hpp"
#include "host/cli/command.hpp"
#include "host/cli/terminal.hpp"
#include "manifests/propose/propose.hpp"
#include "manifests/propose/wishes.hpp"
#include "manifests/release/release.hpp"

namespace lockstep::cli {

struct WishOptions {
  std::vector<std::string> pins;
  std::vector<std::string> holds;
  std::vector<std::string> first;
  bool tested_only = false;
};

// How far a plan goes.
struct ScopeOptions {
  bool finalise = false;
  bool everything = false;

  propose::Options options() const;
};

// Evidence in files; a daemon has its own.
struct EvidenceOptions {
  std::vector<std::filesystem::path> files;  // of a folder: every *.dsse in it
  std::vector<std::filesystem::path> trusted;
};

// --pin --hold --first --tested-only. The options outlive the command.
void add_wish_options(Command command, WishOptions& o);
// --evidence --trust, which --tested-only needs when all is said by files; after add_wish_options.
void add_evidence_options(Command command, EvidenceOptions& o, bool files_only = true);
// --finalise --everything
void add_scope_options(Command command, ScopeOptions& o);

// What is wrong with the line: --to is empty, or there are wishes about versions beside the name of a release. Empty: nothing.
std::string wrong_target(std::string_view to, const WishOptions& o);

// Without what is tested.
Outcome<propose::Wishes> wishes_of(const WishOptions& o);

// As GET /v1/devices/:device/plan and its account take them.
ApiClient::Query plan_query(const std::string& to, const WishOptions& o, const ScopeOptions& scope);

// What has passed; notes say which evidence does not count.
// Errors: those of reading files and keys; not_found, a folder without evidence.
Outcome<std::vector<propose::Tested>> tested_by(Terminal& terminal, const EvidenceOptions& o,
                                                const std::vector<release::Release>& releases);

}  // namespace lockstep::cli
