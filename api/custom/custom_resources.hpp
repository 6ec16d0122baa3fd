#pragma once

#include <functional>
#include <memory>

#include "api/environment.hpp"
#include "api/routes.hpp"
#include "net/http.hpp"
#include "schema/type_table.hpp"
#include "storage/store.hpp"

namespace troupe::api::custom {

/// What the custom kinds are made from and where they go; all of it outlives CustomResources.
struct CustomDeps {
  storage::Store& store;
  const schema::TypeTable& types;
  const Routes& built_in;
  Interning interning;
  Environment& env;
  LiveRoutes& live;
  /// Runs jobs one after the other, on a thread that may wait for the store.
  std::function<void(std::function<void()>)> post;
};

/// Follows the CustomResourceDefinitions of the store: serves what they define, writes their status, and removes the
/// objects of a definition that is deleted.
class CustomResources {
 public:
  explicit CustomResources(CustomDeps deps);
  /// Nothing is called any more when it returned. No job may run meanwhile: end their thread first.
  ~CustomResources();
  CustomResources(const CustomResources&) = delete;
  CustomResources& operator=(const CustomResources&) = delete;

  /// Reads what is there, and serves it. Needs a store that completes inline.
  Status load();
  /// From now on changes are followed. `api` is this server itself.
  Status start(net::HttpHandler& api);

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace troupe::api::custom
