#pragma once

#include <cstddef>

namespace troupe::schema {

/// Bounds of every decoder. What is over one of them is refused with kTooLarge (depth, nodes, bytes) before memory
/// grows.
struct Limits {
  std::size_t max_bytes = 64UL << 20;     ///< Input, and memory of a Document or stored object, each.
  std::size_t max_nodes = 4UL << 20;      ///< Values in one document.
  std::size_t max_depth = 200;            ///< Nested objects and lists.
  std::size_t max_alias_nodes = 1 << 20;  ///< YAML: nodes that aliases may add to one document.
  std::size_t max_findings = 32;          ///< Findings kept; the rest is only counted.
};

}  // namespace troupe::schema
