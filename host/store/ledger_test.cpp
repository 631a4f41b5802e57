#include "host/store/ledger.hpp"

#include "host/store/head_file.hpp"
#include "host/store/store_test_support.hpp"

using namespace lockstep;
using namespace lockstep::store;
using namespace lockstep::store::testing;

TEST_CASE("leaves and nodes are hashed as RFC 6962, section 2.1, says") {
  // printf '\0' | sha256sum; the leaf hash of an empty entry, also in the test vectors of Certificate Transparency.
  CHECK(leaf_hash("").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  // The tree of the two entries "" and 00 there (merkletree reference vectors, size 2).
  CHECK(node_hash(leaf_hash(""), leaf_hash(std::string_view("\0", 1))).hex() ==
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
}

TEST_CASE("a head reads back from its text, and from nothing else") {
  const Head head{.position = 17, .seal = leaf_hash("x")};
  CHECK(must(parse_head(to_text(head))).seal == head.seal);
  CHECK(must(parse_head(to_text(head))).position == 17);
  for (const char* wrong : {"", ":", "17", "17:", "x:00", "-1:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "17:6e34"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_head(wrong));
  }
}

TEST_CASE("no cut of the head file is taken for a head") {
  const std::string record = head_record({.position = 17, .seal = leaf_hash("x")});
  for (std::size_t size = 0; size < record.size(); ++size) {
    const std::vector<char> exact(record.begin(), record.begin() + static_cast<std::ptrdiff_t>(size));
    CAPTURE(size);
    CHECK_FALSE(parse_head_record(std::string_view(exact.data(), exact.size())));
  }
}

TEST_CASE("one flipped bit anywhere in the head file is noticed") {
  const std::string record = head_record({.position = 17, .seal = leaf_hash("x")});
  REQUIRE(parse_head_record(record));
  for (std::size_t byte = 0; byte < record.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = record;
      flipped[byte] = static_cast<char>(flipped[byte] ^ (1 << bit));
      CAPTURE(byte);
      CAPTURE(bit);
      CHECK_FALSE(parse_head_record(flipped));
    }
  }
}
