#include "device/fleet/groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "manifests/xml/types.hpp"

namespace lockstep::fleet {
namespace {

constexpr Milliseconds longest_wait = std::chrono::minutes(10);
constexpr Milliseconds longest_delay = std::chrono::minutes(1);
constexpr std::uint32_t least_buffer = 96, most_buffer = 65000;  // as lockstep-sim --buffer
constexpr std::uint64_t least_slot = 16 << 10, most_slot = 8 << 20;

Milliseconds milliseconds(const xml::Node& node, std::string_view attribute) {
  return std::chrono::round<Milliseconds>(node.duration(attribute));
}

// One element of a group under the eyes of somebody who notes what is wrong with it.
class Reader {
 public:
  Reader(const xml::Node& node, std::vector<xml::Problem>& problems) : node_(node), problems_(problems) {}

  const xml::Node& node() const { return node_; }

  void object(std::string_view attribute, const std::string& what) {
    problems_.push_back({node_.line_of(attribute), std::string(node_.name()),
                         fmt::format("attribute \"{}\" is \"{}\": {}", attribute, node_.text(attribute), what)});
  }
  void object(const std::string& what) { problems_.push_back({node_.line(), std::string(node_.name()), what}); }

  // 0 .. 100 as a share of 1.
  double share(std::string_view attribute) {
    const double percent = node_.number(attribute);
    if (percent < 0 || percent > 100) object(attribute, "expected a share from 0 to 100 per cent");
    return percent / 100;
  }
  Milliseconds time(std::string_view attribute, Milliseconds least, Milliseconds most) {
    const Milliseconds out = milliseconds(node_, attribute);
    if (out < least || out > most) {
      object(attribute, fmt::format("expected a time from {} to {} ms", least.count(), most.count()));
    }
    return out;
  }

 private:
  const xml::Node& node_;
  std::vector<xml::Problem>& problems_;
};

Mode mode_of(std::string_view word) {
  if (word == "overwrite") return Mode::overwrite;
  if (word == "direct-xip") return Mode::direct_xip;
  return word == "ram-load" ? Mode::ram_load : Mode::swap;
}

// "{n}", or "{n:4}" behind text without braces.
std::optional<SerialPattern> parse_pattern(std::string_view text) {
  SerialPattern out;
  const std::size_t begin = std::min(text.find('{'), text.size());
  out.before = text.substr(0, begin);
  std::string_view rest = text.substr(begin);
  if (rest.starts_with("{n}")) {
    rest.remove_prefix(3);
    out.numbered = true;
  } else if (rest.size() >= 5 && rest.starts_with("{n:") && rest[3] >= '1' && rest[3] <= '9' && rest[4] == '}') {
    out.width = static_cast<unsigned>(rest[3] - '0');
    rest.remove_prefix(5);
    out.numbered = true;
  }
  if (rest.find_first_of("{}") != rest.npos || out.before.find('}') != std::string::npos) return std::nullopt;
  out.after = rest;
  return out;
}

SerialPattern read_serial(Reader& reader, std::uint32_t count) {
  const auto pattern = parse_pattern(reader.node().text("serial"));
  if (!pattern) {
    reader.object("serial", "expected text with {n} or, for 0001, {n:4} in it");
    return {};
  }
  if (count > 1 && !pattern->numbered) {
    reader.object("serial", "it would be the same for all devices; put {n} where the number belongs");
  } else if (const auto wrong = xml::objection(xml::Type::identifier, pattern->text(count))) {
    reader.object("serial", fmt::format("the last one would be {}: {}", pattern->text(count), *wrong));
  }
  return *pattern;
}

std::uint32_t read_slot(Reader& reader) {
  const std::uint64_t bytes = reader.node().size_bytes("slot-size");
  if (bytes >= least_slot && bytes <= most_slot && bytes % sector_size == 0) return static_cast<std::uint32_t>(bytes);
  reader.object("slot-size", "expected a multiple of 4 KiB from 16 KiB to 8 MiB");
  return 0;
}

std::uint32_t read_buffer(Reader& reader) {
  const std::uint64_t bytes = reader.node().size_bytes("buffer");
  if (bytes >= least_buffer && bytes <= most_buffer) return static_cast<std::uint32_t>(bytes);
  reader.object("buffer", fmt::format("expected {} to {} bytes", least_buffer, most_buffer));
  return 0;
}

// Shares of the group's devices, rounded so that together they never are more than all of them.
class Divider {
 public:
  explicit Divider(std::uint32_t count) : count_(count) {}

