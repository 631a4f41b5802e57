#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "manifests/model/catalogue.hpp"

namespace lockstep::model {
namespace {

using release::Release;

Place place(const Release& release, int line) { return {release.file, line}; }

bool same_data(const release::Data& a, const release::Data& b) {
  return a.reads_lowest == b.reads_lowest && a.reads_highest == b.reads_highest && a.writes == b.writes &&
         a.at_boot == b.at_boot;
}

// A version while it is collected: what the newest release says of it is turned into needs at the end, when all
// components have their numbers.
struct Draft {
  Record record;
  std::optional<Sha256> file_hash;  // software
  const Release* newest = nullptr;
  const std::vector<release::Requirement>* needs = nullptr;
};

struct Drafts {
  Component component;
  bool firmware = false;
  std::map<version::Version, Draft> versions;
};

class Builder {
 public:
  explicit Builder(std::span<const Release> releases) {
    for (const Release& r : releases) releases_.push_back(&r);
    // Later ones overwrite what they know better.
    std::stable_sort(releases_.begin(), releases_.end(),
                     [](const Release* a, const Release* b) { return a->version < b->version; });
  }

  Outcome<Catalogue> run() {
    check_releases();
    for (const Release* r : releases_) {
      for (const release::Component& c : r->components) declare(*r, c);
    }
    for (const Release* r : releases_) {
      for (const release::Firmware& f : r->firmware) add(*r, f);
      for (const release::Software& s : r->software) add(*r, s);
    }
    add_required();
    settle_kinds();
    number();
    check_ways();
    if (!problems_.empty()) {
      return fail(ErrorKind::invalid, fmt::format("{}", fmt::join(problems_, "\n")),
                  "releases of one product must agree: correct the one that is wrong");
    }
    return std::move(out_);
  }

 private:
  template <class... Args>
  void object(fmt::format_string<Args...> form, Args&&... args) {
    problems_.push_back(fmt::format(form, std::forward<Args>(args)...));
  }

  void check_releases() {
    for (std::size_t i = 1; i < releases_.size(); ++i) {
      const Release& first = *releases_.front();
      const Release& before = *releases_[i - 1];
      const Release& r = *releases_[i];
      if (r.product != first.product) {
        object("{} is for {}, but {} is for {}", r.at(r.line), r.product, first.at(first.line), first.product);
      } else if (r.version == before.version && r.sha256 != before.sha256) {
        object("{} is {}, and {} is too, with another content", r.at(r.line), r.name(), before.at(before.line));
      }
    }
    if (!releases_.empty()) out_.product = releases_.front()->product;
  }

  void declare(const Release& r, const release::Component& c) {
    const auto [found, is_new] = declared_.try_emplace(c.name, &r, &c);
    if (is_new) return;
    const auto& [earlier, first] = found->second;
    if (first->kind == c.kind && first->via == c.via && first->reboots == c.reboots) return;
    const auto said = [](const release::Component& x) {
      return fmt::format("{}{}{}, reboots={}", text(x.kind), x.via.empty() ? "" : " through ", x.via, x.reboots);
    };
    object("{} is {} ({}), but {} ({})", c.name, said(*first), earlier->at(first->line), said(c), r.at(c.line));
  }

  Drafts& drafts_of(const Release& r, const std::string& name, const std::string& platform, bool firmware, int line) {
    Component fresh{.name = name, .platform = platform, .at = place(r, line)};
    const auto [found, is_new] = drafts_.try_emplace(fresh.label());
    if (is_new) found->second = Drafts{.component = std::move(fresh), .firmware = firmware};
    // Of one name, whatever the platform.
    const auto [role, first] = roles_.try_emplace(name, firmware, place(r, line));
    if (!first && role->second.first != firmware) {
      object("{} is {} ({}), but {} ({})", name, role->second.first ? "firmware" : "software", role->second.second.text(),
             firmware ? "firmware" : "software", r.at(line));
    }
    return found->second;
  }

