#include "property/resident_memory.hpp"

#include <sys/resource.h>

#include <fstream>
#include <string>

namespace varve::test {

std::int64_t peak_resident_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
  }
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024;
}

void reset_peak_resident_bytes() { std::ofstream("/proc/self/clear_refs") << "5"; }

}  // namespace varve::test
