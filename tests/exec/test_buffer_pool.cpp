#include <catch2/catch.hpp>

#include "exec/buffer_pool.hpp"
#include "plan/memory_model.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using exec::Budget;
using exec::Buffer;
using exec::BufferPool;
using exec::Lease;

TEST_CASE("budget: leases never exceed the total and come back", "[exec]") {
  Budget budget(1000);
  {
    const Lease first = budget.acquire(600);
    CHECK(budget.leased_bytes() == 600);
    CHECK_THROWS_AS(budget.acquire(401), BudgetError);
  }
  CHECK(budget.leased_bytes() == 0);
  CHECK(budget.peak_bytes() == 600);
}

TEST_CASE("buffer pool: a buffer beyond the lease is an error", "[exec]") {
  Budget budget(1 << 20);
  BufferPool pool(budget);
  const Lease lease = budget.acquire(8192);
  const Buffer buffer = pool.allocate(8192);
  CHECK(buffer.size() == 8192);
  CHECK_THROWS_AS(pool.allocate(1), Error);
}

TEST_CASE("buffer pool: blocks are reused", "[exec]") {
  Budget budget(1 << 20);
  BufferPool pool(budget);
  const Lease lease = budget.acquire(1 << 20);
  const std::byte* first = pool.allocate(5000).data();
  CHECK(pool.allocate(6000).data() == first);
}

TEST_CASE("pooled bytes: at least what was asked, at most an eighth more beyond 64 KiB", "[exec]") {
  for (std::int64_t bytes = 1; bytes < (std::int64_t{1} << 40); bytes = bytes * 9 / 7 + 1) {
    const std::int64_t pooled = plan::pooled_bytes(bytes);
    CHECK(pooled >= bytes);
    CHECK(pooled % 4096 == 0);
    if (bytes > 65536) CHECK(pooled <= bytes + bytes / 8 + 1);
  }
  CHECK(plan::pooled_bytes(0) == 0);
}
