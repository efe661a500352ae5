#include <algorithm>

#include "ops/window/window_box.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

constexpr std::int64_t kTileBytes = 16 << 20;
// Tiles grow as long as they touch this many times the chunks that they cover.
constexpr double kWorthGrowing = 1.1;
constexpr double kWide = 1.5;

double elements_of(const Shape& shape) {
  double count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<double>(extent);
  return count;
}

/// Runs a function on grown boxes.
class MapOverlap final : public expr::Described<MapOverlap, WindowOperator> {
 public:
  static constexpr std::string_view kKind = "map_overlap";
  static void fields(auto& op, auto& visit) {
    WindowOperator::fields(op, visit);
    visit("dtype", op.input_, "function", op.task_);
  }

  MapOverlap() = default;
  MapOverlap(Extension extension, const Reach& reach, const ChunkGrid& grid, DType input, WindowTask task)
      : Described(std::move(extension), reach, grid), input_(input), task_(bound(std::move(task))) {
    prepare();
  }
  void prepare() {
    WindowOperator::prepare();
    function_ = task_.as<const WindowFunction>();
  }

  [[nodiscard]] expr::Workspace workspace(const Shape& box, int) const override { return Memory(*this, box); }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const Box whole = grown(box);
    const StridedView view = Memory(*this, box.shape()).source.view(context.memory(), whole.shape());
    extension().read(whole, view, context);
    // The threads share the box, along its longest axis.
    const auto longest = std::max_element(out.shape.begin(), out.shape.end()) - out.shape.begin();
    const std::int64_t parts =
        out.ndim() == 0 ? 1 : std::min<std::int64_t>(context.workers(), box.extent(longest));
    context.for_each(parts, [&](std::int64_t part, int) {
      Box piece = box;
      if (parts > 1) {
        piece.lo[longest] = box.lo[longest] + box.extent(longest) * part / parts;
        piece.hi[longest] = box.lo[longest] + box.extent(longest) * (part + 1) / parts;
      }
      (*function_)(varve::as_const(view.sub(relative_to(grown(piece), whole.lo))),
                   out.sub(relative_to(piece, box.lo)), piece);
    });
  }

 private:
  struct Memory : expr::Workspace {
    Memory(const MapOverlap& op, const Shape& box)
        : source(add(op.input_, saturating_count(op.grown(box)))) {}
    expr::Elements source;
  };

  static expr::Bound bound(WindowTask task) {
    std::shared_ptr<const WindowFunction> function =
        std::make_shared<WindowFunction>(std::move(task.function));
    return {task.identity, task.lasting, std::move(function)};
  }

  DType input_ = DType::float64;
  expr::Bound task_;
  std::shared_ptr<const WindowFunction> function_;
};

}  // namespace

extern const expr::OperatorRow map_overlap_row = MapOverlap::row();

ChunkGrid window_grid(const ChunkGrid& input, const Reach& reach, std::int64_t element_bytes) {
  const Shape& shape = input.shape();
  Shape chunks = input.chunks();
  const auto touched = [&](std::int64_t axis) {
    if (chunks[axis] >= shape[axis]) return 1.0;
    const std::int64_t own = chunks[axis] / input.chunks()[axis];
    const std::int64_t beside = divide_up(reach.before[axis], input.chunks()[axis]) +
                                divide_up(reach.after[axis], input.chunks()[axis]);
    return static_cast<double>(own + beside) / static_cast<double>(own);
  };
  while (true) {
    std::int64_t best = -1;
    double most = kWorthGrowing;
    for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
      if (touched(axis) <= most) continue;
      most = touched(axis);
      best = axis;
    }
    if (best < 0 || 2 * elements_of(chunks) * static_cast<double>(element_bytes) > kTileBytes) break;
    chunks[best] *= 2;
  }
  return {shape, chunks, input.offset()};
}

WindowOperator::WindowOperator(Extension extension, Reach reach, const ChunkGrid& grid)
    : extension_(std::move(extension)), reach_(std::move(reach)) {
  reading_.again = elements_of(grown(grid.chunks())) >= kWide * elements_of(grid.chunks());
}

Box WindowOperator::grown(Box box) const {
  for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
    box.lo[axis] -= reach_.before[axis];
    box.hi[axis] += reach_.after[axis];
  }
  return box;
}

void WindowOperator::prepare() const {
  const auto reaches = [&](const Index& side) {
    return side.size() == extension_.shape().size() &&
           std::all_of(side.begin(), side.end(), [](auto n) { return n >= 0; });
  };
  expr::require_parameter(reaches(reach_.before) && reaches(reach_.after), "windows reach along all axes");
}

expr::NodePtr map_overlap(const expr::NodePtr& input, DType dtype, const Reach& reach,
                          const Extension& extension, WindowTask task) {
  const ChunkGrid grid = window_grid(input->grid, reach, size_bytes(input->dtype));
  return expr::make_operation(
      grid, dtype, {input},
      std::make_shared<MapOverlap>(extension, reach, grid, input->dtype, std::move(task)));
}

}  // namespace varve::ops
