/* Stands before libhdf5 (LD_PRELOAD) and fails on purpose where files are opened, as FAIL_HDF5 says. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <hdf5.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

typedef hid_t (*Open)(const char*, unsigned, hid_t);

hid_t H5Fopen(const char* name, unsigned flags, hid_t access) {
  const char* way = getenv("FAIL_HDF5");
  if (way != NULL && strcmp(way, "crash") == 0) raise(SIGSEGV);
  if (way != NULL && strcmp(way, "abort") == 0) abort();
  Open open = NULL;
  *(void**)&open = dlsym(RTLD_NEXT, "H5Fopen");
  return open(name, flags, access);
}
