#include "cli/run_outputs.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "cli/interrupt.hpp"
#include "cli/progress_bar.hpp"

namespace varve::cli {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

void write_report(const std::string& path, const std::string& json) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "w"));
  if (!file || std::fputs((json + "\n").c_str(), file.get()) < 0 || std::fflush(file.get()) != 0) {
    throw StorageError("cannot write the report " + path + ": " + std::strerror(errno));
  }
}

}  // namespace

RunResult run_outputs(const std::vector<Output>& outputs, const Options& options) {
  RunOptions run_options;
  run_options.cancel = &cancel_on_signals();
  run_options.trace_path = options.trace_path;
  ProgressBar bar;
  if (!options.quiet && (options.progress || ProgressBar::wanted())) {
    run_options.on_progress = [&bar](const Progress& progress) { bar.update(progress); };
  }
  RunResult result = run(outputs, run_options);
  bar.clear();
  if (!options.report_path.empty()) write_report(options.report_path, result.report.json());
  return result;
}

SaveOptions save_options(const Options& options) {
  SaveOptions save;
  save.chunks = options.chunks;
  save.codec = options.codec;
  save.existing = options.existing;
  save.zarr_format = options.zarr_format;
  return save;
}

void warn(const Options& options, const std::string& message) {
  if (!options.quiet) fmt::print(stderr, "varve: warning: {}\n", message);
}

}  // namespace varve::cli
