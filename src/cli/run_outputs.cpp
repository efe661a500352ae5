#include "cli/run_outputs.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "cli/interrupt.hpp"
#include "cli/progress_bar.hpp"

namespace varve::cli {
namespace {

namespace fs = std::filesystem;

// Says what the options are that the library's message cannot name.
void require_free(const std::string& path, Existing existing) {
  std::error_code error;
  if (path.empty() || existing != Existing::fail || !fs::exists(fs::symlink_status(path, error))) return;
  throw StorageError(path +
                     ": exists already; --overwrite replaces it (--resume goes on with what an interrupted "
                     "run left unfinished)");
}

RunOptions places_of(const Options& options) {
  RunOptions places;
  places.report_path = options.report_path;
  places.trace_path = options.trace_path;
  return places;
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
  for (const Output& output : outputs) require_free(output.path, output.options.existing);
  RunOptions run_options = places_of(options);
  run_options.cancel = &cancel_on_signals();
  ProgressBar bar;
  if (!options.quiet && (options.progress || ProgressBar::wanted())) {
    run_options.on_progress = [&bar](const Progress& progress) { bar.update(progress); };
  }
  RunResult result = run_or_explain_resume(outputs, run_options);
  bar.clear();
  return result;
}

void require_places(const std::vector<std::string>& paths, const std::vector<Array>& inputs,
                    const Options& options) {
  // Whether there are results for more outputs than expressions is not known yet.
  for (std::size_t i = 0; i < std::min(paths.size(), options.expressions.size()); ++i)
    require_free(paths[i], options.existing);
  check_places(paths, inputs, places_of(options));
}

void require_written(const RunReport& report) {
  if (report.unwritten.empty()) return;
  std::string reasons;
  for (const std::string& reason : report.unwritten) reasons += (reasons.empty() ? "" : "; ") + reason;
  throw StorageError("the results are complete, but not what was to be written about the run: " + reasons);
}

SaveOptions save_options(const Options& options, const io::Format& format, bool names_variable) {
  SaveOptions save;
  if (format.keeps.chunks) save.chunks = options.chunks;
  if (format.keeps.codecs) save.codec = options.codec;
  save.existing = options.existing;
  if (options.existing == Existing::overwrite && names_variable) save.existing = Existing::update;
  save.sync = options.sync;
  if (format.version != 0) save.zarr_format = format.version;
  return save;
}

void require_options_apply(const Options& options, const std::vector<const io::Format*>& written) {
  const auto require = [&](bool given, const std::string& option, const std::string& what, auto applies) {
    const auto has = [&](const io::Format* format) { return applies(*format); };
    if (!given || std::any_of(written.begin(), written.end(), has)) return;
    throw UsageError(option + ": no output " + what + "; it would with an ending of " +
                     io::list_endings(" or ", applies));
  };
  require(options.zarr_format != 0, "--zarr-format " + std::to_string(options.zarr_format), "has versions",
          [](const io::Format& format) { return format.version != 0; });
  require(options.chunks.has_value(), "--chunks " + to_string(options.chunks.value_or(Shape())), "has chunks",
          [](const io::Format& format) { return format.keeps.chunks; });
  require(!options.codec.empty() && options.codec != "none", "--codec " + options.codec, "is compressed",
          [](const io::Format& format) { return format.keeps.codecs; });
}

void warn(const Options& options, const std::string& message) {
  if (!options.quiet) fmt::print(stderr, "varve: warning: {}\n", message);
}

}  // namespace varve::cli
