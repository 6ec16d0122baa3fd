#include "kernel/types.hpp"

namespace troupe::kernel {

std::string to_string(TraceId trace) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(32, '0');
  for (int i = 0; i < 16; ++i) {
    text[static_cast<std::size_t>(15 - i)] = kDigits[(trace.high >> (4 * i)) & 15];
    text[static_cast<std::size_t>(31 - i)] = kDigits[(trace.low >> (4 * i)) & 15];
  }
  return text;
}

}  // namespace troupe::kernel
