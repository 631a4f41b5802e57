// What an MCUboot image is, in words and as JSON.
#pragma once

#include <filesystem>
#include <string>

#include "host/base/crypto.hpp"
#include "host/base/json.hpp"
#include "host/cli/terminal.hpp"
#include "protocols/mcuboot/image.hpp"

namespace lockstep::cli {

// The members that `image sign`, `show` and `verify` have in common.
json::object image_json(const mcuboot::ImageInfo& info, const Sha256& file_sha256, std::size_t file_size);
Details image_details(const mcuboot::ImageInfo& info, const Sha256& file_sha256, std::size_t file_size);

// The error for an image file that was refused, with what a person can do about it.
Error image_error(mcuboot::Errc code, const std::filesystem::path& file);

}  // namespace lockstep::cli
