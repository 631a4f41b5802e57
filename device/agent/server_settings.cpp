// The group settings.
#include <algorithm>

#include "device/agent/server.hpp"
#include "protocols/smp/settings_group.hpp"

namespace lockstep::agent {

namespace settings_rc = smp::settings_rc;

Bytes Server::refuse_settings(const smp::Message& m, SettingsErrc why) {
  switch (why) {
    case SettingsErrc::no_area: return refuse(m, smp::Rc::not_supported);
    case SettingsErrc::bad_name: return refuse(m, smp::Rc::invalid);
    case SettingsErrc::name_too_long: return refuse(m, {smp::group::settings, settings_rc::key_too_long});
    case SettingsErrc::value_too_long: return refuse(m, smp::Rc::message_size);
    case SettingsErrc::not_found: return refuse(m, {smp::group::settings, settings_rc::key_not_found});
    case SettingsErrc::full: return refuse(m, smp::Rc::no_memory);
    case SettingsErrc::flash: break;
  }
  return refuse(m, {smp::group::settings, settings_rc::unknown});
}

Bytes Server::settle(const smp::Message& m, const Result<void, SettingsErrc>& done) {
  return done ? answer(m, smp::EmptyReply{}) : refuse_settings(m, done.error());
}

Bytes Server::setting_read(const smp::Message& m) {
  const auto request = smp::SettingReadRequest::decode(m.body);
  if (!request) return refuse(m, smp::Rc::invalid);
  const auto value = settings_.get(request->name);
  if (!value) return refuse_settings(m, value.error());
  constexpr std::uint32_t most = Setting::max_value;
  const std::uint32_t wanted = request->max_size.value_or(most);
  smp::SettingReadReply reply{.value = value->first(std::min<std::size_t>(value->size(), wanted))};
  if (wanted > most) reply.max_size = most;
  return answer(m, reply);
}

Bytes Server::setting_write(const smp::Message& m) {
  const auto request = smp::SettingWriteRequest::decode(m.body);
  if (!request) return refuse(m, smp::Rc::invalid);
  return settle(m, settings_.set(request->name, request->value));
}

Bytes Server::setting_delete(const smp::Message& m) {
  const auto request = smp::SettingDeleteRequest::decode(m.body);
  if (!request) return refuse(m, smp::Rc::invalid);
  platform_->before_erase();
  return settle(m, settings_.remove(request->name));
}

// Values are in use from the write on; what the platform derived from them is made anew here.
Bytes Server::settings_commit(const smp::Message& m) {
  if (!settings_.exist()) return refuse(m, smp::Rc::not_supported);
  platform_->settings_committed();
  return answer(m, smp::EmptyReply{});
}

Bytes Server::settings_load(const smp::Message& m) { return settle(m, settings_.load()); }

Bytes Server::settings_save(const smp::Message& m) {
  const auto request = smp::SettingsSaveRequest::decode(m.body);
  if (!request) return refuse(m, smp::Rc::invalid);
  platform_->before_erase();
  return settle(m, settings_.save(request->name));
}

}  // namespace lockstep::agent
