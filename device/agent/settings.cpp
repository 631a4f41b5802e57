#include "device/agent/settings.hpp"

#include <algorithm>

namespace lockstep::agent {

using namespace std::string_view_literals;  // length known without strlen
using boot::FlashErrc;

namespace {

Result<void, SettingsErrc> check_name(std::string_view name) {
  if (name.size() > Setting::max_name) return Fail(SettingsErrc::name_too_long);
  const bool printable = std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (name.empty() || !printable) return Fail(SettingsErrc::bad_name);
  return {};
}

// Whether `name` is `root` or lies below it.
bool is_in(std::string_view name, std::string_view root) {
  if (root.empty() || name == root) return true;
  return name.size() > root.size() && std::equal(root.begin(), root.end(), name.begin()) && name[root.size()] == '/';
}

bool is_same(Bytes a, Bytes b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

}  // namespace

Settings::Entry* Settings::find(std::string_view name) {
  for (Entry& e : entries_) {
    if (e.used && e.setting.name() == name) return &e;
  }
  return nullptr;
}

Settings::Entry* Settings::free_entry() {
  for (Entry& e : entries_) {
    if (!e.used) return &e;
  }
  return nullptr;
}

// More names than fit are passed over: this code never stores them.
void Settings::take(const Setting& stored) {
  Entry* entry = find(stored.name());
  if (stored.deleted) {
    if (entry != nullptr) *entry = {};
    return;
  }
  if (entry == nullptr) entry = free_entry();
  if (entry != nullptr) *entry = {.setting = stored, .used = true};
}

Result<void, FlashErrc> Settings::read_log() {
  entries_ = {};
  LOCKSTEP_CHECK(log_.open());
  Setting stored;
  while (true) {
    LOCKSTEP_TRY(more, log_.next(stored));
    if (!more) return {};
    take(stored);
  }
}

Result<void, SettingsErrc> Settings::load() {
  if (!exist()) return Fail(SettingsErrc::no_area);
  loaded_ = bool(read_log());
  if (!loaded_) return Fail(SettingsErrc::flash);
  return {};
}

Result<void, SettingsErrc> Settings::ready() {
  if (loaded_) return {};
  return load();
}

Result<Bytes, SettingsErrc> Settings::get(std::string_view name) {
  LOCKSTEP_CHECK(ready());
  LOCKSTEP_CHECK(check_name(name));
  const Entry* const entry = find(name);
  if (entry == nullptr) return Fail(SettingsErrc::not_found);
  return entry->setting.value();
}

Result<void, SettingsErrc> Settings::set(std::string_view name, Bytes value) {
  LOCKSTEP_CHECK(ready());
  LOCKSTEP_CHECK(check_name(name));
  if (value.size() > Setting::max_value) return Fail(SettingsErrc::value_too_long);
  Entry* entry = find(name);
  if (entry != nullptr && is_same(entry->setting.value(), value)) return {};  // spares the flash
  if (entry == nullptr) entry = free_entry();
  if (entry == nullptr) return Fail(SettingsErrc::full);
  *entry = {.used = true, .changed = true};
  entry->setting.set_name(name);
  entry->setting.set_value(value);
  return {};
}

Result<void, SettingsErrc> Settings::remove(std::string_view name) {
  LOCKSTEP_CHECK(ready());
  LOCKSTEP_CHECK(check_name(name));
  Entry* const entry = find(name);
  if (entry == nullptr) return Fail(SettingsErrc::not_found);
  const auto kept = stored(name);
  if (!kept) return Fail(SettingsErrc::flash);
  if (*kept) {
    Setting gone = entry->setting;
    gone.deleted = true;
    LOCKSTEP_CHECK(keep(gone));
  }
  *entry = {};
  return {};
}

Result<void, SettingsErrc> Settings::save(std::string_view name) {
  LOCKSTEP_CHECK(ready());
  if (!name.empty()) LOCKSTEP_CHECK(check_name(name));
  bool found = name.empty();
  for (Entry& e : entries_) {
    if (!e.used || !is_in(e.setting.name(), name)) continue;
    found = true;
    if (!e.changed) continue;
    LOCKSTEP_CHECK(keep(e.setting));
    e.changed = false;
  }
  if (!found) return Fail(SettingsErrc::not_found);
  return {};
}

Result<void, SettingsErrc> Settings::keep(const Setting& setting) {
  const auto kept = append_or_rewrite(setting);
  if (kept && *kept) return {};
  // Of a write that failed nobody knows what is there: look.
  if (!log_.open()) loaded_ = false;
  return Fail(kept ? SettingsErrc::full : SettingsErrc::flash);
}

Result<bool, FlashErrc> Settings::append_or_rewrite(const Setting& setting) {
  LOCKSTEP_TRY(done, log_.append(setting));
  if (done) return true;
  return rewrite_with(setting);
}

// What is in the flash of each setting, not what is in use: the rest was not asked to be kept.
Result<bool, FlashErrc> Settings::rewrite_with(const Setting& setting) {
  LOCKSTEP_CHECK(log_.begin_rewrite());
  for (const Entry& e : entries_) {
    if (!e.used || e.setting.name() == setting.name()) continue;
    std::optional<Setting> old = e.setting;
    if (e.changed) {
      LOCKSTEP_TRY(found, stored(e.setting.name()));
      old = found;
    }
    if (!old) continue;
    LOCKSTEP_TRY(fits, log_.rewrite(*old));
    if (!fits) return false;
  }
  if (!setting.deleted) {
    LOCKSTEP_TRY(fits, log_.rewrite(setting));
    if (!fits) return false;
  }
  LOCKSTEP_CHECK(log_.finish_rewrite());
  return true;
}

Result<std::optional<Setting>, FlashErrc> Settings::stored(std::string_view name) {
  std::optional<Setting> last;
  Setting record;
  log_.rewind();
  while (true) {
    LOCKSTEP_TRY(more, log_.next(record));
    if (!more) return last;
    if (record.name() != name) continue;
    last = record;
    if (record.deleted) last.reset();
  }
}

bool Settings::feature(std::string_view name) {
  static constexpr std::string_view root = "feature/"sv;
  std::array<char, Setting::max_name> text;
  if (name.size() > text.size() - root.size()) return false;
  std::copy(root.begin(), root.end(), text.begin());
  std::copy(name.begin(), name.end(), text.begin() + root.size());
  const auto value = get({text.data(), root.size() + name.size()});
  if (!value) return false;
  const std::string_view word = as_text(*value);
  return word == "\x01"sv || word == "1"sv || word == "on"sv || word == "true"sv;
}

std::optional<std::uint32_t> Settings::number(std::string_view name) {
  const auto value = get(name);
  if (!value || value->empty() || value->size() > 9) return std::nullopt;  // nine digits always fit
  std::uint32_t number = 0;
  for (const char c : as_text(*value)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return number;
}

}  // namespace lockstep::agent
