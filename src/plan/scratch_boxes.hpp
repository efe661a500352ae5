#pragma once

#include "plan/tiling.hpp"

namespace varve::plan {

/// Tells the values in scratch that a stage is about to write how they will be read, so that it can write
/// long pieces.
void expect_readers(Plan& plan, int writer, std::int64_t available_bytes, int threads,
                    std::vector<KnownTraffic>& known);

/// Fixes the layout of scratch, once a stage has its tiles: by the tiles that write it, and by those of the
/// first stage that reads it.
void note_scratch_tiles(Plan& plan, int stage);

/// Marks the values in scratch that are to be compressed if their tiles allow it, and keeps memory for their
/// tables. Returns whether there are any.
bool expect_codecs(Plan& plan, const Limits& limits);

/// Takes the mark from those whose pieces turned out short, or are read in shreds, once all stages have
/// tiles.
void settle_codecs(Plan& plan);

}  // namespace varve::plan
