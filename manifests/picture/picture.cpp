#include "manifests/picture/picture.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/text.hpp"
#include "manifests/picture/layout.hpp"

namespace lockstep::picture {
namespace {

using model::Act;
using plan_file::Document;
using plan_file::Fault;
using plan_file::Part;
using plan_file::Step;

// Units of the picture. Letters are of one width, so that what fits can be counted.
constexpr int letter = 8, row = 20, pad = 12, margin = 24;
constexpr int box_left = 64, box_columns = 62, box_width = box_columns * letter + 2 * pad;
constexpr int name_columns = 24, mark_width = 2 * letter;
constexpr int lane_gap = 18, lanes_left = box_left + box_width;
constexpr int head_height = 108, step_height = 76;

// Colours are said twice instead of as CSS variables, which many programs that show SVG do not know.
constexpr std::string_view style = R"(<style>
  text { font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1c2330; white-space: pre; }
  .title { font-size: 17px; font-weight: 600; } .paper { fill: #ffffff; } .soft { fill: #5b6675; }
  .new { fill: #0b5cad; font-weight: 600; } .fault { fill: #8a5a00; } .final { fill: #b3261e; font-weight: 600; }
  .box { fill: #f4f6f9; stroke: #aab3bf; } .end { stroke: #0b5cad; stroke-width: 2; }
  .way { stroke: #1c2330; stroke-width: 1.5; fill: none; } .way-head { fill: #1c2330; }
  .leads { stroke: #8a5a00; stroke-width: 1.3; stroke-dasharray: 5 4; fill: none; } .leads-head { fill: #8a5a00; }
  .gate { stroke: #b3261e; stroke-width: 2; fill: none; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6eaf0; } .paper { fill: #12161d; } .soft { fill: #9aa5b4; }
    .new { fill: #7db8ff; } .fault { fill: #e2b35a; } .final { fill: #ff8a80; }
    .box { fill: #1b212b; stroke: #4a5564; } .end { stroke: #7db8ff; }
    .way { stroke: #e6eaf0; } .way-head { fill: #e6eaf0; } .leads { stroke: #e2b35a; } .leads-head { fill: #e2b35a; } .gate { stroke: #ff8a80; }
  }
</style>
<defs>
  <marker id="way" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="way-head" d="M0 0 10 5 0 10z"/></marker>
  <marker id="leads" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="leads-head" d="M0 0 10 5 0 10z"/></marker>
</defs>
)";

std::string in_words(const Part& part, model::Kind kind) {
  std::string out;
  if (!on_device(kind)) {
    for (const std::string& version : part.in_use) out += (out.empty() ? "" : ", ") + version;
    if (out.empty()) return "nobody uses it";
    return part.in_use.size() > 1 ? out + "  in use together" : out;
  }
  out = part.torn ? "torn" : part.active.empty() ? "not on this device" : part.active;
  if (part.trial) out += "  on trial";
  if (!part.fallback.empty()) out += "  (before: " + part.fallback + ")";
  if (!part.staged.empty()) out += "  (waiting: " + part.staged + ")";
  return out;
}

// What the reader must know of a step beside its name.
std::string remark(const Document& d, const Step& step) {
  const std::string& label = d.components[step.targets.front().component].label;
  switch (step.act) {
    case Act::stage: return format_size(step.bytes) + " to the other slot";
    case Act::activate: {
      std::string out = step.bytes > 0 ? format_size(step.bytes) + " written in place, " : "";
      return out + (step.reboots == 0
                        ? "no reboot"
                        : fmt::format("{} reboot{}", step.reboots, step.reboots == 1 ? "" : "s"));
    }
    case Act::confirm: return "when it is healthy";
    case Act::finalise: return {};
    case Act::publish: return "wait until it is available to the users";
    case Act::retire: return "wait until nobody uses " + label + ' ' + step.targets.front().version;
    case Act::roll: return "both versions run meanwhile";
  }
  return {};
}

class Painter {
 public:
  explicit Painter(const Document& d) : d_(d), layout_(lay_out(d)) {
    place_boxes();
    // Arrows of faults run in lanes right of the boxes.
    width_ = lanes_left + lane_gap * static_cast<int>(layout_.lanes + 1) + margin;
  }

  std::string paint() {
    for (std::size_t s = 0; s <= d_.steps.size(); ++s) {
      box(s);
      if (s < d_.steps.size()) arrow(s);
    }
    for (const Leap& leap : layout_.leaps) dashed(leap);
    const int height = y_.back() + box_height(d_.steps.size()) + margin;
    std::string out = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
        "viewBox=\"0 0 {0} {1}\" role=\"img\">\n<title>{2}</title>\n",
        width_, height, escaped(title()));
    out += style;
    out += fmt::format("<rect class=\"paper\" width=\"{}\" height=\"{}\"/>\n", width_, height);
    return out + head() + body_ + "</svg>\n";
  }

 private:
  std::string title() const { return fmt::format("{} to {}", d_.device, plan_file::target_text(d_)); }

  static std::string text(int x, int y, std::string_view css, std::string_view what, std::size_t columns,
                          std::string_view anchor = "start") {
    const std::string shown = shortened(what, columns);
    // The whole of what was cut shows when one points at it.
    const std::string whole = shown == what ? std::string() : fmt::format("<title>{}</title>", escaped(what));
    return fmt::format("<text x=\"{}\" y=\"{}\" class=\"{}\" text-anchor=\"{}\">{}{}</text>\n", x, y, css,
                       anchor, escaped(shown), whole);
  }

  std::string head() const {
    const model::Cost& c = d_.cost;
    const auto count = [](std::uint64_t n, std::string_view word, std::string_view words) {
      return fmt::format("{} {}", n, n == 1 ? word : words);
    };
    std::string out = text(box_left, margin + 12, "title", title(), 54);
    out += text(box_left, margin + 36, "soft", fmt::format("{} revision {}", d_.board, d_.revision), box_columns);
    out += text(box_left, margin + 56, "soft",
                fmt::format("{}, {}, {}, {}, {}", count(d_.steps.size(), "step", "steps"),
                            count(c.reboots, "reboot", "reboots"), format_size(c.bytes),
                            count(c.publications, "publication", "publications"),
                            count(c.irreversible, "point of no return", "points of no return")),
                box_columns + 12);
    out += text(box_left, margin + 80, "fault", "dashed: where a fault leads; at the left, a refused step", box_columns);
    return out;
  }

  int box_height(std::size_t s) const {
    return 2 * pad + row * static_cast<int>(1 + d_.components.size() + layout_.reverts[s].size());
  }
  void place_boxes() {
    int y = margin + head_height;
    for (std::size_t s = 0; s <= d_.steps.size(); ++s) {
      y_.push_back(y);
      y += box_height(s) + step_height;
    }
  }
  // The base line of row `r` of a box.
  int line(std::size_t s, std::size_t r) const { return y_[s] + pad + row * static_cast<int>(r) + 14; }

  static std::string name(std::size_t s) { return s == 0 ? "start" : fmt::format("state {}", s); }

  void box(std::size_t s) {
    const bool last = s == d_.steps.size();
    body_ += fmt::format("<rect class=\"box{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n",
                         last ? " end" : "", box_left, y_[s], box_width, box_height(s));
    body_ += text(box_left + pad, line(s, 0), "soft", name(s) + (last ? ": the goal" : ""), box_columns);
    const int left = box_left + pad;
    for (std::size_t i = 0; i < d_.components.size(); ++i) {
      const Part& part = d_.before(s)[i];
      const bool changed = s > 0 && part != d_.before(s - 1)[i];
      const std::string css = changed ? "new" : "";
      if (changed) body_ += text(left, line(s, 1 + i), css, "▸", 1);
      body_ += text(left + mark_width, line(s, 1 + i), css, d_.components[i].label, name_columns - 1);
      body_ += text(left + mark_width + name_columns * letter, line(s, 1 + i), css, words(s, i),
                    box_columns - name_columns - 2);
    }
    for (std::size_t r = 0; r < layout_.reverts[s].size(); ++r) {
      const Fault& fault = layout_.reverts[s][r];
      const Leap* leap = layout_.leap_of(s, r);
      const std::string where = leap == nullptr ? ": make a new plan" : fmt::format(": go on from {}", name(leap->to));
      body_ += text(left + mark_width, line(s, 1 + d_.components.size() + r), "fault",
                    fmt::format("if {} goes back to {}{}", d_.components[fault.component].label,
                                fault.state[fault.component].active, where),
                    box_columns - 2);
    }
  }

  // Counters and epochs are told where they change: there is no way back from them.
  std::string words(std::size_t s, std::size_t i) const {
    const Part& part = d_.before(s)[i];
    std::string out = in_words(part, d_.components[i].kind);
    if (s == 0) return out;
    const Part& before = d_.before(s - 1)[i];
    if (part.counter != before.counter) out += fmt::format("  counter {}", part.counter);
    if (part.epoch != before.epoch) out += fmt::format("  data epoch {}", part.epoch);
    return out;
  }

  void arrow(std::size_t s) {
    const Step& step = d_.steps[s];
    const int top = y_[s] + box_height(s), bottom = y_[s + 1], x = box_left + 40, left = x + 20;
    const std::size_t columns = box_columns - 5;
    body_ += fmt::format("<path class=\"way\" marker-end=\"url(#way)\" d=\"M{} {}V{}\"/>\n", x, top, bottom);
    const bool final = step.act == Act::finalise;
    body_ += text(left, top + 24, final ? "final" : "", fmt::format("{}  {}", s + 1, plan_file::text(d_, step)), columns);
    if (final) {
      body_ += fmt::format("<path class=\"gate\" d=\"M{} {}h24M{} {}h24\"/>\n", x - 12, top + 34, x - 12, top + 40);
      body_ += text(left, top + 44, "final", "point of no return", columns);
    } else {
      body_ += text(left, top + 44, "soft", remark(d_, step), columns);
    }
    const std::vector<Fault> torn = plan_file::cuts(d_, s);
    if (!torn.empty()) {
      body_ += text(left, top + 64, "fault",
                    fmt::format("power cut: {} is torn, and written again",
                                d_.components[torn.front().component].label),
                    columns);
    }
    refusal(top);
  }

  // A step that is refused, or did not happen, leaves the state as it was.
  void refusal(int top) {
    const int x = box_left + 40, out = box_left - 22, back = top - 14;
    body_ += fmt::format(
        "<path class=\"leads\" marker-end=\"url(#leads)\" d=\"M{} {}H{}Q{} {} {} {}V{}Q{} {} {} "
        "{}H{}\"><title>refused: "
        "the state stays</title></path>\n",
        x - 3, top + 16, out + 8, out, top + 16, out, top + 8, back + 8, out, back, out + 8, back,
        box_left - 1);
  }

  void dashed(const Leap& leap) {
    const int from = line(leap.from, 1 + d_.components.size() + leap.row) - 5;
    const int to = line(leap.to, 0) - 5 + 5 * static_cast<int>(leap.lane % 3);
    const int x = lanes_left + lane_gap * static_cast<int>(leap.lane + 1), edge = lanes_left;
    body_ += fmt::format(
        "<path class=\"leads\" marker-end=\"url(#leads)\" d=\"M{} {}H{}Q{} {} {} {}V{}Q{} {} {} {}H{}\"/>\n",
        edge, from, x - 8, x, from, x, from - 8, to + 8, x, to, x - 8, to, edge + 1);
  }

  const Document& d_;
  Layout layout_;
  std::vector<int> y_;  // top of each box
  int width_ = 0;
  std::string body_;
};

}  // namespace

std::string svg(const Document& document) { return Painter(document).paint(); }

std::string shortened(std::string_view text, std::size_t columns) {
  const std::string shown = printable(text);
  if (display_width(shown) <= columns) return shown;
  std::string out;
  std::size_t width = 0;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const bool starts = (static_cast<unsigned char>(shown[i]) & 0xc0) != 0x80;
    if (starts && ++width >= columns) break;
    out += shown[i];
  }
  return out + "…";
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace lockstep::picture
