#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

namespace troupe::cli {

/// What `troupe convert` was asked for.
struct ConvertOptions {
  enum class Output : std::uint8_t { kJson, kYaml, kProtobuf, kCapnp };
  std::string file = "-";  ///< "-" reads from the given stream.
  Output output = Output::kYaml;
  bool strict = false;  ///< Refuse unknown and duplicate fields, which else are dropped with a warning.
};

/// Converts every document of the input, whose form is recognised: JSON or YAML (streams of documents), a protobuf
/// envelope (or several, each behind a 4-byte big-endian length), or frames as `-o capnp` writes them. Kinds that the
/// table does not know are kept as JSON. Returns 0, or 1 after writing `FILE:DOCUMENT: path: reason` to `err` for each
/// document that could not be converted; the others are written all the same.
int run_convert(const ConvertOptions& options, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace troupe::cli
