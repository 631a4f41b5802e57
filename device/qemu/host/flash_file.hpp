// The file behind a board's flash, prepared on the host: what a factory does with a programmer.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/base/buffer.hpp"
#include "host/base/crypto.hpp"
#include "host/base/error.hpp"

namespace lockstep::board {

struct Identity {
  std::string board;     // kind of board, as in a release's <hardware board="...">
  std::string revision;
  std::string serial;
  std::string product;

  bool operator==(const Identity&) const = default;
};

// What one file holds, for people and tests; what is absent was never written or does not make sense.
struct FlashContents {
  std::vector<Sha256> keys;  // ids of the accepted keys
  std::optional<Identity> identity;
  std::optional<std::string> slot0;  // the image's version
  std::optional<std::string> slot1;
};

// The whole flash as bytes: everything erased, then the given parts written.
class FlashFile {
 public:
  FlashFile();  // erased
  // ErrorKind: not_found, io, invalid (not exactly the flash's size).
  static Outcome<FlashFile> load(const std::filesystem::path& path);

  // Replaces the key page. ErrorKind::invalid: no key, or more than the page holds.
  Outcome<void> set_keys(const std::vector<PublicKey>& keys);
  // Replaces the identity page. ErrorKind::invalid: an empty board or serial, or a text too long for its field.
  Outcome<void> set_identity(const Identity& identity);
  // Erases both slots and puts a signed image into slot 0, where the boot code finds it confirmed by having nothing
  // to go back to. ErrorKind: invalid (no image, wrong header size, too large), refused (none of `keys` signed it).
  Outcome<void> set_image(Bytes image, const std::vector<PublicKey>& keys);

  FlashContents contents() const;
  Bytes bytes() const { return bytes_; }
  // Writes the file whole or not at all. A board that runs on an older file of that name keeps running on that.
  Outcome<void> save(const std::filesystem::path& path) const;
  // Writes both pages, and nothing else, into an open file, e.g. the locked one of a board that is about to start.
  Outcome<void> write_pages(int fd) const;

 private:
  MutableBytes erased(std::uint32_t offset, std::uint32_t size);

  Buffer bytes_;
};

}  // namespace lockstep::board
