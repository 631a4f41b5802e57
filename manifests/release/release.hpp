// A release: which firmware images belong together with which versions of the software beside the device, on which
// hardware, and where one may come from. Written as XML (schema.hpp), signed as a DSSE envelope (manifests/attest).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/crypto.hpp"
#include "host/base/error.hpp"
#include "manifests/version/range.hpp"

namespace lockstep::release {

// payloadType of a signed release.
inline constexpr std::string_view payload_type = "application/vnd.lockstep.release+xml";

// Every part knows its line in the manifest, so that an answer can cite it.

struct Hardware {
  std::string board;
  version::Range revisions;  // over version::parse_revision
  int line = 0;
};

// How a component is updated, which decides where a fault can lead (manifests/model/state.hpp).
enum class Kind : std::uint8_t {
  ab_trial,  // two slots; a new image is on trial and the bootloader goes back until it is confirmed (MCUboot)
  ab_late,   // two slots; the bootloader may go back at any time while the other slot boots (boot counters: U-Boot, RAUC)
  single,    // one slot, written in place: a power cut meanwhile leaves nothing that boots
  app,       // beside the device; people update when they like, so several versions are in use at once
  service,   // beside the device; we switch it, both versions run while we do
};

constexpr bool on_device(Kind kind) { return kind != Kind::app && kind != Kind::service; }
// As manifests write it: "ab-trial".
std::string_view text(Kind kind);

// When a requirement must hold.
enum class When : std::uint8_t {
  active,        // while the version that has it runs
  installed,     // while that version is in a slot from which the device may boot it
  during_flash,  // while that version is being written to the device
};
// As manifests write it: "during-flash".
std::string_view text(When when);

// The component it stands in works only together with these versions of another one.
struct Requirement {
  std::string component;
  version::Range range;
  When when = When::active;
  int line = 0;
};

// How a component is updated, said once for all its versions.
struct Component {
  std::string name;
  Kind kind = Kind::ab_trial;
  std::string via;            // on the device: written through this component; empty: directly
  std::uint32_t reboots = 1;  // that one activation costs
  int line = 0;
};

// What a firmware does with its component's stored data. Each format of the data has a number, its epoch.
struct Data {
  std::uint32_t reads_lowest = 0;  // epochs that it can read
  std::uint32_t reads_highest = 0xffff'ffff;
  std::optional<std::uint32_t> writes;  // the epoch that it brings the data to; absent: leaves them as they are
  bool at_boot = false;                 // at its first boot, still on trial; else when it is finalised
  int line = 0;

  bool reads(std::uint32_t epoch) const { return reads_lowest <= epoch && epoch <= reads_highest; }
};

// One may update directly only from these versions; others need a stepping stone.
struct From {
  version::Range range;
  int line = 0;
};

struct Firmware {
  std::string component;
  version::Version version;
  std::string file;        // relative to the manifest or the artefact store's import folder
  std::uint64_t size = 0;  // bytes of the file
  Sha256 sha256;           // of the file
  Sha256 image_hash;       // MCUboot's SHA-256 TLV: what the device reports as the image's hash
  std::uint32_t security_counter = 0;
  std::optional<From> from;  // absent: from any version
  std::optional<Data> data;  // absent: reads every epoch, writes none
  bool one_way = false;      // the maker says: once it is finalised nobody goes back
  std::vector<Requirement> needs;
  int line = 0;
};

struct Software {
  std::string component;
  std::string platform;  // "android", "ios", …; empty when there is only one
  version::Version version;
  std::string file;  // may be empty: it is in a shop, not in our hands
  std::uint64_t size = 0;
  Sha256 sha256;
  std::vector<Requirement> needs;
  int line = 0;
};

struct Release {
  std::string product;
  version::Version version;
  std::string title;   // may be empty
  std::string file;    // where it was read from, for citations
  Sha256 sha256;       // of the manifest's bytes
  std::vector<Hardware> hardware;
  std::vector<Component> components;  // those whose kind the manifest says
  std::vector<Firmware> firmware;
  std::vector<Software> software;
  int line = 0;  // of the root element

  // "thermostat 2.0.0"
  std::string name() const;
  // "release.xml:7"
  std::string at(int part_line) const;
  const Component* component(std::string_view name) const;  // what <component> says; null when it says nothing
  const Firmware* firmware_of(std::string_view component) const;
  bool has_software(std::string_view component) const;
};

// Reads a manifest. `file` is only for messages and citations.
// Errors: invalid, with every problem on a line of its own ("release.xml:7: <firmware>: …").
Outcome<Release> parse(std::string_view bytes, std::string file);

}  // namespace lockstep::release
