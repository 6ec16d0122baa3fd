#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "actors/pod/model.hpp"
#include "actors/pod/status.hpp"
#include "base/result.hpp"

namespace troupe::pod {

/// An API object as the store and the mailboxes keep it: one Cap'n Proto segment, in words.
using Segment = std::vector<std::uint64_t>;
using SegmentView = std::span<const std::uint64_t>;

/// A pod as the API has it: what is wanted, and what the node half reported last.
struct PodObject {
  PodSpec spec;
  PodStatus status;
};

/// Reads a core/v1 Pod. Errors: kCorrupt when the segment holds none.
Result<PodObject> read_pod(SegmentView segment);

/// The same pod with `status` in place of what the node half owns; conditions and fields of others are kept, also
/// fields that this release does not know. Errors: kCorrupt.
Result<Segment> with_status(SegmentView segment, const PodStatus& status);

}  // namespace troupe::pod
