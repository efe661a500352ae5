#include <hdf5.h>

#include <csignal>
#include <cstdlib>
#include <string_view>

// Stands before libhdf5's H5Fopen (--wrap) and fails on purpose, as the environment's FAIL_HDF5 says.

extern "C" {

hid_t __real_H5Fopen(const char* name, unsigned flags, hid_t access);

hid_t __wrap_H5Fopen(const char* name, unsigned flags, hid_t access) {
  const char* way = std::getenv("FAIL_HDF5");
  if (way != nullptr && std::string_view(way) == "crash") std::raise(SIGSEGV);
  if (way != nullptr && std::string_view(way) == "abort") std::abort();
  return __real_H5Fopen(name, flags, access);
}
}
