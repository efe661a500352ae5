#include "ops/gather/extension.hpp"

#include <algorithm>
#include <numeric>

#include "expr/parameters.hpp"
#include "kernels/copy.hpp"

namespace varve::ops {
namespace {

std::int64_t modulo(std::int64_t a, std::int64_t b) { return ((a % b) + b) % b; }

// The part of a view between two positions of one axis.
StridedView slab(const StridedView& view, std::int64_t axis, std::int64_t lo, std::int64_t hi) {
  Box box(view.shape);
  box.lo[axis] = lo;
  box.hi[axis] = hi;
  return view.sub(box);
}

}  // namespace

void Extension::prepare() const {
  expr::require_parameter(boundary_ <= Boundary::wrap, "there is no such boundary");
  const bool repeats = boundary_ != Boundary::constant && saturating_count(shape_) == 0;
  expr::require_parameter(!repeats, "nothing cannot be continued");
}

// Of boundaries that have one, and more than one element.
std::int64_t Extension::period(std::int64_t axis) const {
  const std::int64_t n = shape_[axis];
  return n + (boundary_ == Boundary::reflect ? n : boundary_ == Boundary::mirror ? n - 2 : 0);
}

Extension::Run Extension::run_at(std::int64_t axis, std::int64_t at, std::int64_t end) const {
  const std::int64_t n = shape_[axis];
  if (at >= 0 && at < n) return {at, std::min(end, n), at, 1};
  if (at < 0 && (boundary_ == Boundary::constant || boundary_ == Boundary::nearest))
    end = std::min<std::int64_t>(end, 0);
  if (boundary_ == Boundary::constant) return {at, end, 0, 0, -1, true};
  if (boundary_ == Boundary::nearest || n == 1) return {at, end, at < 0 ? 0 : n - 1, 0};
  // Each period runs forward once and, unless they wrap, backward.
  const std::int64_t back = period(axis) - n;
  const std::int64_t phase = modulo(at, n + back);
  if (phase < n) return {at, std::min(end, at + n - phase), phase, 1};
  const std::int64_t first = boundary_ == Boundary::reflect ? 2 * n - 1 - phase : 2 * n - 2 - phase;
  return {at, std::min(end, at + n + back - phase), first, -1};
}

// Long runs are read; shorter ones whose elements lie in one of them are copied from there. Boxes of two
// periods or more hold a whole one, from the first element on, which stands for the others.
Extension::Runs Extension::runs_of(std::int64_t axis, std::int64_t lo, std::int64_t hi) const {
  const bool periodic = boundary_ != Boundary::constant && boundary_ != Boundary::nearest;
  if (periodic && shape_[axis] > 1 && (hi - lo) / 2 >= shape_[axis] && (hi - lo) / 2 >= period(axis)) {
    lo += modulo(-lo, period(axis));
    hi = lo + period(axis);
  }
  Runs result{{}, lo, hi};
  std::vector<Run>& runs = result.list;
  for (std::int64_t at = lo; at < hi; at = runs.back().hi) runs.push_back(run_at(axis, at, hi));
  std::vector<std::size_t> order(runs.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return runs[left].count() > runs[right].count();
  });
  std::vector<std::size_t> read;
  for (const std::size_t number : order) {
    Run& run = runs[number];
    if (run.constant) continue;
    const auto holds = [&](std::size_t other) {
      return runs[other].lowest() <= run.lowest() &&
             run.lowest() + run.count() <= runs[other].lowest() + runs[other].count();
    };
    const auto found = std::find_if(read.begin(), read.end(), holds);
    if (found == read.end()) {
      read.push_back(number);
    } else {
      run.copy_of = static_cast<std::int64_t>(*found);
    }
  }
  return result;
}

std::vector<Extension::Runs> Extension::runs_of(const Box& box) const {
  std::vector<Runs> axes;
  for (std::int64_t axis = 0; axis < box.ndim(); ++axis)
    axes.push_back(runs_of(axis, box.lo[axis], box.hi[axis]));
  return axes;
}

// Calls `visit` with each way to pick one run that is read per axis, in C order.
template <class Visit>
void Extension::for_each_read(const std::vector<Runs>& axes, const Visit& visit) {
  std::vector<std::vector<Run>> read;
  Shape counts;
  for (const Runs& runs : axes) {
    read.push_back(runs.list);
    std::erase_if(read.back(), [](const Run& run) { return run.constant || run.copy_of >= 0; });
    counts.push_back(static_cast<std::int64_t>(read.back().size()));
  }
  if (std::find(counts.begin(), counts.end(), 0) != counts.end()) return;
  Index choice(counts.size(), 0);
  do {
    std::vector<Run> chosen;
    for (std::size_t axis = 0; axis < read.size(); ++axis) {
      chosen.push_back(read[axis][static_cast<std::size_t>(choice[static_cast<std::int64_t>(axis)])]);
    }
    visit(chosen);
  } while (next_index(choice, counts));
}

