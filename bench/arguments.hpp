#pragma once

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::bench {

/// The words behind a benchmark's name. Whatever it does not know ends it with a usage line and 2, before anything is
/// measured or written: a word that begins with '-' is never taken for a folder.
class Arguments {
 public:
  /// `usage`: "store_bench DIR [get|list]..."
  Arguments(int argc, char** argv, std::string_view usage) : words_(argv + 1, argv + argc), usage_(usage) {
    for (const std::string_view word : words_) {
      if (word == "-h" || word == "--help") end(stdout, 0);
      if (word.empty() || word.front() == '-') refuse(word);
    }
  }

  bool empty() const { return next_ == words_.size(); }
  /// The next word; without one the program ends.
  std::string word() {
    if (empty()) end(stderr, 2);
    return std::string(words_[next_++]);
  }
  /// The next word, which must be one of these; "" when there is none.
  std::string one_of(std::initializer_list<std::string_view> known) {
    if (empty()) return {};
    std::string found = word();
    if (std::find(known.begin(), known.end(), found) == known.end()) refuse(found);
    return found;
  }
  /// The next word, a number above 0; `usual` when there is none.
  int count(int usual) {
    if (empty()) return usual;
    const std::string found = word();
    int value = 0;
    const auto [at, error] = std::from_chars(found.data(), found.data() + found.size(), value);
    if (error != std::errc() || at != found.data() + found.size() || value <= 0) refuse(found);
    return value;
  }
  /// There must be no more words.
  void done() const {
    if (!empty()) refuse(words_[next_]);
  }

 private:
  [[noreturn]] void refuse(std::string_view word) const {
    std::fprintf(stderr, "unknown argument: %.*s\n", static_cast<int>(word.size()), word.data());
    end(stderr, 2);
  }
  [[noreturn]] void end(std::FILE* to, int code) const {
    std::fprintf(to, "usage: %.*s\n", static_cast<int>(usage_.size()), usage_.data());
    std::exit(code);
  }

  std::vector<std::string_view> words_;
  std::string_view usage_;
  std::size_t next_ = 0;
};

}  // namespace troupe::bench
