#pragma once

#include <span>

#include "exec/state.hpp"

namespace varve::exec {

/// Says what a state is that went to bytes; what is read back must agree.
struct StateKind {
  kernels::ReduceOp op{};
  DType input_dtype = DType::float64;
  std::int64_t elements = 0;
  /// No state stands for more elements of the array than the whole reduction has.
  std::int64_t max_count = 0;
  /// The caller's hash of the plan, the stage, the reduction and whatever else must not be mixed up.
  std::uint64_t stage_hash = 0;
};

/// Returns the bytes that a state of that kind takes.
[[nodiscard]] std::int64_t encoded_state_bytes(const StateKind& kind);

/// Writes a state of that kind into exactly so many bytes: native byte order, for the same kind of machine.
void encode_state(const State& state, const StateKind& kind, std::span<std::byte> out);

/// Reads a state, which merges to the same bits as the one that was written. Nothing is allocated for bytes
/// of another kind. Errors: FormatError, where they are damaged or of another kind.
[[nodiscard]] State decode_state(std::span<const std::byte> bytes, const StateKind& kind, BufferPool& pool);

}  // namespace varve::exec
