#include "host/base/crypto.hpp"

#include <mbedtls/md.h>
#include <mbedtls/platform_util.h>

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#include "host/base/files.hpp"
#include "host/base/text.hpp"

namespace lockstep {

// The generic digest calls have one form in Mbed TLS 2.28 and 3.6; those named sha256 have not.
struct Sha256Hasher::State {
  State() {
    mbedtls_md_init(&context);
    if (mbedtls_md_setup(&context, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 0) != 0)
      throw std::bad_alloc();
    mbedtls_md_starts(&context);
  }
  ~State() { mbedtls_md_free(&context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  mbedtls_md_context_t context;
};

Sha256Hasher::Sha256Hasher() : state_(std::make_unique<State>()) {}
Sha256Hasher::~Sha256Hasher() = default;
Sha256Hasher::Sha256Hasher(Sha256Hasher&&) noexcept = default;
Sha256Hasher& Sha256Hasher::operator=(Sha256Hasher&&) noexcept = default;

void Sha256Hasher::update(Bytes bytes) {
  mbedtls_md_update(&state_->context, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

Sha256 Sha256Hasher::finish() {
  mcuboot::Digest digest;
  mbedtls_md_finish(&state_->context, reinterpret_cast<unsigned char*>(digest.data()));
  mbedtls_md_starts(&state_->context);
  return Sha256(digest);
}

Sha256 Sha256::of(Bytes bytes) {
  Sha256Hasher hasher;
  hasher.update(bytes);
  return hasher.finish();
}

Outcome<Sha256> Sha256::from_bytes(Bytes bytes) {
  Sha256 sha;
  if (bytes.size() != sha.bytes_.size())
    return fail(ErrorKind::invalid, "a SHA-256 has 32 bytes, not " + std::to_string(bytes.size()));
  std::ranges::copy(bytes, sha.bytes_.begin());
  return sha;
}

Outcome<Sha256> Sha256::from_hex(std::string_view hex) {
  auto bytes = lockstep::from_hex(hex);
  if (!bytes || bytes->size() != sizeof(mcuboot::Digest))
    return fail(ErrorKind::invalid, in_quotes(hex.substr(0, 80)) + " is no SHA-256",
                "a SHA-256 is written as 64 hex digits");
  return from_bytes(*bytes);
}

std::string Sha256::hex() const { return to_hex(bytes_); }
std::string Sha256::short_hex() const { return to_hex(bytes_).substr(0, 12); }

Outcome<Sha256> sha256_file(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return fail(errno == ENOENT ? ErrorKind::not_found : ErrorKind::io,
                "cannot read " + path.string() + ": " + std::strerror(errno));
  }
  Sha256Hasher hasher;
  Buffer piece(1 << 16);
  ssize_t n = 0;
  while ((n = ::read(fd, piece.data(), piece.size())) > 0)
    hasher.update(Bytes(piece).first(static_cast<std::size_t>(n)));
  const int error = errno;
  ::close(fd);
  if (n < 0) return fail(ErrorKind::io, "cannot read " + path.string() + ": " + std::strerror(error));
  return hasher.finish();
}

bool MbedCrypto::sha256_begin() {
  hasher_.finish();  // forgets what an earlier, abandoned hash took in
  return true;
}

bool MbedCrypto::sha256_update(Bytes bytes) {
  hasher_.update(bytes);
  return true;
}

bool MbedCrypto::sha256_finish(mcuboot::Digest& out) {
  out = hasher_.finish().digest();
  return true;
}

void fill_random(MutableBytes out) {
  while (!out.empty()) {
    const ssize_t n = ::getrandom(out.data(), out.size(), 0);
    if (n > 0) out = out.subspan(static_cast<std::size_t>(n));
    // Without random numbers no name and no key is safe; there is nothing sensible to go on with.
    if (n < 0 && errno != EINTR) std::abort();
  }
}

}  // namespace lockstep

std::size_t std::hash<lockstep::Sha256>::operator()(const lockstep::Sha256& sha) const noexcept {
  std::size_t value;  // the digest is as good as any hash of it
  std::memcpy(&value, sha.bytes().data(), sizeof value);
  return value;
}
