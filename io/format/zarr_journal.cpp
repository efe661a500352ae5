#include "io/format/zarr_journal.hpp"

#include <span>
#include <string_view>

#include "io/format/json_text.hpp"

namespace varve::io {
namespace {

using nlohmann::json;

constexpr const char* kKey = ".varve-journal";
constexpr std::int64_t kMaxBytes = 256 << 20;

// JSON has line ends between its tokens only.
std::string line_of(const json& value) {
  std::string text = format_json(value);
  std::erase(text, '\n');
  return text + '\n';
}

std::string line_of(const std::string& name, const json& metadata) {
  return line_of({{"array", name}, {"metadata", metadata}});
}

}  // namespace

ZarrJournal::ZarrJournal(const std::string& plan_hash, int zarr_format)
    : plan_hash_(plan_hash), zarr_format_(zarr_format) {}

std::optional<ZarrJournal> ZarrJournal::read(const DirectoryStore& store) {
  const auto text = store.read_text(kKey, kMaxBytes);
  if (!text) return std::nullopt;
  const std::string what = store.location() + "/" + kKey;
  ZarrJournal journal("", 0);
  bool is_first = true;
  for (std::string_view rest = *text; rest.find('\n') != std::string_view::npos; is_first = false) {
    const std::size_t end = rest.find('\n');
    const json value = parse_json(std::string(rest.substr(0, end)), what);
    rest.remove_prefix(end + 1);
    const JsonObject line(value, what);
    if (is_first) {
      journal.plan_hash_ = line.string_or("plan_hash", "");
      journal.zarr_format_ = line.integer_or("zarr_format", 0);
    } else {
      journal.arrays_[line.require_string("array")] = line.require("metadata");
    }
  }
  if (is_first) throw FormatError(what + ": has no line that names a plan");
  return journal;
}

void ZarrJournal::write_to(DirectoryStore& store) const {
  std::string text = line_of({{"plan_hash", plan_hash_}, {"zarr_format", zarr_format_}});
  for (const auto& [name, metadata] : arrays_) text += line_of(name, metadata);
  store.write(kKey, std::as_bytes(std::span(text)));
}

void ZarrJournal::add(const std::string& name, json metadata, DirectoryStore& store) {
  const std::string line = line_of(name, metadata);
  store.append(kKey, std::as_bytes(std::span(line)));
  arrays_[name] = std::move(metadata);
}

void ZarrJournal::remove_from(DirectoryStore& store) { store.remove(kKey); }

}  // namespace varve::io
