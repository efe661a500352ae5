#include "cli/interrupt.hpp"

#include <csignal>

namespace varve::cli {
namespace {

CancelToken token;
volatile std::sig_atomic_t last_signal = SIGINT;

extern "C" void on_signal(int signal) {
  last_signal = signal;
  token.cancel();
}

}  // namespace

const CancelToken& cancel_on_signals() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags =
      static_cast<int>(SA_RESETHAND) | SA_RESTART;  // the second signal finds the default action
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return token;
}

int interrupted_status() noexcept { return 128 + static_cast<int>(last_signal); }

}  // namespace varve::cli
