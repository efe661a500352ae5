// One of two plugins with a copy of the library each: names the runtime that it computes with, and
// reads and writes HDF5, which other threads may do at the same time only in one copy of the library.
#include <cstring>
#include <varve/varve.hpp>

extern "C" void* current_runtime() { return &varve::Runtime::current(); }
extern "C" double read_often(const char* path, int times) {
  double sum = 0;
  for (int i = 0; i < times; ++i) sum += varve::item<double>(varve::sum(varve::open(path)));
  return sum;
}
extern "C" void write_ones(const char* path) { varve::save(varve::ones({10, 10}), path); }
// A run inside a run waits for itself: it must be refused, whichever copy begins it.
extern "C" double inside(double (*other)()) {
  const auto fill = [other](const varve::Box&, const varve::StridedView& out) {
    for (std::int64_t i = 0; i < out.shape[0]; ++i) {
      const double value = other();
      std::memcpy(varve::element_at(out, {i}), &value, sizeof value);
    }
  };
  const varve::Array x = varve::from_function({4}, varve::DType::float64, fill);
  try {
    return varve::item<double>(varve::sum(x));
  } catch (const varve::Error&) {
    return -1;
  }
}
extern "C" double total() { return varve::item<double>(varve::sum(varve::ones({10, 10}))); }
