#pragma once

namespace varve {

/// Returns the one T of the process, also where several shared objects hold a copy of this library each: GCC
/// gives static variables of templates symbols that are unique however an object is loaded (STB_GNU_UNIQUE).
/// Other compilers give each copy one of its own. Never destroyed, because static objects may use it.
/// Thread-safe.
///
/// T is the same class in all copies: a name that changes with its meaning, or the version as an argument.
template <class T>
__attribute__((visibility("default"))) T& process_wide() {
  static auto* object = new T;
  return *object;
}

}  // namespace varve
