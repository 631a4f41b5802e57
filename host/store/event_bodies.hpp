// What can happen, one struct per kind of event. A struct is its own schema: `kind` is the stable type id and the
// schema version, `subject` the thing it is about, `fields` the one list that both encodes and decodes it.
//
// Rules that keep old ledgers readable for ever:
//   - a type id never changes its meaning, and no field is renamed or removed;
//   - a new field raises `schema` by one, comes last and says since which schema it exists; older events read it as
//     its default;
//   - only text, bool, int64, lists, structs and JSON objects of these: no floating point (its text is not stable), and
//     text is UTF-8.
// Digests are lower-case hex SHA-256. The time is in the envelope (event.hpp), not in a body.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::store {

struct Kind {
  std::string_view type;  // "job.created"
  int schema = 1;
};

// Free named details: any JSON without floating-point numbers (a measured value is text with its unit).
using Facts = boost::json::object;

// What a device reported about one component. Written, booted, confirmed and healthy are different facts.
struct ComponentReport {
  std::string component;   // "app"
  std::string version;     // as reported; may be empty
  std::string image_hash;  // what the device calls its running image (MCUboot: the hash TLV), hex
  bool confirmed = false;
  // The slot that does not run; empty: nothing that boots, or the device does not tell.
  std::string idle_version;
  std::string idle_hash;
  bool idle_pending = false;  // it runs after the next reset

  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("component", s.component), v("version", s.version), v("image_hash", s.image_hash), v("confirmed", s.confirmed);
    v("idle_version", s.idle_version, 2), v("idle_hash", s.idle_hash, 2), v("idle_pending", s.idle_pending, 2);
  }
};

// One firmware component of a release.
struct ReleaseImage {
  std::string component;
  std::string version;
  std::string file_digest;  // of the whole signed image file: the artefact's name
  std::string image_hash;   // what a device running it reports
  std::int64_t size = 0;    // bytes of the file

  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("component", s.component), v("version", s.version), v("file_digest", s.file_digest);
    v("image_hash", s.image_hash), v("size", s.size);
  }
};

// A group of devices that is updated before the next one may begin (host/rollout says how).
struct StagePlan {
  std::string name;                   // "canary", "fleet"
  std::vector<std::string> devices;   // in the order they are started
  std::int64_t max_parallel = 1;      // jobs that may run at once, >= 1
  std::int64_t budget = 0;            // bad devices tolerated; one more halts
  std::int64_t deadline_ms = 0;       // a job older than this counts as silent; 0: never

  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("name", s.name), v("devices", s.devices), v("max_parallel", s.max_parallel), v("budget", s.budget);
    v("deadline_ms", s.deadline_ms);
  }
};

struct DaemonStarted {
  static constexpr Kind kind{"daemon.started"};
  std::string daemon;   // name of this daemon: the origin
  std::string version;  // of Lockstep
  std::int64_t pid = 0;

  std::string subject() const { return "daemon/" + daemon; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("daemon", s.daemon), v("version", s.version), v("pid", s.pid);
  }
};

// A person goes on with this ledger although the head that was kept beside it is gone or does not fit: what was cut off
// its end, if anything, is lost. Stays in the ledger for everybody to see.
struct LedgerHeadAccepted {
  static constexpr Kind kind{"ledger.head_accepted"};
  std::string head;    // the ledger's own end at that time, as `audit verify` prints it
  std::string kept;    // what ledger.head said; empty: it was gone
  std::string reason;  // in the person's words

  std::string subject() const { return "ledger/head"; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("head", s.head), v("kept", s.kept), v("reason", s.reason);
  }
};

struct KeyTrusted {
  static constexpr Kind kind{"key.trusted"};
  std::string key_id;      // hex SHA-256 of the SubjectPublicKeyInfo DER
  std::string name;        // for people
  std::string role;        // "release", "runner" (evidence) or "image"
  std::string public_pem;  // SubjectPublicKeyInfo

  std::string subject() const { return "key/" + key_id; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("key_id", s.key_id), v("name", s.name), v("role", s.role), v("public_pem", s.public_pem);
  }
};

struct DeviceAdded {
  static constexpr Kind kind{"device.added"};
  std::string device;    // name, unique
  std::string link;      // URI
  std::string serial;    // the identity that must be proved before any write
  std::string board;
  std::string revision;
  std::string product;

  std::string subject() const { return "device/" + device; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("device", s.device), v("link", s.link), v("serial", s.serial), v("board", s.board);
    v("revision", s.revision), v("product", s.product);
  }
};

// The device answered: this is what it runs now. `components` replaces what was known before.
struct DeviceUpdated {
  static constexpr Kind kind{"device.updated", 2};
  std::string device;
  std::vector<ComponentReport> components;
  std::string health = "unknown";  // "healthy", "unhealthy" or "unknown"
  std::string detail;              // the device's own words about its health
  Facts facts;                     // bootloader mode, buffer sizes, ...

  std::string subject() const { return "device/" + device; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("device", s.device), v("components", s.components), v("health", s.health), v("detail", s.detail);
    v("facts", s.facts);
  }
};

// The device is reached elsewhere now; it proved its identity there.
struct DeviceMoved {
  static constexpr Kind kind{"device.moved"};
  std::string device;
  std::string link;  // URI

  std::string subject() const { return "device/" + device; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("device", s.device), v("link", s.link);
  }
};

// Which versions of software beside the device are in use with it, as a person says: component -> version. Replaces
// what was said before.
struct DeviceSoftware {
  static constexpr Kind kind{"device.software"};
  std::string device;
  Facts software;  // {"mobile-app": "5.3.0"}

  std::string subject() const { return "device/" + device; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("device", s.device), v("software", s.software);
  }
};

struct ArtefactAdded {
  static constexpr Kind kind{"artefact.added"};
  std::string digest;     // of the bytes: the artefact's only name
  std::int64_t size = 0;  // bytes
  std::string role;       // "firmware", "software", "manifest", "envelope", "evidence", "log", "report"
  std::string name;       // file name it came with, for people

  std::string subject() const { return "artefact/" + digest; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("digest", s.digest), v("size", s.size), v("role", s.role), v("name", s.name);
  }
};

struct ReleaseAdded {
  static constexpr Kind kind{"release.added"};
  std::string release;  // id used everywhere: "thermostat@2.0.0"
  std::string product;
  std::string version;
  std::string title;
  std::string manifest_digest;       // of the release XML, the signed payload
  std::string envelope_digest;       // artefact holding the DSSE envelope
  std::vector<std::string> key_ids;  // whose signatures were found valid
  std::vector<ReleaseImage> images;

  std::string subject() const { return "release/" + release; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("release", s.release), v("product", s.product), v("version", s.version), v("title", s.title);
    v("manifest_digest", s.manifest_digest), v("envelope_digest", s.envelope_digest), v("key_ids", s.key_ids);
    v("images", s.images);
  }
};

}  // namespace lockstep::store
