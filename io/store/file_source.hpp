#pragma once

#include <memory>
#include <string>

#include "io/store/byte_source.hpp"
#include "io/store/leased_file.hpp"

namespace varve::io {

/// One file as a source: its only value has the key "".
class FileSource final : public ByteSource {
 public:
  explicit FileSource(std::shared_ptr<const LeasedFile> file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}

  [[nodiscard]] std::string location() const override { return path_; }
  std::optional<std::int64_t> read(const std::string& key, std::span<std::byte> out) const override;
  std::optional<std::int64_t> read_range(const std::string& key, const ByteRange& range,
                                         std::span<std::byte> out) const override;
  [[nodiscard]] std::unique_ptr<ValueReader> open(const std::string& key) const override;
  bool prefetch(const std::string& key, const ByteRange& range) const noexcept override;
  [[nodiscard]] std::string version(const std::string& /*key*/) const override { return file_->version(); }

 private:
  std::shared_ptr<const LeasedFile> file_;
  std::string path_;
};

}  // namespace varve::io
