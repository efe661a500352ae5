#pragma once

#include <cstring>
#include <vector>

#include "kernels/reduce.hpp"

/// The n accumulator states of a reduction, in memory of their own.
class ReduceState {
 public:
  ReduceState(const varve::kernels::ReduceKernel& kernel, std::int64_t n) : kernel_(kernel), n_(n) {
    for (int plane = 0; plane < kernel.plane_count; ++plane) {
      // At least one byte, so that the plane of no states has an address.
      memory_[plane].resize(static_cast<std::size_t>(n * kernel.plane_bytes[plane]) + 1);
    }
    kernel.init(planes(0).data, n);
  }

  struct Planes {
    void* data[varve::kernels::kMaxPlanes] = {};
  };

  /// Returns the addresses of the state at `position`.
  [[nodiscard]] Planes planes(std::int64_t position) {
    Planes result;
    for (int plane = 0; plane < kernel_.plane_count; ++plane) {
      result.data[plane] = memory_[plane].data() + position * kernel_.plane_bytes[plane];
    }
    return result;
  }

  /// Adds one row: values[i] to state i.
  void across(const std::byte* values, std::int64_t index) {
    kernel_.accumulate_across(planes(0).data, values, n_, count_, index);
    ++count_;
  }

  /// Adds a segment to the only state.
  void along(const std::byte* values, std::int64_t length, std::int64_t index) {
    kernel_.accumulate_along(planes(0).data, values, length, count_, index);
    count_ += length;
  }

  void merge(ReduceState& later) {
    kernel_.merge(planes(0).data, later.planes(0).data, n_, count_, later.count_);
    count_ += later.count_;
  }

  /// Returns the results as bytes of the output dtype.
  [[nodiscard]] std::vector<std::byte> finish(double correction = 0) {
    std::vector<std::byte> output(static_cast<std::size_t>(n_ * size_bytes(kernel_.output_dtype)) + 1);
    kernel_.finish(planes(0).data, output.data(), n_, count_, correction);
    output.pop_back();
    return output;
  }

  /// Returns the bytes of all planes.
  [[nodiscard]] std::vector<std::byte> bits() const {
    std::vector<std::byte> all;
    for (const auto& plane : memory_) all.insert(all.end(), plane.begin(), plane.end());
    return all;
  }

 private:
  varve::kernels::ReduceKernel kernel_;
  std::int64_t n_;
  std::int64_t count_ = 0;
  std::vector<std::byte> memory_[varve::kernels::kMaxPlanes];
};
