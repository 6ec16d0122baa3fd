#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "schema/codec/byte_buffer.hpp"
#include "schema/type_table.hpp"

namespace troupe::schema {

/// Makes JSON of objects with every field set to a value that is not zero and already canonical, so that a codec must
/// give back exactly what it got. The same seed makes the same objects.
class ObjectMaker {
 public:
  explicit ObjectMaker(std::uint64_t seed) : random_(seed) {}

  /// With apiVersion and kind in front when the type has them. Structs end `max_depth` levels down.
  std::string make(const Type& type, int max_depth = 7);

 private:
  void object(const Type& type, int depth);
  void members(const Type& type, int depth);
  void form(const Type& type, int depth);
  void field(const Field& field, int depth);
  void value(const Field& field, int depth);
  void scalar(const Field& field);
  void text(std::string_view name);
  void quantity();
  bool is_nested(const Type& type) const;
  void close(char bracket);
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  std::mt19937_64 random_;
  ByteBuffer out_;
  std::vector<const Type*> open_;
};

}  // namespace troupe::schema
