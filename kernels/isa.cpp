#include "kernels/isa.hpp"

#include <cstdlib>
#include <string_view>

#include "kernels/elementwise.hpp"

namespace varve::kernels {
namespace {

InstructionSet choose_level() noexcept {
  InstructionSet best = InstructionSet::portable;
  for (const auto level : {InstructionSet::v2, InstructionSet::v3, InstructionSet::v4}) {
    if (can_run(level)) best = level;
  }
  const char* wish = std::getenv("VARVE_ISA");
  if (wish == nullptr || best == InstructionSet::portable) return best;
  InstructionSet limit = best;
  if (std::string_view(wish) == "v2") limit = InstructionSet::v2;
  if (std::string_view(wish) == "v3") limit = InstructionSet::v3;
  return limit < best ? limit : best;
}

// Clang knows the levels by name since its version 18 only; their telling features stand for them before.
#if defined(VARVE_BUILDS_V3)
bool has_v3() noexcept {
#if defined(__clang__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma");
#else
  return __builtin_cpu_supports("x86-64-v3") != 0;
#endif
}
#endif
#if defined(VARVE_BUILDS_V4)
bool has_v4() noexcept {
#if defined(__clang__)
  return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
#else
  return __builtin_cpu_supports("x86-64-v4") != 0;
#endif
}
#endif

}  // namespace

bool can_run(InstructionSet level) noexcept {
  switch (level) {
#if defined(VARVE_BUILDS_PORTABLE)
    case InstructionSet::portable:
      return true;
#endif
#if defined(VARVE_BUILDS_V2)
    case InstructionSet::v2:
      return true;  // the rest of the library needs it as well
#endif
#if defined(VARVE_BUILDS_V3)
    case InstructionSet::v3:
      return has_v3();
#endif
#if defined(VARVE_BUILDS_V4)
    case InstructionSet::v4:
      return has_v4();
#endif
    default:
      return false;
  }
}

InstructionSet active_instruction_set() noexcept {
  static const InstructionSet level = choose_level();
  return level;
}

}  // namespace varve::kernels
