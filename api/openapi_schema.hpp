#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schema/type_table.hpp"

namespace troupe::api {

/// Writes the schemas of types and of all that they hold, each once.
class SchemaWriter {
 public:
  /// `prefix` stands before a name in a reference: "#/components/schemas/".
  explicit SchemaWriter(std::string_view prefix) : prefix_(prefix) {}

  /// Notes that the type is needed.
  void need(const schema::Type* type);
  /// Every needed type and what it refers to: members of an object, without its braces.
  std::string write(const schema::TypeTable& types);

 private:
  void write_type(const schema::Type& type, std::string& out);
  void write_field(const schema::Field& field, std::string& out);
  void write_value(const schema::Field& field, std::string& out);
  void write_map(const schema::Field& field, std::string& out);
  std::string reference(std::string_view name) const;

  std::string prefix_;
  std::set<const schema::Type*> known_;
  std::vector<const schema::Type*> waiting_;
  std::set<std::string, std::less<>> specials_;
};

}  // namespace troupe::api
