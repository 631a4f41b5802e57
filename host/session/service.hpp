// For people at a device: its files and its settings. As probe(), each opens the link that was named, asks, and closes
// it; nobody is asked who it is.
//
// Errors: as DeviceClient's. not_found: the device has no such command; device: it has no such file or setting.
#pragma once

#include <string>

#include "host/session/device_client.hpp"

namespace lockstep::session {

// A file of the device ("/log", "/health"), whole: begun anew, three times at most, when the device says that it changed
// meanwhile. ErrorKind::device also when it is longer than 16 MiB, or the device loops.
asio::awaitable<Outcome<std::string>> download_file(asio::any_io_executor executor, link::LinkUri uri, std::string name,
                                                    link::LinkOpener opener = link::open_link);

// The value in use, as bytes.
asio::awaitable<Outcome<std::string>> read_setting(asio::any_io_executor executor, link::LinkUri uri, std::string name,
                                                   link::LinkOpener opener = link::open_link);
// Writes the value and keeps it, commits.
asio::awaitable<Outcome<void>> write_setting(asio::any_io_executor executor, link::LinkUri uri, std::string name,
                                             std::string value, link::LinkOpener opener = link::open_link);
asio::awaitable<Outcome<void>> delete_setting(asio::any_io_executor executor, link::LinkUri uri, std::string name,
                                              link::LinkOpener opener = link::open_link);

}  // namespace lockstep::session
