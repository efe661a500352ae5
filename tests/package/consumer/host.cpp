// Loads two plugins apart from each other. Its exit status is the test: both compute with one runtime, take
// turns in libhdf5, and refuse to run inside each other.
#include <dlfcn.h>

#include <atomic>
#include <cstdio>
#include <string>
#include <thread>

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
  if (runtimes[0] != runtimes[1]) return 1;

  if (find<double(double (*)())>(plugins[0], "inside")(find<double()>(plugins[1], "total")) != -1) return 4;

  std::atomic<int> wrong{0};
  std::thread threads[2];
  for (int i = 0; i < 2; ++i) {
    threads[i] = std::thread([&, i] {
      const std::string path = "plugin_" + std::to_string(i) + ".h5";
      std::remove(path.c_str());
      find<void(const char*)>(plugins[i], "write_ones")(path.c_str());
      wrong += find<double(const char*, int)>(plugins[i], "read_often")(path.c_str(), 200) == 20000 ? 0 : 1;
      std::remove(path.c_str());
    });
  }
  for (std::thread& thread : threads) thread.join();
  return wrong == 0 ? 0 : 5;
}