std::vector<Box> Extension::demand(const Box& box) const {
  std::vector<Box> boxes;
  for_each_read(runs_of(box), [&](const std::vector<Run>& runs) {
    Box part(shape_);
    for (std::int64_t axis = 0; axis < part.ndim(); ++axis) {
      const Run& run = runs[static_cast<std::size_t>(axis)];
      part.lo[axis] = run.lowest();
      part.hi[axis] = run.lowest() + run.count();
    }
    boxes.push_back(part);
  });
  return boxes;
}

void Extension::read(const Box& box, const StridedView& out, expr::OperatorContext& context) const {
  const std::vector<Runs> axes = runs_of(box);
  for_each_read(axes, [&](const std::vector<Run>& runs) {
    Box part(shape_);
    StridedView target = out;
    for (std::int64_t axis = 0; axis < part.ndim(); ++axis) {
      const Run& run = runs[static_cast<std::size_t>(axis)];
      part.lo[axis] = run.lowest();
      part.hi[axis] = run.lowest() + run.count();
      // A backward run is read forward, from its last place to its first.
      const std::int64_t place = run.step < 0 ? run.hi - 1 : run.lo;
      target.data += (place - box.lo[axis]) * out.byte_strides[axis];
      if (run.step < 0) target.byte_strides[axis] = -out.byte_strides[axis];
      target.shape[axis] = run.count();
    }
    context.read(0, part, target);
  });
  for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
    repeat(axis, axes[static_cast<std::size_t>(axis)], box, out);
    repeat_periods(axis, axes[static_cast<std::size_t>(axis)], box, out);
  }
  for (std::int64_t axis = 0; axis < box.ndim(); ++axis) fill_beyond(axis, box, out);
}

// Other axes take part whole: those that come later are completed from what is copied here too.
void Extension::repeat(std::int64_t axis, const Runs& runs, const Box& box, const StridedView& out) const {
  const auto copy = [&](const Run& from, const Run& to, std::int64_t skipped) {
    const StridedView target = slab(out, axis, to.lo + skipped - box.lo[axis], to.hi - box.lo[axis]);
    const std::int64_t place = from.lo + (to.first - from.first) * from.step;
    StridedView source = target;
    source.data = out.data;
    source.data += (place - box.lo[axis]) * out.byte_strides[axis];
    source.byte_strides[axis] = to.step * from.step * out.byte_strides[axis];
    kernels::copy(varve::as_const(source), target);
  };
  for (const Run& run : runs.list) {
    if (run.constant) continue;
    if (run.copy_of >= 0) copy(runs.list[static_cast<std::size_t>(run.copy_of)], run, 0);
    if (run.copy_of < 0 && run.step == 0 && run.hi - run.lo > 1) copy(run, run, 1);
  }
}

// Copies ever more periods at a time: first those that follow, then those before.
void Extension::repeat_periods(std::int64_t axis, const Runs& runs, const Box& box, const StridedView& out) {
  const std::int64_t period = runs.hi - runs.lo;
  const auto copy = [&](std::int64_t from, std::int64_t to, std::int64_t n) {
    const std::int64_t corner = box.lo[axis];
    kernels::copy(varve::as_const(slab(out, axis, from - corner, from - corner + n)),
                  slab(out, axis, to - corner, to - corner + n));
  };
  std::int64_t hi = runs.hi;
  while (hi < box.hi[axis]) {
    const std::int64_t n = std::min(hi - runs.lo, box.hi[axis] - hi);
    copy(runs.lo, hi, n);
    hi += n;
  }
  std::int64_t lo = runs.lo;
  while (lo > box.lo[axis]) {
    const std::int64_t whole = (hi - lo) / period * period;
    const std::int64_t n = std::min(whole, lo - box.lo[axis]);
    copy(lo - n + whole, lo - n, n);
    lo -= n;
  }
}

void Extension::fill_beyond(std::int64_t axis, const Box& box, const StridedView& out) const {
  if (boundary_ != Boundary::constant) return;
  const std::int64_t extent = box.extent(axis);
  const std::int64_t before = std::clamp<std::int64_t>(-box.lo[axis], 0, extent);
  const std::int64_t after = std::clamp<std::int64_t>(shape_[axis] - box.lo[axis], before, extent);
  if (before > 0) kernels::fill(constant_.data(), slab(out, axis, 0, before));
  if (after < extent) kernels::fill(constant_.data(), slab(out, axis, after, extent));
}

}  // namespace varve::ops
