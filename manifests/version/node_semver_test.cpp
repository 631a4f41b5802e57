// Versions and ranges against the reference implementation of npm (Debian package node-semver), in one process of it.
#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <cstdio>
#include <memory>
#include <random>

#include "host/base/files.hpp"
#include "host/base/json.hpp"
#include "host/base/temp_dir.hpp"
#include "manifests/version/range.hpp"

namespace lockstep::version {
namespace {

class Random {
 public:
  int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint32_t>(n)); }
  const char* any(std::initializer_list<const char*> of) { return of.begin()[below(static_cast<int>(of.size()))]; }

 private:
  std::mt19937 engine_{20261129};
};

std::string some_version(Random& random) {
  std::string out = std::to_string(random.below(4)) + '.' + std::to_string(random.below(4)) + '.' + std::to_string(random.below(4));
  if (random.below(3) == 0) out += random.any({"-0", "-1", "-1.0", "-a", "-a.0", "-a.b", "-rc.1", "-rc.10", "-beta-2"});
  if (random.below(8) == 0) out += random.any({"+7", "+b.1"});
  return out;
}

// 1, 1.2, 1.x, 1.2.3-rc.1, and now and then what is none.
std::string partial(Random& random) {
  switch (random.below(8)) {
    case 0: return std::to_string(random.below(4));
    case 1: return std::to_string(random.below(4)) + '.' + std::to_string(random.below(4));
    case 2: return std::to_string(random.below(4)) + random.any({".x", ".*", ".X", ".x.x", ".2.x", ".2.*"});
    case 3: return random.any({"*", "x", "X", "", "01.2.3", "1.2.3.4", "1.2.3-", "a", "1.2-rc.1", "v1.2.3", "1.02.0"});
    default: return some_version(random);
  }
}

std::string some_range(Random& random) {
  std::string out;
  for (int alternatives = 1 + random.below(3); alternatives > 0; --alternatives) {
    if (!out.empty()) out += random.any({"||", " || ", " ||"});
    if (random.below(6) == 0) {
      out += partial(random) + " - " + partial(random);
      continue;
    }
    for (int n = 1 + random.below(3); n > 0; --n) {
      // An operator without a version is taken with the next one by node-semver (`~> >=2` is `~=2`), and refused by us.
      const std::string version = partial(random);
      out += (version.empty() ? "" : random.any({"", "", "=", "<", ">", "<=", ">=", "~", "^", "~>", ">= ", "^ ", "<  "})) + version;
      if (n > 1) out += random.any({" ", " ", "  "});
    }
  }
  return out;
}

// For each [range, versions]: [validRange(range), those that satisfy it].
json::array asked_of_node(const json::array& questions) {
  const TempDir folder;
  REQUIRE(write_file(folder / "questions.json", json::serialize(questions)));
  const std::string program =
      "const s = require(\"semver\"), f = require(\"fs\");"
      "const all = JSON.parse(f.readFileSync(process.argv[1], \"utf8\"));"
      "console.log(JSON.stringify(all.map(([r, vs]) => [s.validRange(r), vs.filter(v => s.satisfies(v, r))])));";
  // Where Debian keeps its modules; a node of another origin does not look there by itself.
  const std::string command = "NODE_PATH=/usr/share/nodejs node -e '" + program + "' " + (folder / "questions.json").string();
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  REQUIRE(pipe);
  std::string out;
  char buffer[65536];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe.get())) > 0;) out.append(buffer, n);
  boost::system::error_code error;
  const json::value answer = boost::json::parse(out, error);
  REQUIRE_MESSAGE(!error, "node-semver does not answer (Debian packages nodejs and node-semver): " << out);
  return answer.as_array();
}

TEST_CASE("20,000 ranges mean what they mean to node-semver") {
  Random random;
  json::array questions;
  for (int n = 0; n < 20'000; ++n) {
    json::array versions;
    for (int v = 0; v < 12; ++v) versions.push_back(json::value(some_version(random)));
    questions.push_back(json::array{json::value(some_range(random)), std::move(versions)});
  }
  const json::array answers = asked_of_node(questions);
  REQUIRE(answers.size() == questions.size());
  int valid = 0, inside = 0;
  for (std::size_t n = 0; n < questions.size(); ++n) {
    const std::string text(questions[n].at(0).as_string());
    CAPTURE(text);
    const auto range = Range::parse(text);
    const json::value& theirs = answers[n].at(0);
    CHECK(static_cast<bool>(range) == theirs.is_string());
    if (!range || !theirs.is_string()) continue;
    ++valid;
    json::array ours;
    for (const json::value& v : questions[n].at(1).as_array()) {
      if (range->contains(*parse(std::string_view(v.as_string())))) ours.push_back(v);
    }
    inside += static_cast<int>(ours.size());
    CHECK(json::serialize(ours) == json::serialize(answers[n].at(1)));
  }
  MESSAGE(valid << " valid ranges, " << inside << " versions inside");
  CHECK(valid > 5'000);
  CHECK(inside > 5'000);
}

}  // namespace
}  // namespace lockstep::version
