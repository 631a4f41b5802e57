// UUIDs (RFC 4122) as MCUboot images carry them for vendor and device class.
#pragma once

#include <string>
#include <string_view>

#include "host/base/error.hpp"
#include "protocols/mcuboot/image.hpp"

namespace lockstep {

using Uuid = mcuboot::Uuid;

// The name space of domain names (RFC 4122 appendix C).
extern const Uuid uuid_dns_namespace;

std::string format_uuid(const Uuid& uuid);
// With or without dashes, of either case. ErrorKind::invalid.
Outcome<Uuid> parse_uuid(std::string_view text);
// The name-based UUID by SHA-1 (RFC 4122 section 4.3, version 5).
Uuid name_uuid(const Uuid& name_space, std::string_view name);
// What people write for one, as in MCUboot's imgtool: a UUID, or a name of the name space.
Uuid uuid_of(std::string_view text, const Uuid& name_space);

}  // namespace lockstep
