#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe::fuzz {

/// Each reads any bytes as one input, and aborts when what it accepted does not come back the same. libFuzzer's targets
/// and the seeded driver call the same functions.
void fuzz_json(std::string_view input);
void fuzz_yaml(std::string_view input);
void fuzz_protobuf(std::string_view input);

}  // namespace troupe::fuzz
