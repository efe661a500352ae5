#pragma once

#include <cstdint>

/// Several builds of one kernel source, and the choice between them.
///
/// A source named `<family>/<name>.isa.cpp` is compiled once per instruction-set level (x86-64-v2, v3, v4;
/// "portable" on other processors). It puts everything that it defines into the namespace of the level:
///
///     // kernels/reduce/sum.isa.cpp
///     namespace varve::kernels::VARVE_ISA_NAMESPACE {
///     namespace { ... functors and loops ... }
///     void fill_sum(ReduceTable& table) noexcept { table.at(...) = ...; }       // the one external name
///     }
///
/// One ordinary source per family declares that name for every level and picks one:
///
///     // kernels/reduce/dispatch.cpp
///     namespace varve::kernels {
///     VARVE_DECLARE_PER_ISA(void fill_sum(ReduceTable&) noexcept)
///     ReduceTable make_table(InstructionSet level) {
///       ReduceTable table;
///       VARVE_SELECT_ISA(level, fill_sum)(table); ...
///     }}
///
/// No shared code between levels. A template or inline function that two levels instantiate under one name is
/// one symbol (COMDAT): the linker keeps whichever copy it meets first, and if that is the AVX-512 one, the
/// program dies of an illegal instruction on a smaller processor. Therefore, in *.isa.cpp and in the headers
/// that only they include:
/// - everything lives in an unnamed namespace or in VARVE_ISA_NAMESPACE, and small functors are VARVE_INLINE;
/// - no std:: templates beyond what always folds away (std::numeric_limits, std::bit_cast, type traits);
/// - write the comparison instead of std::min, and
/// - call math through __builtin_* or the <cmath> overloads for
///   float and double;
/// - xsimd is renamed for each level by the build (-Dxsimd=xsimd_v3), so its templates are distinct;
/// - the objects of the lowest level stand first in the archive, as a second line of defence.
/// The tests kernels_share_no_symbols_* check the object files.

#define VARVE_INLINE inline __attribute__((always_inline))

/// Unrolls the loop that follows; says of the loop that follows that its iterations do not depend on each
/// other.
#define VARVE_PRAGMA(...) _Pragma(#__VA_ARGS__)
#if defined(__clang__)
#define VARVE_UNROLL(count) VARVE_PRAGMA(unroll count)
#define VARVE_VECTOR_LOOP VARVE_PRAGMA(clang loop vectorize(assume_safety))
#else
#define VARVE_UNROLL(count) VARVE_PRAGMA(GCC unroll count)
#define VARVE_VECTOR_LOOP VARVE_PRAGMA(GCC ivdep)
#endif

namespace varve::kernels {

enum class InstructionSet : std::uint8_t { portable, v2, v3, v4 };

/// Says whether the level was built and this processor and operating system can run it.
[[nodiscard]] bool can_run(InstructionSet level) noexcept;

/// Returns the level in use: the best one that can run, lowered by the environment variable VARVE_ISA (v2,
/// v3, v4). Decided at the first call.
[[nodiscard]] InstructionSet active_instruction_set() noexcept;

// A level that was not built stands for the one below it.
#if defined(VARVE_BUILDS_PORTABLE)
#define VARVE_DECLARE_V2(...) \
  namespace portable {        \
  __VA_ARGS__;                \
  }
namespace portable {}
namespace v2 = portable;
#else
#define VARVE_DECLARE_V2(...) \
  namespace v2 {              \
  __VA_ARGS__;                \
  }
namespace v2 {}
#endif

#if defined(VARVE_BUILDS_V3)
#define VARVE_DECLARE_V3(...) \
  namespace v3 {              \
  __VA_ARGS__;                \
  }
namespace v3 {}
#else
#define VARVE_DECLARE_V3(...)
namespace v3 = v2;
#endif

#if defined(VARVE_BUILDS_V4)
#define VARVE_DECLARE_V4(...) \
  namespace v4 {              \
  __VA_ARGS__;                \
  }
namespace v4 {}
#else
#define VARVE_DECLARE_V4(...)
namespace v4 = v3;
#endif

/// Declares a function or an `extern const` table once per level. Use inside namespace varve::kernels.
#define VARVE_DECLARE_PER_ISA(...) \
  VARVE_DECLARE_V2(__VA_ARGS__)    \
  VARVE_DECLARE_V3(__VA_ARGS__)    \
  VARVE_DECLARE_V4(__VA_ARGS__)

/// The entity `name` of the level.
#define VARVE_SELECT_ISA(level, name)                             \
  ((level) == ::varve::kernels::InstructionSet::v4   ? (v4::name) \
   : (level) == ::varve::kernels::InstructionSet::v3 ? (v3::name) \
                                                     : (v2::name))

}  // namespace varve::kernels
