// Does the steps of a plan on a device over its link, one image at a time by host/update, and leaves to people what is
// theirs.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/session/device_client.hpp"
#include "host/update/executor.hpp"
#include "host/walk/walk.hpp"

namespace lockstep::walk {

// Software in use, by component of the catalogue; versions ascending. What is not in it is not known.
using Alive = std::map<model::Index, std::vector<model::Index>>;

struct DeviceSettings {
  std::string walk;  // its id; jobs are named after it
  link::LinkUri link;
  update::ExpectedIdentity identity;
  update::Policy policy = {};
  session::ClientFactory clients;
  // The image of a version, verified; called only for records with an image hash.
  std::function<update::ImageProvider(const model::Record&)> image;
  std::function<update::PatchProvider(const model::Record&)> patch = {};  // absent: whole images only
  std::function<asio::awaitable<Outcome<Alive>>()> software = {};         // absent: nothing is known of it
};

// What a device lists, as the plan's words. A component that no image of the device belongs to shows nothing. Of
// `components`: which component each image number is.
Sight sight_of(const model::Catalogue& catalogue, const session::Inventory& inventory,
               const std::vector<session::ImageComponent>& components);

// The same watch for what must not be stopped half way: images that go together, and the end of a trial.
class SeenThrough final : public update::JobWatch {
 public:
  explicit SeenThrough(update::JobWatch& watch) : watch_(watch) {}
  void on_progress(const update::Progress& progress) override { watch_.on_progress(progress); }
  void on_device_log(std::string_view line) override { watch_.on_device_log(line); }

 private:
  update::JobWatch& watch_;
};

class DevicePerformer final : public Performer {
 public:
  // Journal and watch are borrowed for its life. Each image's job is journaled there; `resume` is the journal's last
  // record, so that a job in which the host died goes on in its state (default: none did).
  DevicePerformer(std::shared_ptr<const model::Catalogue> catalogue, DeviceSettings settings, update::Journal& journal,
                  update::JobWatch& watch, update::JobRecord resume = {});

  // refused: at the link is another device than the one meant.
  asio::awaitable<Outcome<Sight>> look() override;
  asio::awaitable<Outcome<Performed>> perform(const Move& move) override;

 private:
  asio::awaitable<Outcome<void>> run(std::size_t step, model::Target target, update::Reach reach, update::JobWatch& watch);
  asio::awaitable<Outcome<void>> activate(const Move& move);
  asio::awaitable<Outcome<void>> confirm(const Move& move);
  Outcome<update::Job> job_for(std::size_t step, const model::Target& target, update::Reach reach) const;

  std::shared_ptr<const model::Catalogue> catalogue_;
  DeviceSettings settings_;
  update::Journal& journal_;
  update::JobWatch& watch_;
  update::JobRecord resume_;
  SeenThrough seen_through_{watch_};
  std::vector<session::ImageComponent> components_;  // asked once: a device that does not know the question is slow to say so
};

}  // namespace lockstep::walk
