#pragma once

#include <functional>
#include <string>

#include "api/call.hpp"
#include "schema/codec/document.hpp"
#include "storage/store.hpp"

namespace troupe::api {

/// Makes the wanted object out of the current one. Called again with a newer one when somebody else was faster.
using Change = std::function<ApiResult<schema::Document>(const schema::Document& current, schema::Diagnostics&)>;

/// How a changed object is written.
struct ModifyOptions {
  std::string subresource;   ///< "" or "status": which part clients may change; "binding", "scale": all of it.
  bool server_made = false;  ///< The change is the server's own: clients' rules about metadata are not applied.
  bool tracked = false;      ///< The change sets managedFields itself.
  std::vector<std::string> warnings;  ///< Sent before those of the change.
  /// Called in place of the answer that there is no such object.
  std::function<void()> absent;
  /// Answers in place of the object itself.
  std::function<void(const std::shared_ptr<Call>&, const storage::Record&)> respond;
};

/// Reads the object the call names, changes it, and writes it back if nobody else did meanwhile: a client that gave a
/// resourceVersion gets 409 else, one that gave none is tried again, five times. An object whose last finalizer goes
/// while it is being deleted is removed. An unchanged object is not written.
void modify_object(const std::shared_ptr<Call>& call, Change change, ModifyOptions options = {});

/// The key of the object that a call names.
ApiResult<storage::Key> key_of(const Call& call);

/// "" for cluster-scoped resources (a namespace is said to be in itself).
std::string_view store_namespace(const RequestInfo& info, const Resource& resource);

/// A copy of a record as the store made it at `revision`.
storage::Record stamped(const storage::Record& record, storage::Revision revision, storage::Revision created);

}  // namespace troupe::api
