#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "actors/controllers/api_port.hpp"
#include "actors/controllers/object_feed.hpp"

/// Requests that controllers of all kinds make.
namespace troupe::controllers {

/// As a JSON string, with its quotes.
std::string quoted(std::string_view text);

ApiTarget target_of(const Catalogue& catalogue, const ObjectMeta& object);

/// Deletes just this object: not one of the same name, nor a newer version when `same_revision`.
ApiRequest delete_request(const Catalogue& catalogue, const ObjectMeta& object, std::string_view propagation,
                          bool same_revision);

/// Takes references to these owners away, of just this version of the object.
ApiRequest drop_owners_request(const Catalogue& catalogue, const ObjectMeta& object,
                               const std::vector<std::string>& uids);

/// Sets blockOwnerDeletion of all references to false, of just this version of the object.
ApiRequest unblock_request(const Catalogue& catalogue, const ObjectMeta& object);

/// Takes one finalizer away, of just this version of the object.
ApiRequest remove_finalizer_request(const Catalogue& catalogue, const ObjectMeta& object, std::string_view finalizer);

/// Worth a later try: too many requests, an error inside the server, the store is not there.
bool is_transient(const ApiAnswer& answer);

}  // namespace troupe::controllers
