#include <filesystem>
#include <fstream>

#include "cli/commands.hpp"
#include "cli/documents.hpp"

namespace varve::cli {
namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw StorageError(path.string() + ": cannot be written");
}

}  // namespace

void documents_command(const Options& options) {
  const std::filesystem::path folder = options.destination;
  std::filesystem::create_directories(folder);
  const std::vector<CommandText> commands = command_texts();
  write(folder / "varve.bash", bash_completion(commands));
  for (const auto& [name, page] : manual_pages(commands)) write(folder / name, page);
}

}  // namespace varve::cli
