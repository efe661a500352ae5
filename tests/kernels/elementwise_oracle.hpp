#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/elementwise.hpp"
#include "kernels/isa.hpp"

/// What elementwise kernels are checked against: one plain formula per operation, in types wide enough to be
/// simple.
namespace varve::test {

__extension__ typedef __int128 Integer;  // holds every int64 and uint64
using Real = long double;

/// Computes one element from its operands, in each type that the tests need.
struct Oracle {
  Integer (*of_integers)(const Integer*) = nullptr;
  float (*of_floats)(const float*) = nullptr;
  double (*of_doubles)(const double*) = nullptr;
  Real (*of_reals)(const Real*) = nullptr;
};

template <class Formula>
Oracle integer_oracle(Formula) {
  Oracle oracle;
  oracle.of_integers = [](const Integer* v) { return static_cast<Integer>(Formula{}(v)); };
  return oracle;
}

template <class Formula>
Oracle floating_oracle(Formula) {
  Oracle oracle;
  oracle.of_floats = [](const float* v) { return static_cast<float>(Formula{}(v)); };
  oracle.of_doubles = [](const double* v) { return static_cast<double>(Formula{}(v)); };
  oracle.of_reals = [](const Real* v) { return static_cast<Real>(Formula{}(v)); };
  return oracle;
}

enum class Output { same, boolean };
/// The sign of a zero is not specified for maximum and its kin.
enum class Zeros { signed_zeros, any_zero };

/// What an error is measured in: ulps of the result; or of the largest operand or 1, where operands cancel.
enum class Scale { of_result, of_operands };

struct RealCase {
  kernels::ElementwiseOp op;
  std::string_view name;
  int arity;
  bool on_bool;
  Oracle integers;  // empty where the operation does not exist for integers
  Oracle floats;    // empty where it does not exist for floating dtypes
  double ulps = 0;  // 0: the same bits as `of_floats`, `of_doubles`; else distance from `of_reals`
  Output output = Output::same;
  Zeros zeros = Zeros::signed_zeros;
  Scale scale = Scale::of_result;
};

using Operands = std::vector<std::vector<std::byte>>;  // dense, one buffer each

/// Runs the kernel of one level on dense operands and describes the first element that differs from the
/// oracle; empty if there is none.
std::string first_mismatch(const RealCase& row, DType dtype, kernels::InstructionSet level,
                           const Operands& operands);

/// Returns a row for every operation on bool, integers and floating dtypes, except `where` (tested by
/// itself).
const std::vector<RealCase>& real_cases();

/// Returns the levels that this machine can run.
std::vector<kernels::InstructionSet> runnable_levels();
std::string_view name_of(kernels::InstructionSet level);

/// Says whether the row has an oracle for the dtype.
bool covers(const RealCase& row, DType dtype);

/// Returns the dtype of the results.
DType output_dtype(const RealCase& row, DType dtype);

/// Returns operand values that tend to break things, as raw bytes of the dtype.
std::vector<std::byte> adversarial_values(DType dtype);

}  // namespace varve::test
