#include "host/hil/preparation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "host/base/text.hpp"
#include "host/hil/quantity.hpp"
#include "host/hil/rig_software.hpp"
#include "host/hil/step.hpp"
#include "protocols/mcuboot/image.hpp"

namespace lockstep::hil {
namespace {

template <class Specs>
bool has_name(const Specs& specs, const std::string& name) {
  return std::ranges::any_of(specs, [&](const auto& spec) { return spec.name == name; });
}

// Why the rig lacks it; empty when it does not.
std::string lack(const Requirement& need, const Rig& rig) {
  const Dut& dut = rig.dut;
  if (need.what == "board") {
    return need.value == dut.board ? "" : fmt::format("needs board {}, {} has {}", need.value, rig.id, dut.board);
  }
  if (need.what == "tag") {
    const bool there = std::ranges::find(rig.tags, need.value) != rig.tags.end();
    return there ? "" : fmt::format("needs tag {}, {} has {}", need.value, rig.id, fmt::join(rig.tags, " "));
  }
  if (need.what == "capability") {
    const auto it = dut.capabilities.find(need.name);
    if (it == dut.capabilities.end()) return fmt::format("needs capability {}, {} has none", need.name, rig.id);
    if (need.value.empty() || need.value == it->second) return "";
    return fmt::format("needs capability {} = {}, {} has {}", need.name, need.value, rig.id, it->second);
  }
  const bool there = need.what == "console" ? has_name(dut.consoles, need.name)
                     : need.what == "power" ? has_name(dut.powers, need.name)
                     : need.what == "flash" ? has_name(dut.flashes, need.name)
                                            : has_name(dut.smps, need.name);
  return there ? "" : fmt::format("needs {} {}, {} has none of that name", need.what, need.name, rig.id);
}

Outcome<Artifact> load_artifact(const std::string& param, const ArtifactInput& input) {
  auto bytes = read_file(input.file);
  if (!bytes) return Fail(bytes.error().in(param.empty() ? "image " + input.name : "parameter " + param));
  Artifact artifact{.param = param, .name = input.name, .file = input.file, .sha256 = Sha256::of(Bytes(*bytes)).hex(),
                    .size_bytes = bytes->size()};
  if (!input.sha256.empty() && artifact.sha256 != input.sha256) {
    return fail(ErrorKind::io, fmt::format("{} has SHA-256 {}, but {} was promised", input.file, artifact.sha256, input.sha256));
  }
  mcuboot::MemorySource source{Bytes(*bytes)};
  if (const auto info = mcuboot::inspect(source)) {
    artifact.image_hash = to_hex(Bytes(info->image_hash));
    artifact.version = mcuboot::VersionText(info->header.version).view();
  }
  return artifact;
}

Outcome<Artifact> find_artifact(const ParamSpec& param, const std::vector<ArtifactInput>& inputs) {
  for (const ArtifactInput& input : inputs) {
    const bool fits = input.component.empty() || param.component.empty() || input.component == param.component;
    if (input.role == param.role && fits) return load_artifact(param.name, input);
  }
  return fail(ErrorKind::refused, fmt::format("the suite needs a {} image of component {} (parameter {}), none was given",
                                              param.role, param.component, param.name));
}

void add_artifact_values(Values& values, const Artifact& artifact) {
  values[artifact.param] = artifact.param;
  values[artifact.param + ".version"] = artifact.version;
  values[artifact.param + ".hash"] = artifact.image_hash;
  values[artifact.param + ".sha256"] = artifact.sha256;
  values[artifact.param + ".size"] = fmt::format("{}", artifact.size_bytes);
  values[artifact.param + ".file"] = artifact.file;
}

Outcome<std::string> plain_value(const ParamSpec& param, const std::map<std::string, std::string>& given) {
  const auto it = given.find(param.name);
  if (it == given.end() && !param.value) {
    return fail(ErrorKind::refused, fmt::format("the suite needs parameter {}, none was given", param.name));
  }
  const std::string value = it != given.end() ? it->second : *param.value;
  Outcome<void> right;
  if (param.type == ParamSpec::Type::number) {
    if (auto parsed = parse_quantity(value); !parsed) right = Fail(parsed.error());
  }
  if (param.type == ParamSpec::Type::duration) {
    if (auto parsed = parse_duration(value); !parsed) right = Fail(parsed.error());
  }
  if (!right) return fail(ErrorKind::refused, fmt::format("parameter {}: {}", param.name, right.error().what));
  return value;
}

Values facts(const RunRequest& request) {
  const Dut& dut = request.rig.dut;
  Values values{{"run.id", request.run_id},        {"rig.id", request.rig.id},   {"dut.board", dut.board},
                {"dut.revision", dut.revision},    {"dut.serial", dut.serial},   {"dut.product", dut.product}};
  values["release.product"] = request.release ? request.release->product : "";
  values["release.version"] = request.release ? request.release->version : "";
  return values;
}

Outcome<void> replace(std::string& text, const Values& values, std::string_view where) {
  Substituted done = substitute(text, values);
  if (!done.missing.empty()) {
    std::string known;
    for (const auto& [name, value] : values) known += (known.empty() ? "" : ", ") + name;
    return fail(ErrorKind::invalid, fmt::format("rig {}: ${{{}}} has no value; known are {}", where, done.missing.front(), known));
  }
  text = std::move(done.text);
  return {};
}

Outcome<Rig> filled_rig(const RunRequest& request) {
  Values values(request.rig_values.begin(), request.rig_values.end());
  values["run.id"] = request.run_id;
  values["run.dir"] = request.run_dir;
  for (const auto& [name, value] : facts(request)) values.emplace(name, value);
  Rig rig = request.rig;
  for (PowerSpec& power : rig.dut.powers) {
    for (std::string& word : power.command) LOCKSTEP_CHECK(replace(word, values, "power " + power.name));
  }
  for (ConsoleSpec& console : rig.dut.consoles) LOCKSTEP_CHECK(replace(console.path, values, "console " + console.name));
  for (FlashSpec& flash : rig.dut.flashes) LOCKSTEP_CHECK(replace(flash.file, values, "flash " + flash.name));
  for (SmpSpec& smp : rig.dut.smps) LOCKSTEP_CHECK(replace(smp.uri, values, "smp " + smp.name));
  return rig;
}

// By role, whether some step updates to that release for good.
std::map<std::string, bool> releases_needed(const Suite& suite) {
  std::map<std::string, bool> out;
  const auto add = [&](const std::vector<StepSpec>& steps) {
    for (const StepSpec& step : steps) {
      if (step.kind->release_needed == nullptr) continue;
      const ReleaseNeed need = step.kind->release_needed(step);
      bool& stays = out[need.role];
      stays = stays || need.stays;
    }
  };
  add(suite.setup);
  for (const TestSpec& test : suite.tests)
    for (const auto* steps : {&test.setup, &test.steps, &test.teardown}) add(*steps);
  add(suite.teardown);
  return out;
}

// Why the release is not for the rig; empty when it is. A revision that the rig does not say is the device's to tell.
std::string misfit(const release::Release& release, const Rig& rig) {
  const Dut& dut = rig.dut;
  if (!dut.product.empty() && release.product != dut.product) {
    return fmt::format("{} is not for the {} of rig {}", release.name(), dut.product, rig.id);
  }
  const auto revision = version::parse_revision(dut.revision);
  const auto fits = [&](const release::Hardware& h) {
    return h.board == dut.board && (dut.revision.empty() || (revision && h.revisions.contains(*revision)));
  };
  if (release.hardware.empty() || std::ranges::any_of(release.hardware, fits)) return "";
  return fmt::format("{} ({}) is not for board {} {} of rig {}", release.name(), release.at(release.hardware[0].line), dut.board,
                     dut.revision, rig.id);
}

Outcome<void> must_fit(const RunRequest& request) {
  if (request.releases.empty()) return {};
  for (const auto& [role, release] : request.releases) {
    if (std::string why = misfit(release, request.rig); !why.empty()) return fail(ErrorKind::refused, std::move(why));
  }
  if (std::string why = unknown_software(request.releases, request.rig); !why.empty()) return fail(ErrorKind::refused, std::move(why));
  return {};
}

// A plan may stop at versions of any release of the run, so the evidence names all their images, and the manifests that the
// plan is made from. They count as tested only where an update to the candidate must succeed.
Outcome<void> add_brought(const RunRequest& request, Preparation& out) {
  const std::map<std::string, bool> needed = releases_needed(request.suite);
  for (const auto& [role, stays] : needed) {
    if (!request.releases.contains(role)) {
      return fail(ErrorKind::refused, fmt::format("the suite updates to the {} release, and none was given", role));
    }
  }
  if (needed.empty()) return {};
  for (const ArtifactInput& input : request.artifacts) {
    if (!request.releases.contains(input.role)) continue;
    const auto need = needed.find(input.role);
    LOCKSTEP_TRY(artifact, load_artifact("", input));
    out.brought.push_back({input.role, std::move(artifact), input.role == "candidate" && need != needed.end() && need->second});
  }
  return {};
}

}  // namespace

std::vector<std::string> unmet_requirements(const Suite& suite, const Rig& rig) {
  std::vector<std::string> reasons;
  for (const Requirement& need : suite.requirements) {
    if (std::string reason = lack(need, rig); !reason.empty()) reasons.push_back(std::move(reason));
  }
  return reasons;
}

Outcome<Preparation> prepare(const RunRequest& request) {
  Preparation out;
  out.values = facts(request);
  for (const ParamSpec& param : request.suite.params) {
    if (param.type == ParamSpec::Type::artifact) {
      LOCKSTEP_TRY(artifact, find_artifact(param, request.artifacts));
      add_artifact_values(out.values, artifact);
      out.artifacts.emplace(param.name, std::move(artifact));
    } else {
      LOCKSTEP_TRY(value, plain_value(param, request.params));
      out.values[param.name] = value;
    }
  }
  for (const auto& [name, value] : request.params) {
    const bool known = std::ranges::any_of(request.suite.params, [&, &given = name](const ParamSpec& p) { return p.name == given; });
    if (!known) return fail(ErrorKind::refused, fmt::format("the suite has no parameter {}", name));
  }
  LOCKSTEP_CHECK(must_fit(request));
  LOCKSTEP_CHECK(add_brought(request, out));
  LOCKSTEP_TRY(rig, filled_rig(request));
  out.rig = std::move(rig);
  return out;
}

}  // namespace lockstep::hil
