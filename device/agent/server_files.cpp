// The group files.
#include <algorithm>

#include "device/agent/server.hpp"
#include "protocols/smp/file_group.hpp"

namespace lockstep::agent {

using namespace std::string_view_literals;  // length known without strlen
namespace file_rc = smp::file_rc;

namespace {

// What an answer has beside the data: header, map, rc, off, len, and the data's key and head.
constexpr std::uint32_t beside_data = 56;
constexpr std::uint32_t smallest_chunk = 16;

}  // namespace

// As much as the answer's place and the largest message that the transport takes have room for.
Bytes Server::file_download(const smp::Message& m) {
  const auto request = smp::FileDownloadRequest::decode(m.body);
  if (!request) return refuse(m, smp::Rc::invalid);
  const auto most = std::min(static_cast<std::uint32_t>(room().size()), platform_->limits().buffer_size);
  const std::uint32_t limit = most > beside_data + smallest_chunk ? most - beside_data : smallest_chunk;
  const auto chunk = files_.read(request->name, request->offset, limit);
  if (!chunk) return refuse_file(m, chunk.error());
  smp::FileDownloadReply reply{.offset = request->offset, .data = chunk->data};
  if (request->offset == 0) reply.length = chunk->length;
  return answer(m, reply);
}

Bytes Server::file_upload(const smp::Message& m) { return refuse_file(m, file_rc::read_only); }

Bytes Server::file_status(const smp::Message& m) {
  const auto request = smp::FileStatusRequest::decode(m.body);
  if (!request) return refuse(m, smp::Rc::invalid);
  const auto length = files_.length(request->name);
  if (!length) return refuse_file(m, length.error());
  return answer(m, smp::FileStatusReply{.length = *length});
}

Bytes Server::file_hash(const smp::Message& m) {
  const auto request = smp::FileHashRequest::decode(m.body);
  if (!request) return refuse(m, smp::Rc::invalid);
  const std::string_view type = request->type.empty() ? "sha256"sv : request->type;
  if (type != "sha256"sv) return refuse_file(m, file_rc::hash_not_found);
  std::uint64_t length = request->length.value_or(~std::uint64_t{0});
  const auto digest = files_.digest(request->name, request->offset, length);
  if (!digest) return refuse_file(m, digest.error());
  return answer(m, smp::FileHashReply{.type = type, .offset = request->offset, .length = length, .output = *digest});
}

Bytes Server::file_close(const smp::Message& m) {
  files_.close();
  return answer(m, smp::EmptyReply{});
}

}  // namespace lockstep::agent
