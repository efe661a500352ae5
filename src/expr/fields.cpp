#include "expr/fields.hpp"

#include <algorithm>
#include <cstring>

namespace varve::expr {

void FieldWriter::write(const std::string& name, const std::array<std::byte, 16>& value) {
  std::vector<std::int64_t> words(2);
  std::memcpy(words.data(), value.data(), value.size());
  add(name, std::move(words));
}

void FieldWriter::write(const std::string& name, const ChunkGrid& value) {
  write(name + ".shape", value.shape());
  write(name + ".chunks", value.chunks());
  write(name + ".offset", value.offset());
}

void FieldReader::finish() const {
  if (read_count_ == list_.size()) return;
  throw ArgumentError("it has " + std::to_string(read_count_) + " parameters, not " +
                      std::to_string(list_.size()));
}

const ParameterValue& FieldReader::find(const std::string& name) {
  const auto is_named = [&](const Parameter& parameter) { return parameter.name == name; };
  auto found = list_.begin() + static_cast<std::ptrdiff_t>(next_);
  if (found == list_.end() || !is_named(*found)) found = std::find_if(list_.begin(), list_.end(), is_named);
  if (found == list_.end()) refuse(name, "missing");
  next_ = static_cast<std::size_t>(found - list_.begin()) + 1;
  ++read_count_;
  return found->value;
}

void FieldReader::refuse(const std::string& name, const char* what) {
  throw ArgumentError("its parameter " + name + " is " + what);
}

std::int64_t FieldReader::integer(const std::string& name, std::int64_t min, std::int64_t max) {
  const std::int64_t value = get<std::int64_t>(name, "not an integer");
  if (value < min || value > max) refuse(name, "out of range");
  return value;
}

std::vector<std::int64_t> FieldReader::axes(const std::string& name, std::int64_t min) {
  std::vector<std::int64_t> list;
  read(name, list);
  if (static_cast<std::int64_t>(list.size()) > kMaxNdim) refuse(name, "of too many axes");
  if (!list.empty() && *std::min_element(list.begin(), list.end()) < min) refuse(name, "out of range");
  return list;
}

// Texts do not tell 2 from 2.0, nor empty lists of the ones from those of the others.
void FieldReader::read(const std::string& name, double& value) {
  const ParameterValue& found = find(name);
  if (const auto* integer = std::get_if<std::int64_t>(&found)) {
    value = static_cast<double>(*integer);
  } else if (const auto* number = std::get_if<double>(&found)) {
    value = *number;
  } else {
    refuse(name, "not a number");
  }
}

void FieldReader::read(const std::string& name, std::vector<double>& value) {
  const ParameterValue& found = find(name);
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&found)) {
    value.clear();
    for (const std::int64_t integer : *integers) value.push_back(static_cast<double>(integer));
  } else if (const auto* numbers = std::get_if<std::vector<double>>(&found)) {
    value = *numbers;
  } else {
    refuse(name, "not a list of numbers");
  }
}

std::vector<std::int64_t> FieldReader::integers(const std::string& name) {
  const ParameterValue& found = find(name);
  const auto* numbers = std::get_if<std::vector<double>>(&found);
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&found)) return *list;
  if (numbers == nullptr || !numbers->empty()) refuse(name, "not a list of integers");
  return {};
}

void FieldReader::read(const std::string& name, std::vector<std::int64_t>& value) {
  value = integers(name);
  const auto is_wrong = [](std::int64_t n) { return n < -kMaxExtent || n > kMaxExtent; };
  if (std::any_of(value.begin(), value.end(), is_wrong)) refuse(name, "out of range");
}

void FieldReader::read(const std::string& name, DType& value) {
  const std::optional<DType> found = parse_dtype(get<std::string>(name, "not a dtype"));
  if (!found) refuse(name, "not a dtype");
  value = *found;
}

void FieldReader::read(const std::string& name, std::array<std::byte, 16>& value) {
  const std::vector<std::int64_t> words = integers(name);
  if (words.size() != 2) refuse(name, "not two words");
  std::memcpy(value.data(), words.data(), value.size());
}

void FieldReader::read(const std::string& name, Shape& value) {
  value = Shape(axes(name, 0));
  if (saturating_count(value) > kMaxExtent) refuse(name, "of too many elements");
}

void FieldReader::read(const std::string& name, ChunkGrid& value) {
  Shape shape;
  read(name + ".shape", shape);
  Shape chunks;
  read(name + ".chunks", chunks);
  const std::vector<std::int64_t> offset = axes(name + ".offset", 0);
  value = ChunkGrid(shape, chunks, Index(offset));
}

}  // namespace varve::expr
