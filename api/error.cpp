#include "api/error.hpp"

namespace troupe::api {

namespace {

/// "deployments.apps" as messages name a resource; the core group has no suffix.
std::string qualified(std::string_view plural, std::string_view group) {
  std::string text(plural);
  if (!group.empty()) text.append(".").append(group);
  return text;
}

ApiError make(int code, std::string_view reason, std::string message, About about = {}) {
  ApiError error;
  error.code = code;
  error.reason = reason;
  error.message = std::move(message);
  error.group = about.group;
  error.kind = about.plural;
  error.name = about.name;
  return error;
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

}  // namespace

ApiError bad_request(std::string message) { return make(400, "BadRequest", std::move(message)); }

ApiError unauthorized() { return make(401, "Unauthorized", "Unauthorized"); }

ApiError forbidden(About about, std::string_view why) {
  std::string message;
  if (!about.plural.empty()) {
    message.append(qualified(about.plural, about.group)).append(" ");
    if (!about.name.empty()) message.append(quoted(about.name)).append(" ");
    message.append("is forbidden: ");
  } else {
    message.append("forbidden: ");
  }
  message.append(why);
  return make(403, "Forbidden", std::move(message), about);
}

ApiError not_found(About about) {
  return make(404, "NotFound", qualified(about.plural, about.group) + " " + quoted(about.name) + " not found", about);
}

ApiError path_not_found() { return make(404, "NotFound", "the server could not find the requested resource"); }

ApiError already_exists(About about) {
  return make(409, "AlreadyExists", qualified(about.plural, about.group) + " " + quoted(about.name) + " already exists",
              about);
}

ApiError conflict(About about, std::string_view why) {
  std::string message = "Operation cannot be fulfilled on ";
  message.append(qualified(about.plural, about.group)).append(" ").append(quoted(about.name)).append(": ").append(why);
  return make(409, "Conflict", std::move(message), about);
}

ApiError modified_meanwhile(About about) {
  return conflict(about, "the object has been modified; please apply your changes to the latest version and try again");
}

ApiError invalid(std::string_view group, std::string_view kind, std::string_view name, std::vector<Cause> causes) {
  std::string message = qualified(kind, group) + " " + quoted(name) + " is invalid: ";
  if (causes.size() > 1) message += "[";
  for (std::size_t i = 0; i < causes.size(); ++i) {
    if (i != 0) message += ", ";
    if (!causes[i].field.empty()) message.append(causes[i].field).append(": ");
    message.append(causes[i].message);
  }
  if (causes.size() > 1) message += "]";
  ApiError error = make(422, "Invalid", std::move(message), About{group, kind, name});
  error.causes = std::move(causes);
  return error;
}

ApiError method_not_allowed(About about, std::string_view verb) {
  std::string message(verb);
  message.append(" is not supported on resources of kind ").append(quoted(qualified(about.plural, about.group)));
  return make(405, "MethodNotAllowed", std::move(message), about);
}

ApiError not_acceptable(std::string_view offered) {
  return make(406, "NotAcceptable", "only the following media types are accepted: " + std::string(offered));
}

ApiError unsupported_media_type(std::string_view given, std::string_view supported) {
  return make(415, "UnsupportedMediaType",
              "the body of the request was in an unknown format - accepted media types include: " +
                  std::string(supported) + (given.empty() ? "" : " (got \"" + std::string(given) + "\")"));
}

ApiError too_large(std::string message) { return make(413, "RequestEntityTooLarge", std::move(message)); }

ApiError too_many_requests(std::string message, int retry_after_seconds) {
  ApiError error = make(429, "TooManyRequests", std::move(message));
  error.retry_after_seconds = retry_after_seconds;
  return error;
}

ApiError expired(std::string message) { return make(410, "Expired", std::move(message)); }

ApiError future_revision(std::uint64_t asked, std::uint64_t newest) {
  ApiError error =
      make(504, "Timeout",
           "Timeout: Too large resource version: " + std::to_string(asked) + ", current: " + std::to_string(newest));
  error.causes.push_back({"ResourceVersionTooLarge", "Too large resource version", ""});
  error.retry_after_seconds = 1;
  return error;
}

ApiError not_implemented(std::string message) { return make(501, "NotImplemented", std::move(message)); }

ApiError unavailable(std::string message) { return make(503, "ServiceUnavailable", std::move(message)); }

ApiError internal_error(std::string message) {
  ApiError error = make(500, "InternalError", "Internal error occurred: " + message);
  error.causes.push_back({"", std::move(message), ""});
  return error;
}

ApiError from_store(const Error& error, About about) {
  switch (error.code) {
    case ErrorCode::kNotFound:
      return not_found(about);
    case ErrorCode::kAlreadyExists:
      return already_exists(about);
    case ErrorCode::kConflict:
      return modified_meanwhile(about);
    case ErrorCode::kBusy:
      return too_many_requests("the store is busy: " + error.message, 1);
    case ErrorCode::kCompacted:
      return expired("The provided resource version is too old: " + error.message);
    case ErrorCode::kTooLarge:
      return too_large(error.message);
    case ErrorCode::kInvalidArgument:
      return bad_request(error.message);
    case ErrorCode::kNoSpace:
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
      return unavailable(error.message);
    default:
      return internal_error(error.message);
  }
}

Cause required(std::string field, std::string_view detail) {
  std::string message = "Required value";
  if (!detail.empty()) message.append(": ").append(detail);
  return {"FieldValueRequired", std::move(message), std::move(field)};
}

Cause invalid_value(std::string field, std::string_view value_as_json, std::string_view detail) {
  std::string message = "Invalid value: ";
  message.append(value_as_json).append(": ").append(detail);
  return {"FieldValueInvalid", std::move(message), std::move(field)};
}

Cause forbidden_field(std::string field, std::string_view detail) {
  return {"FieldValueForbidden", "Forbidden: " + std::string(detail), std::move(field)};
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte >= 0x20) {
      out.push_back(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else {
      out += "\\u00";
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    }
  }
  out.push_back('"');
}

std::string status_json(const ApiError& error) {
  std::string out = R"({"kind":"Status","apiVersion":"v1","metadata":{)";
  if (!error.continue_token.empty()) {
    out += "\"continue\":";
    append_json_string(out, error.continue_token);
  }
  out += R"(},"status":"Failure","message":)";
  append_json_string(out, error.message);
  out += ",\"reason\":";
  append_json_string(out, error.reason);
  std::string details;
  const auto text = [&details](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    details.append(details.empty() ? "\"" : ",\"").append(key).append("\":");
    append_json_string(details, value);
  };
  text("name", error.name);
  text("group", error.group);
  text("kind", error.kind);
  text("uid", error.uid);
  if (!error.causes.empty()) {
    details += details.empty() ? "\"causes\":[" : ",\"causes\":[";
    for (std::size_t i = 0; i < error.causes.size(); ++i) {
      const Cause& cause = error.causes[i];
      details += i == 0 ? "{" : ",{";
      bool first = true;
      for (const auto& [key, value] : {std::pair<const char*, const std::string*>{"reason", &cause.reason},
                                       {"message", &cause.message},
                                       {"field", &cause.field}}) {
        if (value->empty()) continue;
        details.append(first ? "\"" : ",\"").append(key).append("\":");
        append_json_string(details, *value);
        first = false;
      }
      details += "}";
    }
    details += "]";
  }
  if (error.retry_after_seconds > 0) {
    details += details.empty() ? "" : ",";
    details.append("\"retryAfterSeconds\":").append(std::to_string(error.retry_after_seconds));
  }
  if (!details.empty()) out.append(",\"details\":{").append(details).append("}");
  out.append(",\"code\":").append(std::to_string(error.code)).append("}");
  return out;
}

}  // namespace troupe::api
