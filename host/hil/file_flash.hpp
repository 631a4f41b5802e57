// A board whose flash is a file.
#pragma once

#include "host/hil/drivers.hpp"

namespace lockstep::hil {

class FileFlash final : public FlashDriver {
 public:
  explicit FileFlash(FlashSpec spec) : spec_(std::move(spec)) {}

  // Makes the file where it is missing. Other bytes of it (keys, identity) stay.
  asio::awaitable<Outcome<void>> write(Artifact image) override;

 private:
  Outcome<void> write_now(const Artifact& image) const;

  FlashSpec spec_;
};

}  // namespace lockstep::hil
