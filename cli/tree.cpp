#include "cli/tree.hpp"

#include <ostream>

#include "cli/ask.hpp"

namespace troupe::cli {

int run_tree(const TreeOptions& options, std::ostream& out, std::ostream& err) {
  auto text = ask(options.data_dir, "/troupe/tree");
  if (!text) {
    err << "troupe tree: " << text.error().message << "\n";
    return 1;
  }
  out << *text;
  return 0;
}

}  // namespace troupe::cli
