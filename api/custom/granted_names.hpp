#pragma once

#include <set>
#include <string>
#include <vector>

#include "api/custom/version.hpp"

/// Which names a definition gets, and what its status says.
namespace troupe::api::custom {

/// Names that others of the same group have.
struct TakenNames {
  std::multiset<std::string, std::less<>> resources;  ///< Plural, singular and short names.
  std::multiset<std::string, std::less<>> kinds;      ///< Kinds and list kinds.

  void add(const Names& names);
  void remove(const Names& names);  ///< What was added once.
};

struct Grant {
  Names names;
  bool all = true;
  std::string reason = "NoConflicts";
  std::string message = "no conflicts found";
};

/// What spec.names asks for.
Names requested_names(const Definition& definition);
/// What status.acceptedNames says.
Names accepted_names(const Definition& definition);
/// Grants what is asked for as far as nobody else has it; what cannot be had stays as it was.
Grant grant_names(const Names& wanted, const Names& before, const TakenNames& taken);

/// True when the condition says "True".
bool condition_is_true(const Definition& definition, std::string_view type);

/// The status that the definition should have, as JSON: names, conditions (their times change when they do), stored
/// versions. `now` is RFC 3339.
/// `fault`: why a version of it cannot be served; else empty.
std::string wanted_status(const Definition& definition, const Grant& grant, std::string_view fault,
                          std::string_view now);

/// "v1" before "v2beta1" before "v1alpha1" before all that is no such name: Kubernetes' order of versions.
bool version_comes_first(std::string_view a, std::string_view b);

}  // namespace troupe::api::custom
