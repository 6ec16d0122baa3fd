#include "storage/keyspace.hpp"

#include "storage/record.hpp"

namespace troupe::storage {
namespace {

constexpr std::size_t kIdBytes = 4;

void append_id(std::string& out, ResourceId id) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>((id >> shift) & 0xff));
}

Status check_part(std::string_view part, std::string_view what) {
  if (part.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument, std::string(what) + " holds a 0 byte");
  }
  return {};
}

}  // namespace

Result<Key> make_key(ResourceId resource, std::string_view name_space, std::string_view name) {
  if (auto ok = check_part(name_space, "namespace"); !ok) return fail(std::move(ok.error()));
  if (auto ok = check_part(name, "name"); !ok) return fail(std::move(ok.error()));
  if (name.empty()) return fail(ErrorCode::kInvalidArgument, "name is empty");
  const std::size_t exact = kIdBytes + name_space.size() + 1 + name.size();
  if (exact > kMaxKeyBytes) {
    return fail(ErrorCode::kTooLarge, "namespace and name have " + std::to_string(name_space.size() + name.size()) +
                                          " bytes together, the store takes " +
                                          std::to_string(kMaxKeyBytes - kIdBytes - 1));
  }
  std::string bytes;
  bytes.reserve(padded(exact));
  append_id(bytes, resource);
  bytes.append(name_space).push_back('\0');
  bytes.append(name).resize(padded(exact), '\0');
  return Key(std::move(bytes));
}

Prefix prefix_of(ResourceId resource) {
  std::string bytes;
  append_id(bytes, resource);
  return Prefix(std::move(bytes));
}

Result<Prefix> prefix_of(ResourceId resource, std::string_view name_space) {
  if (auto ok = check_part(name_space, "namespace"); !ok) return fail(std::move(ok.error()));
  if (kIdBytes + name_space.size() + 2 > kMaxKeyBytes) {
    return fail(ErrorCode::kTooLarge, "namespace has " + std::to_string(name_space.size()) + " bytes");
  }
  std::string bytes;
  append_id(bytes, resource);
  bytes.append(name_space).push_back('\0');
  return Prefix(std::move(bytes));
}

Result<KeyParts> split_key(std::string_view bytes) {
  const auto bad = [&](std::string_view why) {
    return fail(ErrorCode::kCorrupt, "key of " + std::to_string(bytes.size()) + " bytes: " + std::string(why));
  };
  if (bytes.size() < 8 || bytes.size() > kMaxKeyBytes || bytes.size() % 8 != 0) return bad("impossible length");
  const std::size_t separator = bytes.find('\0', kIdBytes);
  if (separator == std::string_view::npos || separator + 1 >= bytes.size()) return bad("no name");
  KeyParts parts;
  parts.resource = resource_of(bytes);
  parts.name_space = bytes.substr(kIdBytes, separator - kIdBytes);
  const std::string_view rest = bytes.substr(separator + 1);
  const std::size_t end = rest.find('\0');
  parts.name = rest.substr(0, end);
  if (parts.name.empty()) return bad("empty name");
  if (end != std::string_view::npos) {
    if (rest.size() - end > 7 || rest.find_first_not_of('\0', end) != std::string_view::npos) return bad("bad padding");
  }
  return parts;
}

Result<Key> key_from_bytes(std::string_view bytes) {
  auto parts = split_key(bytes);
  if (!parts) return fail(std::move(parts.error()));
  return Key(std::string(bytes));
}

ResourceId resource_of(std::string_view key_bytes) {
  ResourceId id = 0;
  for (std::size_t i = 0; i < kIdBytes; ++i) id = (id << 8) | static_cast<unsigned char>(key_bytes[i]);
  return id;
}

std::string printable(std::string_view key_bytes) {
  auto parts = split_key(key_bytes);
  if (!parts) return "(malformed key)";
  std::string text = std::to_string(parts->resource);
  text.append("/").append(parts->name_space).append("/").append(parts->name);
  return text;
}

}  // namespace troupe::storage