  // The newest release that names a board says which of its revisions fit; another board is none of its business.
  static void speak_for_boards(std::vector<release::Hardware>& known, const std::vector<release::Hardware>& said) {
    std::erase_if(known, [&](const release::Hardware& k) {
      return std::any_of(said.begin(), said.end(), [&](const release::Hardware& s) { return s.board == k.board; });
    });
    known.insert(known.end(), said.begin(), said.end());
  }

  void add(const Release& r, const release::Firmware& f) {
    Draft& d = drafts_of(r, f.component, "", true, f.line).versions[f.version];
    const release::Data data = f.data.value_or(release::Data{});
    if (d.newest == nullptr) {
      d.record = {.version = f.version, .image_hash = f.image_hash, .security_counter = f.security_counter,
                  .data = data, .bytes = f.size, .at = place(r, f.line)};
    } else {
      compare(r, f.component, f.version, d, f.line, "image hash",
              !d.record.image_hash || *d.record.image_hash == f.image_hash);
      compare(r, f.component, f.version, d, f.line, "security counter", d.record.security_counter == f.security_counter);
      compare(r, f.component, f.version, d, f.line, "epochs", same_data(d.record.data, data));
    }
    speak_for_boards(d.record.hardware, r.hardware);
    d.record.one_way = f.one_way;
    d.record.from = f.from;
    d.record.from_at = f.from ? place(r, f.from->line) : Place{};
    d.record.silent_on = silent_on(r);
    d.newest = &r;
    d.needs = &f.needs;
  }

  void add(const Release& r, const release::Software& s) {
    Drafts& drafts = drafts_of(r, s.component, s.platform, false, s.line);
    Draft& d = drafts.versions[s.version];
    if (d.newest == nullptr) {
      d.record = {.version = s.version, .bytes = s.size, .at = place(r, s.line)};
      d.file_hash = s.sha256;
    } else {
      compare(r, drafts.component.label(), s.version, d, s.line, "SHA-256", !d.file_hash || *d.file_hash == s.sha256);
    }
    d.newest = &r;
    d.needs = &s.needs;
  }

  void compare(const Release& r, const std::string& name, const version::Version& version, const Draft& d, int line,
               std::string_view what, bool same) {
    if (!same) object("{} {} differs in {} between {} and {}", name, version.text(), what, d.record.at.text(), r.at(line));
  }

  // Names of the release's software about which none of its firmware says anything.
  static std::vector<std::string> silent_on(const Release& r) {
    std::set<std::string> names;
    for (const release::Software& s : r.software) names.insert(s.component);
    for (const release::Firmware& f : r.firmware) {
      for (const release::Requirement& need : f.needs) {
        if (need.when != When::during_flash) names.erase(need.component);
      }
    }
    return {names.begin(), names.end()};
  }

  // Components that no release brings: declared, or only required.
  void add_required() {
    for (const auto& [name, said] : declared_) {
      if (roles_.contains(name)) continue;
      drafts_[name] = Drafts{.component = {.name = name, .at = place(*said.first, said.second->line)},
                             .firmware = on_device(said.second->kind)};
    }
    std::map<std::string, Place> required;
    for (const auto& [label, drafts] : drafts_) {
      for (const auto& [version, d] : drafts.versions) {
        for (const release::Requirement& need : *d.needs) {
          if (!roles_.contains(need.component) && !declared_.contains(need.component)) {
            required.try_emplace(need.component, place(*d.newest, need.line));
          }
        }
      }
    }
    for (const auto& [name, at] : required) {
      drafts_[name] = Drafts{.component = {.name = name, .at = at}, .firmware = true};
    }
  }

