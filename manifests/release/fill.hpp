// Completes a draft: people write what they know (components, versions, files, requirements), the files say the rest.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "host/base/buffer.hpp"
#include "host/base/error.hpp"

namespace lockstep::release {

// Gives the bytes of an artefact by the path that the manifest has.
using ReadArtefact = std::function<Outcome<Buffer>(const std::string& file)>;

// The draft's text with the missing attributes size, sha256, image-hash and security-counter of each firmware and
// size and sha256 of each software written in. Everything else stays as it is, comments and lines too; what is
// written already is not touched (lint compares it with the files). Only artefacts with a gap are read.
// Errors: invalid (the draft, or a firmware that is no MCUboot image), and what `read` says.
Outcome<std::string> fill(std::string_view draft, const std::string& file, const ReadArtefact& read);

}  // namespace lockstep::release
