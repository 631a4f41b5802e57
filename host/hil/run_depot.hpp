// The depot of an update on a rig: the releases of the run, the rig's word on who must answer and what is used with it, and
// a journal that stays with the run as evidence of what the updater did.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "host/hil/drivers.hpp"
#include "host/hil/engine.hpp"
#include "host/hil/rig_software.hpp"
#include "host/jobs/depot.hpp"

namespace lockstep::hil {

class RunDepot final : public jobs::Depot {
 public:
  struct Settings {
    std::string file;  // of the journal and the plans, without their endings
    std::string link;  // URI
    Dut dut;
    Releases releases;
    std::string target;                                // a role of `releases`
    std::vector<ArtifactInput> images;
    std::vector<std::string> image_keys_pem;  // who must have signed
    std::function<void(std::string_view)> on_step = {};  // told of each in words: "step 1 of 3: stage app 2.0.0"
  };
  explicit RunDepot(Settings settings);

  asio::awaitable<Outcome<store::DeviceRow>> device() override;
  asio::awaitable<Outcome<void>> reported(store::DeviceUpdated report) override;
  asio::awaitable<Outcome<jobs::PlanningMaterial>> material() override;
  asio::awaitable<Outcome<update::VerifiedImage>> image(std::string file_digest) override;
  update::PatchProvider patch(std::string) override { return {}; }
  asio::awaitable<Outcome<void>> save(std::string state, jobs::JobTrail trail, std::string document) override;
  asio::awaitable<Outcome<std::string>> plan_document(std::string digest) override;

  // What the board says of itself, where the rig does not say it.
  void meet(const session::Identity& said);
  // The journal's last line, of an update that was not stopped in the middle.
  void end_with(std::string_view outcome, const std::string& reason);
  // Why what happened is the rig's fault: an image of the run cannot be read, the journal cannot be written. Empty: it is not.
  const std::string& trouble() const { return trouble_; }

 private:
  Outcome<Buffer> bytes_of(const std::string& file_digest) const;
  Outcome<update::VerifiedImage> verified(const std::string& file_digest) const;
  Outcome<> append(const json::object& line);
  Outcome<> noted(Outcome<> written);
  void tell(const jobs::JobTrail& trail);

  Settings settings_;
  store::DeviceRow device_;
  std::string journal_;
  int plans_ = 0;
  std::string trouble_;
  std::string step_;  // the last that was told
};

}  // namespace lockstep::hil
