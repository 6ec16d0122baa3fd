#pragma once

#include <span>
#include <string>
#include <string_view>

#include "api/openapi_operations.hpp"
#include "api/openapi_schema.hpp"

namespace troupe::api {

/// A change of any form, in documents of version 2.
inline constexpr std::string_view kPatchName = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch";

/// Writes paths for a document, and notes the types that they take and answer.
class PathWriter {
 public:
  explicit PathWriter(OpenApiDialect dialect, SchemaWriter& schemas) : dialect_(dialect), schemas_(schemas) {}

  void add(const ApiPath& path, std::string_view tag);
  /// Every path that was added: members of an object, without its braces.
  const std::string& text() const { return out_; }

 private:
  bool is_v2() const { return dialect_ == OpenApiDialect::kV2; }
  void append_operation(const ApiOperation& operation, std::string_view tag);
  void append_parameters(const ApiOperation& operation);
  void append_parameter(std::string_view name, std::string_view in, std::string_view type);
  void append_body_parameter(const ApiOperation& operation);
  void append_request_body(const ApiOperation& operation);
  void append_responses(const ApiOperation& operation);
  void append_response(const ApiOperation& operation, std::string_view code, std::string_view description);
  void append_content(std::span<const std::string_view> forms, std::string_view schema);
  void append_forms(std::span<const std::string_view> forms);
  std::string schema_of(const schema::Type& type);

  const OpenApiDialect dialect_;
  SchemaWriter& schemas_;
  std::string out_;
};

}  // namespace troupe::api
