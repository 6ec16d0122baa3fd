#pragma once

#include <map>
#include <string>

#include "api/routes.hpp"

namespace troupe::api::testing {

/// Numbers for resources and kinds that live as long as a test.
class Numbering {
 public:
  Interning interning() {
    Interning out;
    out.resource = [this](std::string_view name) -> Result<storage::ResourceId> {
      return number("r " + std::string(name));
    };
    out.kind = [this](std::string_view name) -> Result<storage::KindId> { return number("k " + std::string(name)); };
    return out;
  }

 private:
  std::uint32_t number(const std::string& name) {
    return numbers_.emplace(name, static_cast<std::uint32_t>(numbers_.size() + 1)).first->second;
  }
  std::map<std::string, std::uint32_t> numbers_;
};

}  // namespace troupe::api::testing
