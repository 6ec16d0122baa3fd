#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "api/call.hpp"

namespace troupe::api {

/// JSON is to be indented: by `pretty`, and without it for people who look with curl or a browser.
bool wants_pretty(const Call& call);

/// Indents JSON without spaces between its parts by two spaces a level, as kube-apiserver does. It may come in pieces,
/// cut anywhere.
class Indenter {
 public:
  std::string add(std::string_view piece);

 private:
  void add_part(char c, std::string& out);
  void new_line(std::string& out) const;

  std::size_t depth_ = 0;
  bool in_text_ = false;
  bool escaped_ = false;  ///< In text: behind a backslash.
  bool opened_ = false;   ///< Behind the start of an object or list, which may be empty.
};

/// A whole document.
std::string indented(std::string_view json);

}  // namespace troupe::api
