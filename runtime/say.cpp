#include "runtime/say.hpp"

#include <unistd.h>

#include <string>

namespace troupe::runtime {

void say(std::string_view text) {
  std::string line = "troupe-keeper: ";
  line.append(text).append(1, '\n');
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace troupe::runtime
