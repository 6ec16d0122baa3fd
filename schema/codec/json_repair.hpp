#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schema/codec/diagnostics.hpp"
#include "schema/codec/document.hpp"

namespace troupe::schema {

/// JSON that Go reads and simdjson refuses, rewritten so that both read the same: bytes that are no UTF-8 and lone
/// surrogates become U+FFFD, integers beyond 64 bits get an exponent and so are numbers. Nothing when nothing changed.
std::optional<std::string> repair_json(std::string_view json);

/// Reports keys that stand twice in an object and keeps the last one of each.
void drop_duplicates(Document& document, Node& object, const PathStep* path, Diagnostics& diagnostics);

}  // namespace troupe::schema
