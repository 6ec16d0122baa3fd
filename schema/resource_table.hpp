#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.hpp"

namespace troupe::schema {

/// A column of the Table that `kubectl get` shows.
struct Column {
  std::string_view name;
  std::string_view type;      ///< "string", "integer", "boolean", "date"
  std::string_view format;    ///< "name" or ""
  std::int32_t priority = 0;  ///< 0: always shown; 1: with `-o wide`.
};

/// A part of a resource with verbs of its own, and the kind that they take and answer.
struct Subresource {
  std::string_view name;  ///< "status", "scale", "exec"
  std::string_view group;
  std::string_view version;
  std::string_view kind;
  std::span<const std::string_view> verbs;
};

/// A resource as clients find it under /api or /apis.
struct Resource {
  std::string_view group;  ///< "" for core.
  std::string_view version;
  std::string_view kind;
  std::string_view list_kind;  ///< "PodList"
  std::string_view plural;
  std::string_view singular;
  bool namespaced = false;
  std::span<const std::string_view> short_names;
  std::span<const std::string_view> categories;
  std::span<const std::string_view> verbs;
  std::span<const std::string_view> selectable_fields;  ///< Of field selectors, as this version names them.
  std::span<const Subresource> subresources;
  std::span<const Column> columns;
  /// The resource under whose group and version objects of this one are stored: itself for most, else the same objects
  /// under another version (autoscaling/v1 -> v2, events.k8s.io/v1 -> core). Never null.
  const Resource* storage = nullptr;

  bool has_verb(std::string_view verb) const;
  const Subresource* find_subresource(std::string_view name) const;
};

/// The built-in resources. Immutable; spans and pointers live as long as the table.
class ResourceTable {
 public:
  /// From the facts compiled into the program. Fails (kInternal) only when a stored version is not in the table.
  static Result<ResourceTable> built_in();

  ResourceTable(ResourceTable&&) noexcept;
  ResourceTable& operator=(ResourceTable&&) noexcept;
  ~ResourceTable();

  /// As in a path: ("apps", "v1", "deployments"). Null when there is none.
  const Resource* find(std::string_view group, std::string_view version, std::string_view plural) const;
  /// As in an object: ("apps", "v1", "Deployment"). Null when there is none.
  const Resource* find_kind(std::string_view group, std::string_view version, std::string_view kind) const;
  /// In the order of the facts: core first, then by group.
  std::span<const Resource> all() const;

 private:
  struct Storage;
  explicit ResourceTable(std::unique_ptr<Storage> storage);
  std::unique_ptr<Storage> storage_;
};

}  // namespace troupe::schema
