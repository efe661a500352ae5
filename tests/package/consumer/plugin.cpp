// Is one of two plugins with a copy of the library each: names the runtime that it computes with.
#include <varve/varve.hpp>

extern "C" void* current_runtime() { return &varve::Runtime::current(); }
extern "C" double total() { return varve::item<double>(varve::sum(varve::ones({10, 10}))); }
