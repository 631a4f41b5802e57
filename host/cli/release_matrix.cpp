#include "host/cli/release_matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "host/base/text.hpp"
#include "host/cli/release_set.hpp"
#include "manifests/model/catalogue.hpp"

namespace lockstep::cli {
namespace {

using model::Catalogue;
using model::Component;
using model::Need;
using model::Record;

// Why two versions may not run together.
struct Objection {
  std::string what;
  std::string at;  // "2.0.0.xml:7"
};

// The first requirement of `record` on component `other` that its version does not meet while both run.
std::optional<Objection> objection(const Component& mine, const Record& record, model::Index other,
                                   const Component& component, const Record& version) {
  for (const Need& need : record.needs) {
    // What must hold while a version is written is a matter of the order, not of the pair.
    if (need.component != other || need.when == model::When::during_flash || need.range.contains(version.version)) continue;
    return Objection{fmt::format("{} {} requires {} {}", mine.label(), record.version.text(),
                                 component.label(), need.range.text()),
                     need.at.text()};
  }
  return std::nullopt;
}

bool any_needs(const Component& mine, model::Index other) {
  return std::any_of(mine.versions.begin(), mine.versions.end(), [&](const Record& r) {
    return std::any_of(r.needs.begin(), r.needs.end(), [&](const Need& n) { return n.component == other; });
  });
}

struct Matrix {
  std::string text;
  json::object document;
};

Matrix pair_matrix(const Catalogue& catalogue, std::size_t i, std::size_t j) {
  const Component &a = catalogue.components[i], &b = catalogue.components[j];
  std::vector<std::string> header{a.label() + " \\ " + b.label()}, notes;
  for (const Record& r : b.versions) header.push_back(r.version.text());
  std::vector<std::vector<std::string>> rows{header};
  json::array pairs;
  for (const Record& mine : a.versions) {
    std::vector<std::string> cells{mine.version.text()};
    for (const Record& theirs : b.versions) {
      auto no = objection(a, mine, static_cast<model::Index>(j), b, theirs);
      if (!no) no = objection(b, theirs, static_cast<model::Index>(i), a, mine);
      json::object pair{{"a", mine.version.text()}, {"b", theirs.version.text()}, {"allowed", !no}};
      if (no) {
        const std::string note = no->what + " (" + no->at + ')';
        const auto known = std::find(notes.begin(), notes.end(), note);
        const auto number = known - notes.begin();
        if (known == notes.end()) notes.push_back(note);
        cells.push_back(fmt::format("no ({})", number + 1));
        pair["why"] = no->what, pair["at"] = no->at;
      } else {
        cells.push_back("yes");
      }
      pairs.push_back(std::move(pair));
    }
    rows.push_back(std::move(cells));
  }
  std::vector<std::size_t> widths(header.size());
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], display_width(printable(row[c])));
  }
  Matrix out{.text = {}, .document = {{"a", a.label()}, {"b", b.label()}, {"pairs", std::move(pairs)}}};
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c)
      line += printable(row[c]) + std::string(widths[c] + 2 - display_width(printable(row[c])), ' ');
    out.text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  for (std::size_t n = 0; n < notes.size(); ++n) out.text += fmt::format("  ({}) {}\n", n + 1, printable(notes[n]));
  return out;
}

Outcome<void> run_matrix(Terminal& terminal, const ReleaseSetOptions& o) {
  LOCKSTEP_TRY(releases, read_releases(o));
  LOCKSTEP_TRY(catalogue, model::make_catalogue(releases));
  std::string text;
  json::array matrices;
  for (std::size_t i = 0; i < catalogue.components.size(); ++i) {
    for (std::size_t j = i + 1; j < catalogue.components.size(); ++j) {
      const Component &a = catalogue.components[i], &b = catalogue.components[j];
      const bool related = any_needs(a, static_cast<model::Index>(j)) || any_needs(b, static_cast<model::Index>(i));
      if (!related || a.versions.empty() || b.versions.empty()) continue;
      Matrix matrix = pair_matrix(catalogue, i, j);
      text += (text.empty() ? "" : "\n") + matrix.text;
      matrices.push_back(std::move(matrix.document));
    }
  }
  if (text.empty()) text = "no component requires anything of another one: every pair of versions is allowed\n";
  terminal.show(json::object{{"product", catalogue.product}, {"matrices", std::move(matrices)}}, text);
  return {};
}

}  // namespace

void add_release_matrix(Command noun, Context& context) {
  auto& o = context.keep<ReleaseSetOptions>();
  Command command = noun.add_subcommand("matrix", "Which versions of the components may be together, and why not");
  add_release_set_options(command, o, true);
  context.on_run(command, [&] { return run_matrix(context.terminal, o); });
}

}  // namespace lockstep::cli
