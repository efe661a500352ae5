#pragma once

/// Includes the whole public interface, except the bridges varve/xtensor.hpp and varve/eigen.hpp.
#include "varve/array.hpp"
#include "varve/compute.hpp"
#include "varve/creation.hpp"
#include "varve/elementwise.hpp"
#include "varve/joining.hpp"
#include "varve/manipulation.hpp"
#include "varve/rearranging.hpp"
#include "varve/random.hpp"
#include "varve/products.hpp"
#include "varve/reductions.hpp"
#include "varve/runtime.hpp"
#include "varve/scans.hpp"
#include "varve/selection.hpp"
#include "varve/storage.hpp"
