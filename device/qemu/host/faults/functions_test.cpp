#include "device/qemu/host/faults/functions.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace lockstep::board {
namespace {

Functions of_the_boot_code() {
  auto functions = Functions::load(std::filesystem::path(LOCKSTEP_CORTEX_M_DIR) / "bin" / "boot.elf");
  REQUIRE(functions);
  return *std::move(functions);
}

TEST_CASE("an address has the name of the function around it") {
  const Functions functions = of_the_boot_code();
  for (const char* const known : {"boot::accept", "mbedtls_mpi_mul_mpi"}) {
    CAPTURE(known);
    const auto function = std::ranges::find(functions.all(), known, &Function::name);
    REQUIRE(function != functions.all().end());
    const std::string_view name = functions.name_at(function->address + function->size - 2);
    CHECK(name == known);
    CHECK(name.data() == function->name.data());  // no copy that is gone by now
    CHECK(functions.describe(function->address + 2).ends_with(std::string(known) + "+0x2"));
  }
}

TEST_CASE("outside of every function there is no name") {
  const Functions functions = of_the_boot_code();
  CHECK(functions.name_at(0xfffffffe).empty());
  CHECK(functions.at(0xfffffffe) == nullptr);
  CHECK(functions.describe(0xfffffffe) == "0xfffffffe");
}

TEST_CASE("a file that is no ELF is refused") {
  CHECK(!Functions::load("/dev/null"));
}

}  // namespace
}  // namespace lockstep::board
