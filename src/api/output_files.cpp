#include "api/output_files.hpp"

#include <algorithm>

#include "api/file_place.hpp"
#include "api/output_grid.hpp"
#include "expr/resume_identity.hpp"
#include "varve/core/error.hpp"

namespace varve::api {
namespace {

io::ExistingOutput existing_of(Existing existing) {
  if (existing == Existing::overwrite || existing == Existing::update) return io::ExistingOutput::overwrite;
  return existing == Existing::resume ? io::ExistingOutput::resume : io::ExistingOutput::fail;
}

// Identifies what is computed and how it is cut: a run resumes only the same plan.
std::string hash_of(const std::vector<Output>& outputs) {
  std::uint64_t seed = 0;
  for (const Output& output : outputs) {
    seed = expr::mix_hash(seed, expr::resume_identity(output.array.node()));
    for (const char letter : output.path + '\n' + output.variable + '\n' + output.options.codec) {
      seed = expr::mix_hash(seed, static_cast<std::uint64_t>(static_cast<unsigned char>(letter)));
    }
    for (const std::int64_t extent : api::output_chunks(output)) {
      seed = expr::mix_hash(seed, static_cast<std::uint64_t>(extent));
    }
  }
  return std::to_string(seed);
}

// Gathers what the outputs of one file say about its groups. The root's attributes are passed on apart.
void add_group_attributes(const Output& output, io::OutputOptions& options) {
  for (const auto& [group, text] : output.options.group_attributes) {
    auto& attributes = group.empty() ? options.attributes : options.group_attributes[group];
    const auto dtypes = output.options.group_attribute_dtypes.find(group);
    const bool told = dtypes != output.options.group_attribute_dtypes.end();
    attributes.update(parse_attributes(text, told ? dtypes->second : AttributeDTypes()));
  }
}

void require_agreement(bool agree, const Output& output, const char* what) {
  if (agree) return;
  throw ArgumentError(output.path + ": outputs in this file ask for different " + what +
                      "; give all of them the same");
}

}  // namespace

OutputFiles::OutputFiles(const std::vector<Output>& outputs) {
  const bool resumes = std::any_of(outputs.begin(), outputs.end(), [](const Output& output) {
    return !output.path.empty() && output.options.existing == Existing::resume;
  });
  const std::string hash = resumes ? hash_of(outputs) : std::string();
  std::map<std::string, io::OutputOptions> file_options;
  for (const Output& output : outputs) {
    if (output.path.empty()) continue;
    const std::string key = FilePlace(output.path).key();
    file_options[key].plan_hash = hash;
    add_group_attributes(output, file_options[key]);
  }
  try {
    for (const Output& output : outputs) {
      writers_.push_back(nullptr);
      if (output.sink) add_sink(output);
      if (output.path.empty()) continue;
      const std::string key = FilePlace(output.path).key();
      add_file(key, output, file_options[key]);
      writers_.back() = &files_[key].file->add_dataset(output.variable, dataset_spec(output));
    }
  } catch (...) {
    keep_partial();
    throw;
  }
}

void OutputFiles::add_sink(const Output& output) {
  if (!output.path.empty())
    throw ArgumentError(output.path + ": an output goes to a file or to a sink, not to both");
  const ChunkGrid blocks(output.array.shape(), output_chunks(output));
  block_writers_.push_back(std::make_unique<BlockWriter>(blocks, output.array.dtype(), output.sink));
  writers_.back() = block_writers_.back().get();
}

void OutputFiles::add_file(const std::string& key, const Output& output, io::OutputOptions options) {
  File& file = files_[key];
  if (file.file) {
    require_agreement(file.existing == output.options.existing, output, "treatment of what exists");
    require_agreement(file.zarr_format == output.options.zarr_format, output, "Zarr versions");
    return;
  }
  file.existing = output.options.existing;
  file.zarr_format = output.options.zarr_format;
  options.existing = existing_of(file.existing);
  options.zarr_format = file.zarr_format;
  options.sync = output.options.sync;
  file.file = io::create_output(output.path, options);
  order_.push_back(file.file.get());
  resumable_ = resumable_ || file.existing == Existing::resume;
}

void OutputFiles::commit() {
  for (io::OutputFile* file : order_) file->commit();
}

void OutputFiles::keep_partial() noexcept {
  if (!resumable_) return;
  for (io::OutputFile* file : order_) file->keep_partial();
}

}  // namespace varve::api
