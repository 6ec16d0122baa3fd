#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schema/type_table.hpp"

namespace troupe::api {

/// What an OpenAPI document of that version can say.
enum class OpenApiDialect : std::uint8_t {
  kV2,  ///< No alternatives, no defaults and no enumerations, as upstream's; references stand alone.
  kV3,
};

/// Writes the schemas of types and of all that they hold, each once.
class SchemaWriter {
 public:
  explicit SchemaWriter(OpenApiDialect dialect) : dialect_(dialect) {}

  /// Notes that the type is needed.
  void need(const schema::Type* type);
  /// `"$ref":"#/…"` to a name.
  std::string reference(std::string_view name) const;
  /// Every needed type and what it refers to: members of an object, without its braces.
  std::string write(const schema::TypeTable& types);

 private:
  void write_type(const schema::Type& type, std::string& out);
  void write_field(const schema::Type& of, const schema::Field& field, std::string& out);
  void write_value(const schema::Type& of, const schema::Field& field, std::string& out);
  void write_map(const schema::Type& of, const schema::Field& field, std::string& out);
  void write_reference(std::string_view name, std::string& out) const;

  OpenApiDialect dialect_;
  std::set<const schema::Type*> known_;
  std::vector<const schema::Type*> waiting_;
  std::set<std::string, std::less<>> specials_;
};

}  // namespace troupe::api
