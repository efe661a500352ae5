#include "cli/open_files.hpp"

#include <sys/resource.h>

namespace varve::cli {

void open_more_files() noexcept {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace varve::cli
