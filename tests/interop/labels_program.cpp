/// Writes what `labels_of_programs.py` has the command line write, too: labels_program SOURCE OUT VERSION.
#include <cstdio>
#include <cstdlib>

#include "varve/varve.hpp"

using namespace varve;

namespace {

void write(const std::string& source, const std::string& out, int version) {
  const Array t = open(source, "t");
  const Array p = open(source, "p");
  const Array m = open(source, "m");
  std::vector<Output> outputs = {{mean(t, "time"), out, "mean"},
                                 {t(Slice{1, 6, 2}), out, "part"},
                                 {concat({t(Slice{4}), t(Slice{0, 3})}, "time"), out, "joined"},
                                 {extract(t, m > 0), out, "masked"},
                                 {isel(t, {{"time", 3}, {"lat", Slice{1, 3}}}), out, "chosen"},
                                 {p - mean(p, "time"), out, "anomaly"},
                                 {sum(t * 2, {"lat", "lon"}), out, "total"}};
  for (Output& output : outputs) output.options.zarr_format = version;
  run(outputs);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 2;
  try {
    write(arguments[1], arguments[2], std::atoi(arguments[3]));
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
