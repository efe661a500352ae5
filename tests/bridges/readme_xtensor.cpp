// The program of the README, twice: in memory with xtensor, and out of core with Varve. Only the opening and
// the closing lines differ; the test builds and runs both.
#include <cstdio>

#ifdef README_WITH_VARVE
#include <varve/varve.hpp>
#include <varve/xtensor.hpp>
#else
#include <xtensor/xarray.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnpy.hpp>
#endif

int main(int, char** argv) {
#ifdef README_WITH_VARVE
  auto u = varve::open(argv[1]);  // lazy, any size, within the memory budget
  auto v = varve::open(argv[2]);
#else
  auto u = xt::load_npy<float>(argv[1]);  // all in memory
  auto v = xt::load_npy<float>(argv[2]);
#endif
  auto speed = sqrt(u * u + v * v);
  auto climate = mean(speed, {0});
  auto variance = mean(speed * speed, {0}) - climate * climate;
  auto gusts = sqrt(variance) / (climate + 1.0F);
#ifdef README_WITH_VARVE
  xt::xarray<float> result = varve::to_xtensor<float>(gusts);
#else
  xt::xarray<float> result = gusts;
#endif
  for (const float value : result) std::printf("%.4f\n", static_cast<double>(value));
}
