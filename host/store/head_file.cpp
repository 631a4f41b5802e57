#include "host/store/head_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "host/base/files.hpp"

namespace lockstep::store {
namespace {

constexpr std::string_view first_line = "lockstep ledger head 1\n";

}  // namespace

std::string head_record(const Head& head) {
  std::string text(first_line);
  text += to_text(head) + "\n";
  text += Sha256::of(text).hex() + "\n";
  return text;
}

Outcome<Head> parse_head_record(std::string_view text) {
  const std::size_t start = first_line.size();
  const std::size_t end = text.size() > start ? text.find('\n', start) : std::string_view::npos;
  if (!text.starts_with(first_line) || end == std::string_view::npos) {
    return fail(ErrorKind::invalid, "the head of the ledger is damaged");
  }
  const auto head = parse_head(text.substr(start, end - start));
  if (!head || head_record(*head) != text) return fail(ErrorKind::invalid, "the head of the ledger is damaged");
  return *head;
}

Outcome<std::optional<Head>> read_head_file(const std::filesystem::path& path) {
  auto text = read_text_file(path, 4096);
  if (!text && text.error().kind == ErrorKind::not_found) return std::optional<Head>();
  if (!text) return Fail(std::move(text).error());
  auto head = parse_head_record(*text);
  if (!head) return Fail(head.error().in(path.string()));
  return std::optional(*head);
}

Outcome<HeadFile> HeadFile::open(const std::filesystem::path& path, const Head& head) {
  if (!std::filesystem::exists(path)) LOCKSTEP_CHECK(write_file(path, head_record(head), {.mode = 0600}));
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return fail(ErrorKind::io, "cannot open " + path.string() + ": " + std::strerror(errno));
  return HeadFile(fd, path);
}

HeadFile::~HeadFile() {
  if (fd_ >= 0) ::close(fd_);
}

HeadFile::HeadFile(HeadFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

Outcome<void> HeadFile::write(const Head& head) {
  // Positions only grow, so a record is never shorter than the one it replaces.
  const std::string record = head_record(head);
  const ssize_t written = ::pwrite(fd_, record.data(), record.size(), 0);
  if (written == static_cast<ssize_t>(record.size())) return {};
  return fail(ErrorKind::io, "cannot write " + path_.string() + ": " + (written < 0 ? std::strerror(errno) : "disk full"));
}

}  // namespace lockstep::store
