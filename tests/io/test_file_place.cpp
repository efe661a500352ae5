#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <vector>

#include "io/store/file_place.hpp"
#include "support/temporary_directory.hpp"

using namespace varve;
using io::FilePlace;
using io::FilePlaces;
namespace fs = std::filesystem;

namespace {

// Paths to files and folders, links of both kinds, things that do not exist, and devices.
std::vector<FilePlace> places_of_all_kinds(const test::TemporaryDirectory& directory) {
  fs::create_directories(directory / "a/b");
  std::ofstream(directory / "a/file") << "x";
  fs::create_hard_link(directory / "a/file", directory / "hard");
  fs::create_symlink(directory / "a/file", directory / "soft");
  fs::create_directory_symlink(directory / "a", directory / "folder");
  std::vector<FilePlace> places;
  for (const char* name : {"a", "a/", "a/b", "a/b/new", "a/file", "hard", "soft", "folder", "folder/b",
                           "folder/new/deep", "ab", "new", "./new", "new/deep"})
    places.emplace_back(directory / name);
  for (const char* name : {"/dev/null", "/dev/zero", "/dev/null/below", "/"}) places.emplace_back(name);
  return places;
}

bool meet(const FilePlace& left, const FilePlace& right) {
  return left.is_same_as(right) || left.contains(right) || right.contains(left);
}

}  // namespace

TEST_CASE("places: the first of a list that meets another is that of a look at all", "[api]") {
  const test::TemporaryDirectory directory;
  const std::vector<FilePlace> places = places_of_all_kinds(directory);
  for (std::size_t skipped = 0; skipped <= places.size(); ++skipped) {
    FilePlaces list;
    std::vector<const FilePlace*> listed;
    for (std::size_t i = places.size(); i-- > 0;) {
      if (i % (skipped + 1) != 0) continue;
      list.add(places[i]);
      listed.push_back(&places[i]);
    }
    for (const FilePlace& place : places) {
      INFO(place.key() << ", every " << skipped + 1);
      std::optional<std::size_t> expected;
      for (std::size_t i = listed.size(); i-- > 0;) {
        if (meet(place, *listed[i])) expected = i;
      }
      CHECK(list.find(place) == expected);
    }
  }
}

TEST_CASE("places: links lead to one place, devices are never the same", "[api]") {
  const test::TemporaryDirectory directory;
  const std::vector<FilePlace> places = places_of_all_kinds(directory);
  const auto place = [&](const char* name) { return FilePlace(directory / name); };
  CHECK(place("hard").is_same_as(place("a/file")));
  CHECK(place("soft").is_same_as(place("hard")));
  CHECK(place("folder").contains(place("a/file")));
  CHECK(place("folder").contains(place("a/new")));
  CHECK_FALSE(place("a").contains(place("ab")));
  CHECK(place("new").contains(place("new/deep")));
  CHECK_FALSE(FilePlace("/dev/null").is_same_as(FilePlace("/dev/null")));
}
