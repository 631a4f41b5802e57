#include "device/agent/server.hpp"

#include <array>

namespace lockstep::agent {

using smp::Op;

struct Commands {
  struct Row {
    std::uint16_t group;
    std::uint8_t id;
    Bytes (Server::*read)(const smp::Message&);
    Bytes (Server::*write)(const smp::Message&);
  };
  // clang-format off
  static constexpr std::array<Row, 22> table{{
    // group             id  read                       write
    {smp::group::os,     0,  &Server::echo,             &Server::echo},
    {smp::group::os,     5,  nullptr,                   &Server::reset},
    {smp::group::os,     6,  &Server::parameters,       nullptr},
    {smp::group::os,     7,  &Server::info,             nullptr},
    {smp::group::os,     8,  &Server::bootloader_info,  nullptr},
    {smp::group::image,  0,  &Server::image_state,      &Server::image_state_write},
    {smp::group::image,  1,  nullptr,                   &Server::image_upload},
    {smp::group::image,  5,  nullptr,                   &Server::image_erase},
    {smp::group::image,  6,  &Server::slot_info,        nullptr},
    {smp::group::settings, 0, &Server::setting_read,    &Server::setting_write},
    {smp::group::settings, 1, nullptr,                  &Server::setting_delete},
    {smp::group::settings, 2, nullptr,                  &Server::settings_commit},
    {smp::group::settings, 3, &Server::settings_load,   &Server::settings_save},
    {smp::group::file,   0,  &Server::file_download,    &Server::file_upload},
    {smp::group::file,   1,  &Server::file_status,      nullptr},
    {smp::group::file,   2,  &Server::file_hash,        nullptr},
    {smp::group::file,   4,  nullptr,                   &Server::file_close},
    {smp::group::node,   0,  &Server::identity,         nullptr},
    {smp::group::node,   1,  &Server::health,           nullptr},
    {smp::group::node,   2,  &Server::patches,          nullptr},
    {smp::group::node,   3,  &Server::trial,            nullptr},
    {smp::group::node,   4,  &Server::components,       nullptr},
  }};
  // clang-format on
};

Bytes Server::refuse(const smp::Message& m, const smp::ServerError& error) {
  const auto message = smp::encode_error(room(), m.header, error);
  return message ? *message : Bytes{};
}

Bytes Server::handle(Bytes request) {
  auto message = smp::decode_message(request);
  if (!message || !smp::is_request(message->header)) return {};
  // Some clients send no body where there is nothing to say.
  static constexpr std::byte empty_map{0xa0};
  if (message->body.empty()) message->body = Bytes(&empty_map, 1);

  for (const Commands::Row& row : Commands::table) {
    if (row.group != message->header.group || row.id != message->header.command) continue;
    const auto handler = message->header.op == Op::read ? row.read : row.write;
    if (handler != nullptr) return (this->*handler)(*message);
  }
  return refuse(*message, smp::Rc::not_supported);
}

}  // namespace lockstep::agent
