#include "cli/run_outputs.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "cli/dataset_name.hpp"
#include "cli/interrupt.hpp"
#include "cli/progress_bar.hpp"

namespace varve::cli {
namespace {

namespace fs = std::filesystem;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

void write_report(const std::string& path, const std::string& json) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "w"));
  if (!file || std::fputs((json + "\n").c_str(), file.get()) < 0 || std::fflush(file.get()) != 0) {
    throw StorageError("cannot write the report " + path + ": " + std::strerror(errno));
  }
}

// Says what the options are that the library's message cannot name.
void require_free(const std::vector<Output>& outputs) {
  for (const Output& output : outputs) {
    std::error_code error;
    if (output.path.empty() || output.options.existing != Existing::fail) continue;
    if (!fs::exists(fs::symlink_status(output.path, error))) continue;
    throw StorageError(
        output.path +
        ": exists already; --overwrite replaces it (--resume goes on with what an interrupted run left "
        "unfinished)");
  }
}

// A run of hours may not end in a report that cannot be written.
void require_writable(const std::string& path, const char* option) {
  if (path.empty()) return;
  std::error_code error;
  const fs::path folder = fs::path(path).parent_path();
  const std::string writable = fs::exists(path, error) ? path : folder.empty() ? "." : folder.string();
  const bool usable = !fs::is_directory(path, error) && ::access(writable.c_str(), W_OK) == 0;
  if (!usable) throw StorageError(std::string(option) + " " + path + ": cannot be written there");
}

RunResult run_or_explain_resume(const std::vector<Output>& outputs, const RunOptions& options) {
  try {
    return run(outputs, options);
  } catch (const CancelledError&) {
    const bool resumes = std::any_of(outputs.begin(), outputs.end(), [](const Output& output) {
      return !output.path.empty() && output.options.existing == Existing::resume;
    });
    if (!resumes) throw;
    throw CancelledError("finished chunks are kept; the same command goes on from there");
  }
}

}  // namespace

RunResult run_outputs(const std::vector<Output>& outputs, const Options& options) {
  require_free(outputs);
  require_writable(options.report_path, "--report");
  require_writable(options.trace_path, "--trace");
  RunOptions run_options;
  run_options.cancel = &cancel_on_signals();
  run_options.trace_path = options.trace_path;
  ProgressBar bar;
  if (!options.quiet && (options.progress || ProgressBar::wanted())) {
    run_options.on_progress = [&bar](const Progress& progress) { bar.update(progress); };
  }
  RunResult result = run_or_explain_resume(outputs, run_options);
  bar.clear();
  if (!options.report_path.empty()) write_report(options.report_path, result.report.json());
  return result;
}

SaveOptions save_options(const Options& options, const std::string& path) {
  SaveOptions save;
  if (output_ending(path) != ".npy") {
    save.chunks = options.chunks;
    save.codec = options.codec;
  }
  save.existing = options.existing;
  save.sync = options.sync;
  if (options.zarr_format != 0) save.zarr_format = options.zarr_format;
  return save;
}

void require_options_apply(const Options& options, const std::vector<Output>& outputs) {
  const auto any = [&](auto test) {
    return std::any_of(outputs.begin(), outputs.end(), [&](const Output& output) {
      return !output.path.empty() && test(output_ending(output.path));
    });
  };
  if (options.zarr_format != 0 && !any([](std::string_view ending) { return ending == ".zarr"; })) {
    throw UsageError("--zarr-format " + std::to_string(options.zarr_format) + ": no output is a .zarr");
  }
  if (any([](std::string_view ending) { return ending != ".npy"; })) return;
  if (!options.chunks.empty()) {
    throw UsageError("--chunks " + to_string(options.chunks) +
                     ": no output has chunks; .zarr, .h5 and .nc have");
  }
  if (!options.codec.empty() && options.codec != "none") {
    throw UsageError("--codec " + options.codec + ": no output is compressed; .zarr, .h5 and .nc can be");
  }
}

void warn(const Options& options, const std::string& message) {
  if (!options.quiet) fmt::print(stderr, "varve: warning: {}\n", message);
}

}  // namespace varve::cli
