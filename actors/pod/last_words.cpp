#include "actors/pod/last_words.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <vector>

namespace troupe::pod {
namespace {

constexpr std::size_t kMaxLines = 80;
constexpr std::size_t kMaxBytes = 2048;
constexpr std::streamoff kMostRead = 64 * 1024;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// How many bytes the well-formed character at the beginning has; 0 when there is none.
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first == 0) return 0;
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool outside = (first == 0xED && byte(1) > 0x9F) || (first == 0xF4 && byte(1) > 0x8F);
  return overlong || outside ? 0 : size;
}

/// "TIME STREAM TAG text" without its first three words, and with its line's end if the line is whole.
void append_line(std::string_view line, std::string& out) {
  for (int word = 0; word < 2; ++word) {
    const auto space = line.find(' ');
    if (space == std::string_view::npos) return;
    line.remove_prefix(space + 1);
  }
  if (line.size() < 2) return;
  out += line.substr(2);
  if (line[0] == 'F') out += '\n';
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = character(text);
    out += size == 0 ? kReplacement : text.substr(0, size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

std::string log_tail(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const std::streamoff size = file.tellg();
  const std::streamoff from = std::max<std::streamoff>(0, size - kMostRead);
  file.seekg(from);
  std::vector<std::string> lines;
  std::string line;
  if (from > 0) std::getline(file, line);
  while (std::getline(file, line)) lines.push_back(std::move(line));
  const std::size_t skipped = lines.size() > kMaxLines ? lines.size() - kMaxLines : 0;
  std::string out;
  for (std::size_t i = skipped; i < lines.size(); ++i) append_line(lines[i], out);
  if (out.size() > kMaxBytes) out.erase(0, out.size() - kMaxBytes);
  return valid_utf8(out);
}

}  // namespace troupe::pod
