#include "api/output_files.hpp"

#include <algorithm>

#include "expr/resume_identity.hpp"
#include "varve/core/error.hpp"

namespace varve::api {
namespace {

io::ExistingOutput existing_of(Existing existing) {
  if (existing == Existing::overwrite || existing == Existing::update) return io::ExistingOutput::overwrite;
  return existing == Existing::resume ? io::ExistingOutput::resume : io::ExistingOutput::fail;
}

// Identifies what is computed and how it is cut: a run resumes only the same plan.
std::string hash_of(const std::vector<ResolvedOutput>& outputs) {
  std::uint64_t seed = 0;
  for (const auto& [output, target, chunks, codec] : outputs) {
    seed = expr::mix_hash(seed, expr::resume_identity(output.array.node()));
    for (const char letter : output.path + '\n' + output.variable + '\n' + output.options.codec) {
      seed = expr::mix_hash(seed, static_cast<std::uint64_t>(static_cast<unsigned char>(letter)));
    }
    for (const std::int64_t extent : chunks) {
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

OutputFiles::OutputFiles(const std::vector<ResolvedOutput>& outputs) {
  const bool resumes = std::any_of(outputs.begin(), outputs.end(), [](const ResolvedOutput& output) {
    return output.target && output.wanted.options.existing == Existing::resume;
  });
  const std::string hash = resumes ? hash_of(outputs) : std::string();
  std::map<std::string, io::OutputOptions> file_options;
  for (const ResolvedOutput& output : outputs) {
    if (!output.target) continue;
    io::OutputOptions& options = file_options[output.target->file.key()];
    options.plan_hash = hash;
    add_group_attributes(output.wanted, options);
  }
  try {
    for (const ResolvedOutput& output : outputs) {
      writers_.push_back(nullptr);
      if (output.wanted.sink) add_sink(output);
      if (!output.target) continue;
      const std::string& key = output.target->file.key();
      add_file(output, file_options[key]);
      writers_.back() = &files_[key].file->add_dataset(output.wanted.variable, dataset_spec(output));
    }
  } catch (...) {
    keep_partial();
    throw;
  }
}

void OutputFiles::add_sink(const ResolvedOutput& output) {
  const Array& array = output.wanted.array;
  const ChunkGrid blocks(array.shape(), output.chunks);
  block_writers_.push_back(std::make_unique<BlockWriter>(blocks, array.dtype(), output.wanted.sink));
  writers_.back() = block_writers_.back().get();
}

void OutputFiles::add_file(const ResolvedOutput& output, io::OutputOptions options) {
  const SaveOptions& wanted = output.wanted.options;
  const io::OutputPlace& place = output.target->place;
  File& file = files_[output.target->file.key()];
  if (file.file) {
    require_agreement(file.existing == wanted.existing, output.wanted, "treatment of what exists");
    require_agreement(file.format == place.format, output.wanted, "versions of the format");
    return;
  }
  file.existing = wanted.existing;
  file.format = place.format;
  options.existing = existing_of(file.existing);
  options.sync = wanted.sync;
  file.file = io::create_output(place, options);
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
