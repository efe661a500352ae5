#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>
#include <vector>

#include "exec/buffer_pool.hpp"

using namespace varve;
using exec::Buffer;

namespace {

// Whether this thread's next allocations fail.
thread_local bool no_memory = false;

}  // namespace

void* operator new(std::size_t bytes) {
  void* block = no_memory ? nullptr : std::malloc(bytes == 0 ? 1 : bytes);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return no_memory ? nullptr : std::malloc(bytes == 0 ? 1 : bytes);
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

TEST_CASE("buffer pool: a block that cannot be remembered is given back to the system", "[exec]") {
  exec::Budget budget(1 << 20);
  exec::BufferPool pool(budget);
  const exec::Lease lease = budget.acquire(1 << 20);
  std::vector<Buffer> buffers;
  for (int i = 0; i < 9; ++i) buffers.push_back(pool.allocate(4096));
  no_memory = true;
  for (Buffer& buffer : buffers) buffer = Buffer();
  no_memory = false;
  // All that was leased is free again.
  CHECK(pool.allocate(1 << 20).size() == 1 << 20);
}