  std::uint32_t take(double share) {
    sum_ += share;
    const auto reached = static_cast<std::uint32_t>(std::lround(std::clamp(sum_, 0.0, 1.0) * count_));
    return reached - std::exchange(taken_, std::max(taken_, reached));
  }
  std::uint32_t rest() const { return count_ - taken_; }
  double percent() const { return sum_ * 100; }
  bool is_too_much() const { return sum_ > 1 + 1e-9; }
  bool is_everything() const { return sum_ > 1 - 1e-9; }

 private:
  std::uint32_t count_;
  double sum_ = 0;
  std::uint32_t taken_ = 0;
};

std::vector<Share> read_images(const xml::Node& group, std::uint32_t count, std::vector<xml::Problem>& problems) {
  std::vector<Share> out;
  Divider divider(count);
  std::optional<std::size_t> with_the_rest;
  for (const xml::Node* node : group.children("image")) {
    Reader reader(*node, problems);
    out.push_back({node->text("file"), 0});
    if (node->written("percent")) {
      out.back().count = divider.take(reader.share("percent"));
      if (divider.is_too_much()) reader.object("percent", "the images add up to more than 100 per cent");
    } else if (with_the_rest) {
      reader.object("only one image may be without percent, which takes the rest; give this one a share");
    } else {
      with_the_rest = out.size() - 1;
    }
  }
  if (with_the_rest) {
    out[*with_the_rest].count = divider.rest();
  } else if (!divider.is_everything()) {
    Reader(group, problems).object(fmt::format("its images add up to {:.4g} per cent; leave out percent at one of them, and "
                                               "it takes the rest", divider.percent()));
  }
  return out;
}

std::vector<SoftwareShares> read_software(const xml::Node& group, std::uint32_t count,
                                          std::vector<xml::Problem>& problems) {
  std::vector<SoftwareShares> out;
  std::vector<Divider> dividers;
  for (const xml::Node* node : group.children("software")) {
    Reader reader(*node, problems);
    const std::string component = node->text("component");
    const auto known = std::find_if(out.begin(), out.end(), [&](const auto& s) { return s.component == component; });
    const auto index = static_cast<std::size_t>(known - out.begin());
    if (known == out.end()) {
      out.push_back({component, {}});
      dividers.emplace_back(count);
    }
    out[index].versions.push_back({node->text("version"), dividers[index].take(reader.share("percent"))});
    if (dividers[index].is_too_much()) {
      reader.object("percent", "the versions of " + component + " add up to more than 100 per cent");
    }
  }
  return out;
}

Schedule read_contact(const xml::Node& node, std::vector<xml::Problem>& problems) {
  Reader reader(node, problems);
  Schedule out{.weekend_off = node.text("weekend") == "off"};
  if (node.written("every") != node.written("for")) {
    reader.object("every and for belong together: every=\"1 h\" for=\"30 s\"");
  } else if (node.written("every")) {
    out.every = reader.time("every", Milliseconds(1), 4 * week);
    out.awake_for = milliseconds(node, "for");
    if (out.awake_for < Milliseconds(1) || out.awake_for > out.every) {
      reader.object("for", "expected a time above 0 that is not longer than every");
    }
  }
  if (!node.written("hours")) return out;
  if (const auto hours = parse_hours(node.text("hours"))) {
    out.from = hours->from;
    out.to = hours->to;
  } else {
    reader.object("hours", "expected two different times of the day such as 07:00-19:00");
  }
  return out;
}

LinkQuality read_link(const xml::Node& node, std::vector<xml::Problem>& problems) {
  Reader reader(node, problems);
  return {.loss = reader.share("loss-percent"),
          .duplicate = reader.share("duplicate-percent"),
          .corrupt = reader.share("corrupt-percent"),
          .delay = reader.time("delay", Milliseconds(0), longest_delay),
          .jitter = reader.time("jitter", Milliseconds(0), longest_delay)};
}

Faults read_kind(Reader& reader) {
  const xml::Node& node = reader.node();
  const std::string kind = node.text("kind");
  const bool cuts = kind == "cut-at" || kind == "tear-at";
  const bool counted = cuts || kind == "drop";
  const std::uint32_t n = node.count("n");
  if (counted && n == 0) {
    reader.object(kind == "drop" ? "drop wants n=\"N\": every N-th answer is lost"
                                 : kind + " wants n=\"N\": the power fails at the N-th flash operation");
  }
  if (!counted && node.written("n")) reader.object("n", kind + " has no number; leave n out");
  if (!cuts && node.written("off")) reader.object("off", "only cut-at and tear-at have it; leave it out");
  Faults out;
  if (cuts) {
    out.cut_at = n;
    out.torn = kind == "tear-at";
    out.off = reader.time("off", Milliseconds(0), week);
  }
  out.silent = kind == "silent";
  out.unhealthy = kind == "unhealthy";
  out.no_reset_answer = kind == "no-reset-answer";
  if (kind == "drop") out.drop_every = n;
  return out;
}

// "3 17 20-25" of devices 1 .. count, as 2, 16, 19 .. 24; nothing for anything else.
std::optional<std::vector<std::uint32_t>> parse_devices(std::string_view text, std::uint32_t count) {
  std::vector<std::uint32_t> out;
  for (const std::string& word : xml::parse_words(text)) {
    const std::size_t dash = word.find('-');
    const auto first = xml::parse_count(word.substr(0, dash));
    const auto last = dash == word.npos ? first : xml::parse_count(word.substr(dash + 1));
    if (!first || !last || *first == 0 || *last < *first || *last > count) return std::nullopt;
    if (out.size() + (*last - *first) >= count) return std::nullopt;  // some of them twice
    for (std::uint32_t n = *first; n <= *last; ++n) out.push_back(n - 1);
  }
  return out;
}

FaultRule read_fault(const xml::Node& node, std::uint32_t count, std::vector<xml::Problem>& problems) {
  Reader reader(node, problems);
  FaultRule out;
  out.faults = read_kind(reader);
  out.drawn = node.written("percent");
  if (out.drawn == node.written("devices")) {
    reader.object("expected one of percent=\"5\" (which ones is drawn) and devices=\"3 17 20-25\"");
  } else if (out.drawn) {
    out.count = Divider(count).take(reader.share("percent"));
  } else if (auto devices = parse_devices(node.text("devices"), count)) {
    out.devices = *std::move(devices);
  } else {
    reader.object("devices", fmt::format("expected numbers from 1 to {}, each once, such as 3 17 20-25", count));
  }
  return out;
}

}  // namespace

std::string SerialPattern::text(std::uint32_t n) const {
  return numbered ? fmt::format("{}{:0{}}{}", before, n, width, after) : before;
}

Group read_group(const xml::Node& node, std::vector<xml::Problem>& problems) {
  Reader reader(node, problems);
  Group out;
  out.line = node.line();
  out.count = node.count("count");
  if (out.count == 0 || out.count > max_devices) {
    reader.object("count", fmt::format("expected 1 to {} devices", max_devices));
    return out;
  }
  out.serial = read_serial(reader, out.count);
  out.kind = {.group = node.text("name"),
              .board = node.text("board"),
              .revision = node.text("revision"),
              .product = node.text("product"),
              .mode = mode_of(node.text("mode")),
              .slot_bytes = read_slot(reader),
              .buffer_bytes = read_buffer(reader),
              .boot_time = reader.time("boot-time", Milliseconds(0), longest_wait),
              .watchdog = reader.time("watchdog", Milliseconds(1), longest_wait),
              .link = {}};
  out.images = read_images(node, out.count, problems);
  out.software = read_software(node, out.count, problems);
  if (const xml::Node* contact = node.child("contact")) out.contact = read_contact(*contact, problems);
  if (const xml::Node* link = node.child("link")) out.kind.link = read_link(*link, problems);
  for (const xml::Node* fault : node.children("fault")) out.faults.push_back(read_fault(*fault, out.count, problems));
  return out;
}

}  // namespace lockstep::fleet
