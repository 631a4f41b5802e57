#include "host/update/identity.hpp"

namespace lockstep::update {
namespace {

bool differs(const std::string& expected, const std::string& found) {
  return !expected.empty() && expected != found;
}

std::string reported(const std::string& what, const std::string& expected, const std::string& found) {
  return what + " '" + expected + "' is expected, the device reports " +
         (found.empty() ? "none" : "'" + found + "'");
}

// Why this is not the device meant, in words; nothing when it is.
std::optional<std::string> mismatch(const ExpectedIdentity& expected, const session::Identity& found) {
  if (differs(expected.serial, found.serial)) return reported("serial number", expected.serial, found.serial);
  if (differs(expected.board, found.board)) return reported("board", expected.board, found.board);
  if (differs(expected.revision, found.revision))
    return reported("revision", expected.revision, found.revision);
  return std::nullopt;
}

}  // namespace

asio::awaitable<Outcome<std::optional<session::Identity>>> ask_identity(session::DeviceClient& client,
                                                                        const ExpectedIdentity& expected) {
  auto found = co_await client.identity();
  const bool mute = !found && found.error().kind == ErrorKind::not_found;
  if (mute) co_return std::optional<session::Identity>();
  if (!found) co_return Fail(std::move(found).error());
  if (const auto why = mismatch(expected, *found)) co_return fail(ErrorKind::refused, "this is another device: " + *why);
  co_return std::optional<session::Identity>(*std::move(found));
}

asio::awaitable<Outcome<session::Identity>> prove_identity(session::DeviceClient& client, const ExpectedIdentity& expected) {
  if (!expected.by_link && expected.serial.empty() && expected.board.empty() && expected.revision.empty())
    co_return fail(ErrorKind::invalid, "nobody said which device is meant");
  auto said = co_await ask_identity(client, expected);
  if (!said) co_return Fail(std::move(said).error());
  // All that by_link forgives is silence: what the device does say must fit.
  if (!*said && !expected.by_link)
    co_return fail(ErrorKind::refused, "the device cannot tell who it is, so nothing is written to it",
                   "vouch for what is plugged in there, or give the device an identity");
  session::Identity identity = said->value_or(session::Identity());
  co_return identity;
}

}  // namespace lockstep::update
