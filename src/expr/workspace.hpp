#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "varve/core/strided_view.hpp"

namespace varve::expr {

/// The memory that a workspace asked for. Only the regions of that workspace tell what lies where.
class WorkMemory {
 public:
  explicit WorkMemory(std::span<std::byte> bytes) noexcept : bytes_(bytes) {}

 private:
  friend class Place;
  std::span<std::byte> bytes_;
};

/// Bytes of a workspace, once or for each of several workers.
class Place {
 public:
  Place() = default;
  Place(std::int64_t offset, std::int64_t bytes, std::int64_t stride, std::int64_t copies) noexcept
      : offset_(offset), bytes_(bytes), stride_(stride), copies_(copies) {}

 protected:
  /// Returns those of one worker. Errors: Error where the memory was not asked for by this workspace.
  [[nodiscard]] std::byte* in(const WorkMemory& memory, std::int64_t copy, std::int64_t wanted) const {
    const std::int64_t at = offset_ + stride_ * copy;
    if (copy < 0 || copy >= copies_ || wanted > bytes_ || at + wanted > std::ssize(memory.bytes_)) refuse();
    return memory.bytes_.data() + at;
  }
  [[nodiscard]] std::int64_t bytes() const noexcept { return bytes_; }

 private:
  [[noreturn]] static void refuse();

  std::int64_t offset_ = 0;
  std::int64_t bytes_ = 0;
  std::int64_t stride_ = 0;
  std::int64_t copies_ = 0;
};

/// Values of one type in a workspace, once or for each of several workers.
template <class T>
class Region : Place {
 public:
  using Place::Place;

  [[nodiscard]] std::span<T> in(const WorkMemory& memory, std::int64_t copy = 0) const {
    return {reinterpret_cast<T*>(Place::in(memory, copy, bytes())),
            static_cast<std::size_t>(bytes()) / sizeof(T)};
  }
};

/// Elements of a dtype in a workspace, once or for each of several workers.
class Elements : Place {
 public:
  Elements() = default;
  Elements(const Place& place, DType dtype) noexcept : Place(place), dtype_(dtype) {}

  [[nodiscard]] std::byte* in(const WorkMemory& memory, std::int64_t copy = 0) const {
    return Place::in(memory, copy, bytes());
  }
  /// Views the first of them as a dense array. Errors: Error where they are fewer.
  [[nodiscard]] StridedView view(const WorkMemory& memory, const Shape& shape, std::int64_t copy = 0) const {
    const std::int64_t wanted = saturating_multiply(saturating_count(shape), size_bytes(dtype_));
    return {Place::in(memory, copy, wanted), dtype_, shape};
  }
  [[nodiscard]] DType dtype() const noexcept { return dtype_; }

 private:
  DType dtype_ = DType::uint8;
};

/// The memory in which an operation works, as regions one behind the other. What is planned is the sum of the
/// very regions that `run` takes, so that neither can be counted without the other.
class Workspace {
 public:
  /// Adds values, for each of `copies` workers, that start on cache lines of their own.
  template <class T>
  [[nodiscard]] Region<T> add(std::int64_t count, std::int64_t copies = 1) {
    const auto [offset, bytes, stride] = append(count, sizeof(T), copies);
    return {offset, bytes, stride, copies};
  }
  /// Adds elements of a dtype in the same way.
  [[nodiscard]] Elements add(DType dtype, std::int64_t count, std::int64_t copies = 1) {
    const auto [offset, bytes, stride] = append(count, size_bytes(dtype), copies);
    return {{offset, bytes, stride, copies}, dtype};
  }
  /// Returns the bytes of all regions. More than any machine has are 2^60.
  [[nodiscard]] std::int64_t bytes() const noexcept { return bytes_; }

 private:
  friend class Turns;
  struct Appended {
    std::int64_t offset;
    std::int64_t bytes;
    std::int64_t stride;
  };
  Appended append(std::int64_t count, std::int64_t value_bytes, std::int64_t copies);

  std::int64_t bytes_ = 0;
};

/// Regions that take the same bytes of a workspace by turns: those added before `next` and after it. What is
/// added when it has gone lies behind them all.
class Turns {
 public:
  explicit Turns(Workspace& workspace) : workspace_(workspace), begin_(workspace.bytes_), end_(begin_) {}
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;
  ~Turns() { next(), workspace_.bytes_ = end_; }

  void next() noexcept {
    end_ = std::max(end_, workspace_.bytes_);
    workspace_.bytes_ = begin_;
  }

 private:
  Workspace& workspace_;
  std::int64_t begin_;
  std::int64_t end_;
};

}  // namespace varve::expr
