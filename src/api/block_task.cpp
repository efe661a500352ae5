#include "api/block_task.hpp"

#include <atomic>
#include <random>

#include "api/generated.hpp"
#include "varve/core/error.hpp"

namespace varve::api {

std::uint64_t identity_of_function(const std::string& operation, const std::string& identity) {
  static std::atomic<std::uint64_t> calls{0};
  static const std::uint64_t program = std::random_device()() * 0x9e3779b97f4a7c15ULL;
  if (!identity.empty()) return identity_of(operation + ":" + identity, {});
  return identity_of(operation, {program, calls.fetch_add(1)});
}

ops::BlockTask task_of(const std::string& operation, BlockFunction function, std::int64_t workspace_bytes,
                       const std::string& identity) {
  if (!function) throw Error(operation + ": the function is empty; give one that fills blocks");
  if (workspace_bytes < 0) throw Error(operation + ": the workspace cannot be negative");
  ops::BlockTask task{
      operation, {}, workspace_bytes, identity_of_function(operation, identity), !identity.empty()};
  task.function = [function = std::move(function), operation](std::span<const StridedView> inputs,
                                                              const StridedView& out,
                                                              const ops::BlockPlace& place) {
    std::vector<ConstStridedView> views;
    for (const StridedView& input : inputs) views.push_back(varve::as_const(input));
    naming_block(operation, place, [&] { function(views, out, {place.box, place.index, place.workspace}); });
  };
  return task;
}

void naming_block(const std::string& operation, const ops::BlockPlace& place,
                  const std::function<void()>& work) {
  const auto message = [&](const std::string& what) {
    return operation + ": the function failed for block " + to_string(place.index) + ", which is " +
           to_string(place.box) + " of the result: " + what;
  };
  try {
    work();
  } catch (const CancelledError&) {
    throw;
  } catch (const std::exception& error) {
    std::throw_with_nested(Error(message(error.what())));
  } catch (...) {
    std::throw_with_nested(Error(message("an exception of unknown type")));
  }
}

std::vector<expr::NodePtr> nodes_of(const std::vector<Array>& arrays) {
  std::vector<expr::NodePtr> nodes;
  for (const Array& array : arrays) nodes.push_back(array.node());
  return nodes;
}

}  // namespace varve::api
