#include "host/cli/schedule_report.hpp"

#include <fmt/format.h>

#include "host/base/text.hpp"
#include "host/cli/answers.hpp"

namespace lockstep::cli {
namespace {

std::uint64_t figure(const json::object& object, std::string_view member) {
  return static_cast<std::uint64_t>(number_of(object, member));
}

std::string texts(const json::object& object, std::string_view member, std::size_t most) {
  std::string out;
  const json::array& all = array_of(object, member);
  for (std::size_t n = 0; n < all.size() && n < most; ++n) {
    if (const json::string* text = all[n].if_string()) out += (n == 0 ? "" : ", ") + printable({text->data(), text->size()});
  }
  return out;
}

// "gw-1, gw-2 and 38 more"
std::string devices_text(const json::object& object) {
  constexpr std::size_t shown = 5;
  const std::uint64_t count = figure(object, "count");
  const std::uint64_t named = std::min<std::uint64_t>(shown, array_of(object, "devices").size());
  if (named == 0) return fmt::format("{} people", count);
  const std::string out = texts(object, "devices", shown);
  return count > named ? fmt::format("{} and {} more", out, count - named) : out;
}

std::string wait_text(const json::object& stage, const std::string& what) {
  const json::object& use = object_of(stage, "adoption");
  const std::uint64_t paired = figure(use, "paired"), may = figure(use, "may_remain");
  if (paired == 0) return fmt::format("wait until nobody uses {} any more", what);
  const std::string few = may == 0 ? "none" : fmt::format("at most {}", may);
  return fmt::format("wait until {} of {} paired devices use {} ({} do now)", few, paired, what, figure(use, "devices"));
}

std::string stage_text(const json::object& stage) {
  const std::string kind = text_of(stage, "kind"), what = text_of(stage, "component") + ' ' + text_of(stage, "version");
  if (kind == "expand") return fmt::format("expand: {} {}", text_of(stage, "act"), what);
  if (kind == "wait") return wait_text(stage, what);
  if (kind == "contract") return "contract: end " + what;
  std::string out = kind + ':';
  for_each_object(stage, "moves", [&](const json::object& move) {
    out += fmt::format("\n      {}: {}", devices_text(move), texts(move, "steps", 1'000));
  });
  return out;
}

std::string left_text(const json::object& left) {
  std::string out = text_of(left, "how") + ' ' + devices_text(left);
  if (figure(left, "stage") > 0) out += fmt::format(", from stage {}", figure(left, "stage"));
  return out + ": " + text_of(left, "why");
}

std::string lines_of(const json::object& schedule, std::string_view member, std::string_view title, auto line) {
  std::string out;
  for_each_object(schedule, std::string(member), [&](const json::object& each) { out += "  - " + printable(line(each)) + '\n'; });
  return out.empty() ? out : fmt::format("\n{}\n{}", title, out);
}

}  // namespace

std::string schedule_text(const json::object& schedule) {
  const json::array& stages = array_of(schedule, "stages");
  std::string out = stages.empty() ? "Schedule of the fleet: nothing to do\n" : "Schedule of the fleet, one stage after the other\n";
  for_each_object(schedule, "stages", [&](const json::object& stage) {
    std::string text = stage_text(stage);
    for (std::size_t from = 0; !text.empty(); from = 0) {
      const std::size_t end = text.find('\n');
      const std::string line = printable(text.substr(from, end));
      out += (line.starts_with(' ') ? "" : fmt::format("{:2}. ", figure(stage, "number"))) + line + '\n';
      text = end == text.npos ? "" : text.substr(end + 1);
    }
    if (const std::string why = text_of(stage, "why"); !why.empty()) out += "      " + printable(why) + '\n';
  });
  out += lines_of(schedule, "left", "Not on their way, or left behind", left_text);
  out += lines_of(schedule, "unmet", "Software that does not come alone", [](const json::object& unmet) {
    return text_of(unmet, "component") + ' ' + text_of(unmet, "version") + ": " + text_of(unmet, "why");
  });
  out += lines_of(schedule, "unknown", "Too little is known about", [](const json::object& unknown) {
    return devices_text(unknown) + ": " + text_of(unknown, "why");
  });
  out += lines_of(schedule, "price", "Everybody else could go if these were left behind (--may-strand)", left_text);
  if (!stages.empty()) out += "\ncertified: at every moment each device is safe with every app and service in use\n";
  if (!flag_of(schedule, "sure")) out += "the search was cut short: a better schedule may exist\n";
  return out;
}

}  // namespace lockstep::cli
