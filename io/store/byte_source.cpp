#include "io/store/byte_source.hpp"

#include "io/store/store_threads.hpp"
#include "varve/core/error.hpp"

namespace varve::io {

std::optional<std::int64_t> ByteSource::read_range(const std::string& key, const ByteRange& range,
                                                   std::span<std::byte> out) const {
  if (range.offset == 0 && range.bytes < 0) return read(key, out);
  const std::unique_ptr<ValueReader> reader = open(key);
  if (!reader) return std::nullopt;
  const std::int64_t bytes = range.bytes < 0 ? reader->size() - range.offset : range.bytes;
  if (bytes < 0 || bytes > static_cast<std::int64_t>(out.size())) {
    throw FormatError(location() + ": read \"" + key + "\": " + std::to_string(bytes) + " bytes at " +
                      std::to_string(range.offset) + ", at most " + std::to_string(out.size()) +
                      " are possible");
  }
  reader->read(range.offset, out.first(static_cast<std::size_t>(bytes)));
  return bytes;
}

std::vector<FetchedBytes> ByteSource::fetch(std::vector<FetchRequest> requests) const {
  std::vector<FetchedBytes> results;
  results.reserve(requests.size());
  try {
    for (FetchRequest& request : requests) {
      std::packaged_task<std::optional<std::int64_t>()> read(
          [this, wanted = std::move(request)] { return read_range(wanted.key, wanted.range, wanted.out); });
      results.push_back(read.get_future());
      StoreThreads::shared().run(StoreThreads::Task([read = std::move(read)]() mutable { read(); }));
    }
  } catch (...) {  // the outputs of those that began are the caller's no more
    for (const FetchedBytes& begun : results) begun.wait();
    throw;
  }
  return results;
}

bool ByteSource::prefetch(const std::string& /*key*/, const ByteRange& /*range*/) const noexcept {
  return false;
}

}  // namespace varve::io
