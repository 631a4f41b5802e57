#include "device/sim/remembering_crypto.hpp"

namespace lockstep::sim {

bool RememberingCrypto::p256_verify(const mcuboot::P256Point& point, const mcuboot::Digest& digest, Bytes signature) {
  Buffer question(point.begin(), point.end());
  question.insert(question.end(), digest.begin(), digest.end());
  question.insert(question.end(), signature.begin(), signature.end());
  if (right_.contains(question)) return true;
  ++verified_;
  if (!real_.p256_verify(point, digest, signature)) return false;
  if (right_.size() >= limit) right_.clear();
  right_.insert(std::move(question));
  return true;
}

}  // namespace lockstep::sim
