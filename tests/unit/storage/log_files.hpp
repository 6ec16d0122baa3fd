#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/contract/store_fixture.hpp"

namespace troupe::storage::testing {

inline ErrorCode open_error(const std::string& dir, std::string* message = nullptr) {
  auto store = LogStore::open(small_options(dir));
  if (store) return static_cast<ErrorCode>(0);
  if (message != nullptr) *message = store.error().message;
  return store.error().code;
}
/// The newest segment that was written to.
inline std::string newest_segment(const std::string& dir) {
  std::string newest;
  for (const auto& entry : std::filesystem::directory_iterator(dir + "/log")) {
    std::ifstream file(entry.path(), std::ios::binary);
    char head[16] = {};
    file.read(head, sizeof head);
    if (head[8] != 0 && entry.path().string() > newest) newest = entry.path().string();
  }
  return newest;
}
inline void overwrite(const std::string& path, std::uint64_t at, const std::string& bytes) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(at));
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace troupe::storage::testing
