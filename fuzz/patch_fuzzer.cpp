#include <cstddef>
#include <cstdint>

#include "fuzz/api_harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  troupe::fuzz::fuzz_patch({reinterpret_cast<const char*>(data), size});
  return 0;
}
