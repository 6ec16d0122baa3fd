#include "daemon/interning.hpp"

#include <memory>

#include "storage/interner.hpp"

namespace troupe::daemon {

api::Interning interning(storage::Store& store) {
  auto resources = std::make_shared<storage::Interner>(store, "resources");
  auto kinds = std::make_shared<storage::Interner>(store, "kinds");
  api::Interning out;
  out.resource = [resources](std::string_view name) { return resources->number(name); };
  out.kind = [kinds](std::string_view name) { return kinds->number(name); };
  out.expect = [resources, kinds](const std::vector<std::string>& plurals, const std::vector<std::string>& names) {
    if (auto numbered = resources->number_all(plurals); !numbered) return numbered;
    return kinds->number_all(names);
  };
  return out;
}

}  // namespace troupe::daemon
