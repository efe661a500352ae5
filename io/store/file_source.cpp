#include "io/store/file_source.hpp"

#include "varve/core/error.hpp"

namespace varve::io {
namespace {

class LeasedReader final : public ValueReader {
 public:
  LeasedReader(std::shared_ptr<const File> file, const std::string& path)
      : file_(std::move(file)), path_(path), size_(file_->require_regular(path).st_size) {}
  [[nodiscard]] std::int64_t size() const noexcept override { return size_; }
  void read(std::int64_t offset, std::span<std::byte> out) const override {
    file_->read_at(offset, out, path_);
  }

 private:
  std::shared_ptr<const File> file_;
  std::string path_;
  std::int64_t size_;
};

}  // namespace

std::optional<std::int64_t> FileSource::read(const std::string& /*key*/, std::span<std::byte> out) const {
  const std::shared_ptr<const File> file = file_->lease();
  const std::int64_t bytes = file->require_regular(path_).st_size;
  return read_range("", {0, bytes}, out);
}

std::optional<std::int64_t> FileSource::read_range(const std::string& key, const ByteRange& range,
                                                   std::span<std::byte> out) const {
  if (range.bytes < 0 || range.bytes > static_cast<std::int64_t>(out.size()))
    return ByteSource::read_range(key, range, out);
  file_->lease()->read_at(range.offset, out.first(static_cast<std::size_t>(range.bytes)), path_);
  return range.bytes;
}

std::unique_ptr<ValueReader> FileSource::open(const std::string& /*key*/) const {
  return std::make_unique<LeasedReader>(file_->lease(), path_);
}

bool FileSource::prefetch(const std::string& /*key*/, const ByteRange& range) const noexcept {
  try {
    const std::shared_ptr<const File> file = file_->lease();
    return file->prefetch(range.offset,
                          range.bytes < 0 ? file->status(path_).st_size - range.offset : range.bytes);
  } catch (...) {  // NOLINT: a hint: the read that follows reports it
    return true;
  }
}

}  // namespace varve::io
