#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.hpp"

/// Errors as the Kubernetes API shows them: a Status object.
namespace troupe::api {

/// One reason of an error: of an invalid object one a fault.
struct Cause {
  std::string reason;   ///< "FieldValueInvalid"
  std::string message;  ///< "Invalid value: \"x\": must be ..."
  std::string field;    ///< "spec.replicas"; may be empty.
};

struct ApiError {
  int code = 500;
  std::string reason;   ///< "NotFound"
  std::string message;  ///< `pods "x" not found`
  // Details; empty ones are left out.
  std::string group;
  std::string kind;  ///< The plural resource; for Invalid the Kind.
  std::string name;
  std::string uid;
  std::vector<Cause> causes;
  int retry_after_seconds = 0;  ///< Also sent as Retry-After.
  std::string continue_token;   ///< For an expired list: how to go on inconsistently.
};

template <class T>
using ApiResult = tl::expected<T, ApiError>;
using ApiStatus = ApiResult<void>;

inline tl::unexpected<ApiError> refuse(ApiError error) { return tl::unexpected<ApiError>(std::move(error)); }

/// What an error is about: the group and plural of a resource and, where there is one, an object's name.
struct About {
  std::string_view group;
  std::string_view plural;
  std::string_view name;
};

ApiError bad_request(std::string message);
ApiError unauthorized();
ApiError forbidden(About about, std::string_view why);
ApiError not_found(About about);
ApiError path_not_found();  ///< "the server could not find the requested resource"
ApiError already_exists(About about);
ApiError conflict(About about, std::string_view why);
/// `Operation cannot be fulfilled on pods "x": the object has been modified; ...`
ApiError modified_meanwhile(About about);
/// `Pod "x" is invalid: spec.a: Required value, ...`
ApiError invalid(std::string_view group, std::string_view kind, std::string_view name, std::vector<Cause> causes);
ApiError method_not_allowed(About about, std::string_view verb);
ApiError not_acceptable(std::string_view offered);
ApiError unsupported_media_type(std::string_view given, std::string_view supported);
ApiError too_large(std::string message);
ApiError too_many_requests(std::string message, int retry_after_seconds);
ApiError expired(std::string message);  ///< 410 Expired: compacted revision or continue token.
ApiError future_revision(std::uint64_t asked, std::uint64_t newest);
ApiError not_implemented(std::string message);  ///< 501
ApiError unavailable(std::string message);
ApiError internal_error(std::string message);

/// A store's error in the API's words.
ApiError from_store(const Error& error, About about);

Cause required(std::string field, std::string_view detail = {});
Cause invalid_value(std::string field, std::string_view value_as_json, std::string_view detail);
Cause forbidden_field(std::string field, std::string_view detail);

/// The Status object as JSON (with kind and apiVersion, no line break at its end).
std::string status_json(const ApiError& error);

/// Appends `text` as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view text);

}  // namespace troupe::api
