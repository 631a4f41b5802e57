// The allocator of Mbed TLS on the board: first fit over a static pool, neighbours joined when freed. One signature
// needs 1,912 bytes at its peak (measured); a verification that finds no room fails, which refuses the image.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "crypto_config.h"

namespace {

struct Block {
  std::uint32_t size;  // bytes with this header; a multiple of 8
  std::uint32_t used;
};

constexpr std::size_t pool_size = 2560;
alignas(8) std::array<std::byte, pool_size> pool;

Block* at(std::size_t offset) { return reinterpret_cast<Block*>(&pool[offset]); }

void join_with_followers(std::size_t offset) {
  Block* const block = at(offset);
  while (offset + block->size < pool_size) {
    const Block* const next = at(offset + block->size);
    if (next->used != 0) return;
    block->size += next->size;
  }
}

}  // namespace

extern "C" void* lockstep_crypto_calloc(std::size_t count, std::size_t size) {
  if (size != 0 && count > pool_size / size) return nullptr;
  const std::size_t wanted = (count * size + sizeof(Block) + 7) & ~std::size_t{7};
  if (at(0)->size == 0) at(0)->size = pool_size;  // the very first call
  for (std::size_t offset = 0; offset < pool_size; offset += at(offset)->size) {
    Block* const block = at(offset);
    if (block->used != 0) continue;
    join_with_followers(offset);
    if (block->size < wanted) continue;
    if (block->size > wanted) *at(offset + wanted) = {.size = block->size - static_cast<std::uint32_t>(wanted), .used = 0};
    *block = {.size = static_cast<std::uint32_t>(wanted), .used = 1};
    return std::memset(block + 1, 0, wanted - sizeof(Block));
  }
  return nullptr;
}

extern "C" void lockstep_crypto_free(void* memory) {
  if (memory != nullptr) (static_cast<Block*>(memory) - 1)->used = 0;
}
