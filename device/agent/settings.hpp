// A few named values that outlive an update: a table in RAM, and the log that keeps it (settings_log.hpp). A write
// changes the value in use; save() keeps it, a reset or load() goes back to what is kept.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "device/agent/settings_log.hpp"

namespace lockstep::agent {

enum class SettingsErrc : std::uint8_t {
  no_area,        // this device keeps no settings
  bad_name,       // empty, or not printable ASCII without blanks
  name_too_long,  // more than Setting::max_name bytes
  value_too_long, // more than Setting::max_value bytes
  not_found,
  full,           // no room for one more, in RAM or in the flash
  flash,          // the flash failed; what was kept before is kept
};

class Settings {
 public:
  static constexpr std::size_t max_settings = 16;

  // `area`: an even number of sectors, or of no size. Nothing is read before the first use.
  explicit Settings(boot::FlashArea area) : log_(area) {}

  bool exist() const { return log_.exists(); }

  // The value in use, valid until the next call that changes something.
  Result<Bytes, SettingsErrc> get(std::string_view name);
  Result<void, SettingsErrc> set(std::string_view name, Bytes value);
  // Deletes it here and in the flash.
  Result<void, SettingsErrc> remove(std::string_view name);
  // Keeps what was set: that setting and those below it ("a" means "a" and "a/b"), or all of them. A power cut leaves
  // of each either the old value or the new one.
  Result<void, SettingsErrc> save(std::string_view name = {});
  // Takes what is kept in place of what was set.
  Result<void, SettingsErrc> load();

  // Whether the flag "feature/NAME" is on: 1, "1", "on" or "true". Off when there is none, or no telling.
  bool feature(std::string_view name);
  // The setting as a number in decimal, or nothing when it is none.
  std::optional<std::uint32_t> number(std::string_view name);

 private:
  struct Entry {
    Setting setting{};
    bool used = false;
    bool changed = false;  // not as in the flash
  };

  Result<void, SettingsErrc> ready();  // loads at the first use
  Result<void, boot::FlashErrc> read_log();
  void take(const Setting& stored);
  Entry* find(std::string_view name);
  Entry* free_entry();
  Result<void, SettingsErrc> keep(const Setting& setting);
  Result<bool, boot::FlashErrc> append_or_rewrite(const Setting& setting);
  Result<bool, boot::FlashErrc> rewrite_with(const Setting& setting);
  Result<std::optional<Setting>, boot::FlashErrc> stored(std::string_view name);

  SettingsLog log_;
  std::array<Entry, max_settings> entries_{};
  bool loaded_ = false;
};

}  // namespace lockstep::agent
