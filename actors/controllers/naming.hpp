#pragma once

#include <string>

#include "kernel/random.hpp"

namespace troupe::controllers {

/// "web-7d4-x2k9p": the parent's name, cut so that all fits 63 characters, and five letters of chance.
inline std::string child_name(const std::string& parent, kernel::Random& random) {
  static constexpr char kLetters[] = "bcdfghjklmnpqrstvwxz2456789";
  std::string out = (parent + "-").substr(0, 58);
  for (int i = 0; i < 5; ++i) out.push_back(kLetters[random.below(sizeof(kLetters) - 1)]);
  return out;
}

}  // namespace troupe::controllers
