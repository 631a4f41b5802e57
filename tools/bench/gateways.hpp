// A made-up gateway, its releases and fleets of it, for measuring.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/model/problem.hpp"
#include "manifests/oracle/random.hpp"
#include "manifests/release/release.hpp"

namespace lockstep::bench {

// Ten releases of five components that look at their neighbours one or two releases back. Tied ones look in the other
// direction, too, five back, so that neither the software nor the devices can go all the way at once.
enum class Ties { one_way, both_ways };

inline std::vector<release::Release> ten_releases(Ties ties = Ties::one_way) {
  std::vector<release::Release> out;
  for (int r = 1; r <= 10; ++r) {
    const auto since = [&](int lag) { return fmt::format("&gt;={}.0.0", std::max(1, r - lag)); };
    const auto firmware = [&](std::string_view name, int digit, std::string_view needs) {
      const std::string digest = fmt::format("{:0>64x}", r * 16 + digit);
      return fmt::format("<firmware component=\"{}\" version=\"{}.0.0\" file=\"x.bin\" size=\"{}\" sha256=\"{}\" image-hash=\"{}\" "
                         "security-counter=\"1\">{}</firmware>", name, r, 100'000 + 1000 * digit, digest, digest, needs);
    };
    const auto software = [&](std::string_view name, int digit, std::string_view needs) {
      return fmt::format("<software component=\"{}\" version=\"{}.0.0\" size=\"9\" sha256=\"{:0>64x}\">{}</software>", name, r,
                         r * 16 + digit, needs);
    };
    const auto needs = [](std::string_view component, const std::string& range) {
      return fmt::format("<requires component=\"{}\" range=\"{}\"/>", component, range);
    };
    const bool tied = ties == Ties::both_ways;
    const std::string text = fmt::format(
        "<release xmlns=\"urn:lockstep:release:1\" product=\"gateway\" version=\"{}.0.0\"><hardware board=\"gw-1\"/>"
        "<component name=\"radio\" kind=\"single\" via=\"app\"/><component name=\"backend\" kind=\"service\"/>{}{}{}{}{}</release>",
        r, firmware("app", 1, needs("bootloader", since(1)) + needs("mobile-app", since(2))), firmware("bootloader", 2, ""),
        firmware("radio", 3, needs("app", since(1))), software("backend", 4, tied ? needs("mobile-app", since(3)) : ""),
        software("mobile-app", 5, needs("backend", since(1)) + (tied ? needs("app", since(5)) : "")));
    auto parsed = release::parse(text, fmt::format("{}.xml", r));
    if (!parsed) {
      std::cerr << parsed.error().what << '\n';
      std::exit(1);
    }
    out.push_back(*std::move(parsed));
  }
  return out;
}

// Versions of app, bootloader, radio and mobile app; the security counter; the backend's version less one.
using Numbers = std::vector<int>;

// Each state many times.
inline std::vector<model::Report> many(std::size_t devices, const std::vector<Numbers>& all, oracle::Random& random) {
  std::vector<model::Report> out;
  out.reserve(devices);
  for (std::size_t n = 0; n < devices; ++n) {
    const Numbers& s = all[n < all.size() ? n : static_cast<std::size_t>(random.below(all.size()))];
    const auto v = [](int major) { return version::Version{.major = static_cast<std::uint64_t>(major)}; };
    out.push_back({.device = {.name = fmt::format("gateway-{:07}", n), .board = "gw-1", .revision = "1",
                              .components = {{.component = "app", .version = v(s[0]), .security_counter = static_cast<std::uint32_t>(s[4])},
                                             {.component = "bootloader", .version = v(s[1])},
                                             {.component = "radio", .version = v(s[2])}}},
                   .slots = {},
                   .in_use = {{.component = "backend", .version = v(s[5] + 1)}, {.component = "mobile-app", .version = v(s[3])}}});
  }
  return out;
}

// `different` devices whose parts lag behind each other a little, each many times.
inline std::vector<model::Report> fleet_of(std::size_t devices, std::size_t different) {
  oracle::Random random(7);
  std::set<Numbers> states;
  while (states.size() < different) {
    const int base = random.between(1, 9);
    const auto near = [&] { return std::clamp(base + random.between(0, 2), 1, 10); };
    states.insert({near(), near(), near(), near(), random.between(0, 1), base});
  }
  return many(devices, {states.begin(), states.end()}, random);
}

// The same with the software of one moment around all of them: each device is safe beside every version in use. There
// are no more than 500 such states.
inline std::vector<model::Report> safe_fleet_of(std::size_t devices, std::size_t different, std::uint64_t seed) {
  oracle::Random random(seed);
  std::set<Numbers> states;
  while (states.size() < different) {
    const int app = random.between(1, 7);
    const int bootloader = random.between(std::max(1, app - 1), 10), radio = random.between(1, app + 1);
    states.insert({app, bootloader, radio, 5 + (app + bootloader + radio) % 2, random.between(0, 1), 5});
  }
  return many(devices, {states.begin(), states.end()}, random);
}

}  // namespace lockstep::bench
