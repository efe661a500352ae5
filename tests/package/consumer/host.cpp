// Loads two plugins apart from each other. Its exit status is the test: both compute with one runtime.
#include <dlfcn.h>

#include <cstdio>

namespace {

template <class Function>
Function* find(void* plugin, const char* name) {
  return reinterpret_cast<Function*>(dlsym(plugin, name));
}

}  // namespace

int main() {
  void* plugins[2] = {dlopen(FIRST, RTLD_NOW | RTLD_LOCAL), dlopen(SECOND, RTLD_NOW | RTLD_LOCAL)};
  void* runtimes[2] = {};
  for (int i = 0; i < 2; ++i) {
    if (plugins[i] == nullptr) return std::fprintf(stderr, "%s\n", dlerror()), 2;
    runtimes[i] = find<void*()>(plugins[i], "current_runtime")();
    if (find<double()>(plugins[i], "total")() != 100) return 3;
  }
  return runtimes[0] == runtimes[1] ? 0 : 1;
}