  void settle_kinds() {
    for (auto& [label, drafts] : drafts_) {
      Component& c = drafts.component;
      c.kind = drafts.firmware ? Kind::ab_trial : Kind::app;
      const auto found = declared_.find(c.name);
      if (found == declared_.end()) continue;
      const auto& [r, said] = found->second;
      if (on_device(said->kind) != drafts.firmware) {
        object("{} is {} ({}), but of kind {} ({})", c.name, drafts.firmware ? "firmware" : "software", c.at.text(),
               text(said->kind), r->at(said->line));
      }
      c.kind = said->kind;
      c.reboots = said->reboots;
      c.declared = true;
      c.at = place(*r, said->line);
    }
  }

  void number() {
    if (drafts_.size() > max_components) {
      object("there are {} components, more than {}", drafts_.size(), max_components);
    }
    std::multimap<std::string, Index> by_name;
    for (const auto& [label, drafts] : drafts_) {
      by_name.emplace(drafts.component.name, static_cast<Index>(by_name.size()));
    }
    for (auto& [label, drafts] : drafts_) {
      if (drafts.versions.size() > max_versions) {
        object("{} has {} versions, more than {}", label, drafts.versions.size(), max_versions);
      }
      for (auto& [version, d] : drafts.versions) {
        add_needs(d, drafts.component, by_name);
        drafts.component.versions.push_back(std::move(d.record));
      }
      out_.components.push_back(std::move(drafts.component));
    }
  }

  void add_needs(Draft& d, const Component& component, const std::multimap<std::string, Index>& by_name) {
    for (const release::Requirement& need : *d.needs) {
      const Place at = place(*d.newest, need.line);
      if (need.component == component.name) {
        object("{} {} requires itself ({})", component.label(), d.record.version.text(), at.text());
        continue;
      }
      const auto [first, last] = by_name.equal_range(need.component);
      for (auto it = first; it != last; ++it) {
        d.record.needs.push_back({it->second, need.range, on_device(component.kind) ? need.when : When::active, at});
      }
    }
  }

  void check_ways() {
    for (Component& c : out_.components) {
      const auto found = declared_.find(c.name);
      if (found == declared_.end() || found->second.second->via.empty()) continue;
      const std::string& via = found->second.second->via;
      // Software may have platforms, and a name that is only required is not known to be on the device.
      const auto target = std::find_if(out_.components.begin(), out_.components.end(),
                                       [&](const Component& other) { return other.name == via; });
      if (!on_device(c.kind)) {
        object("{} is of kind {} and yet written through {} ({})", c.name, text(c.kind), via, c.at.text());
      } else if (target == out_.components.end() || (!target->declared && target->versions.empty())) {
        object("{} is written through {} ({}), which no release brings or declares", c.name, via, c.at.text());
      } else if (!on_device(target->kind)) {
        object("{} is written through {} ({}), which is {} ({})", c.name, via, c.at.text(), text(target->kind),
               target->at.text());
      } else {
        c.via = static_cast<Index>(target - out_.components.begin());
      }
    }
    for (std::size_t i = 0; i < out_.components.size(); ++i) check_circle(static_cast<Index>(i));
  }

  // Said once, at the first member.
  void check_circle(Index start) {
    const auto at = [&](Index i) -> const Component& { return out_.components[static_cast<std::size_t>(i)]; };
    std::string way = fmt::format("{} ({})", at(start).name, at(start).at.text());
    Index i = at(start).via;
    for (std::size_t steps = 0; i > start && steps < out_.components.size(); ++steps) {
      way += fmt::format(" through {} ({})", at(i).name, at(i).at.text());
      i = at(i).via;
    }
    if (i == start) object("{} through {} is a circle: none of them could be written", way, at(start).name);
  }

  std::vector<const Release*> releases_;
  std::map<std::string, std::pair<const Release*, const release::Component*>> declared_;  // by name
  std::map<std::string, std::pair<bool, Place>> roles_;  // by name: firmware or not, and where first
  std::map<std::string, Drafts> drafts_;                 // by label
  std::vector<std::string> problems_;
  Catalogue out_;
};

}  // namespace

Outcome<Catalogue> make_catalogue(std::span<const release::Release> releases) { return Builder(releases).run(); }

}  // namespace lockstep::model
