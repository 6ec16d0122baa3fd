#pragma once

#include <map>
#include <string>
#include <vector>

namespace troupe::pod {

/// What cannot be read in a pod's `troupe.dev/restart-…` annotations, a sentence each: for these the default holds.
std::vector<std::string> annotation_faults(const std::map<std::string, std::string>& annotations);

}  // namespace troupe::pod
