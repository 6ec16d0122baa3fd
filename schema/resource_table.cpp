#include "schema/resource_table.hpp"

#include <algorithm>
#include <memory_resource>
#include <new>
#include <string>
#include <unordered_map>
#include <vector>

#include "schema/resources.capnp.h"
#include "schema/type_storage.hpp"

namespace troupe::schema {

struct ResourceTable::Storage {
  std::pmr::monotonic_buffer_resource arena{32UL * 1024};
  std::vector<Resource> rows;
  std::unordered_map<KindKey, const Resource*, KindKeyHash> by_plural;
  std::unordered_map<KindKey, const Resource*, KindKeyHash> by_kind;

  template <class T>
  std::span<T> array(std::size_t count) {
    T* first = static_cast<T*>(arena.allocate(std::max<std::size_t>(count, 1) * sizeof(T), alignof(T)));
    std::uninitialized_value_construct_n(first, count);
    return {first, count};
  }
};

namespace {

std::string_view view(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

template <class Storage>
class Rows {
 public:
  explicit Rows(Storage& storage) : storage_(storage) {}

  Resource make(k8s::Resource::Reader raw) {
    Resource row;
    row.group = view(raw.getGroup());
    row.version = view(raw.getVersion());
    row.kind = view(raw.getKind());
    row.list_kind = list_kind(row.kind);
    row.plural = view(raw.getPlural());
    row.singular = view(raw.getSingular());
    row.namespaced = raw.getNamespaced();
    row.short_names = texts(raw.getShortNames());
    row.categories = texts(raw.getCategories());
    row.verbs = texts(raw.getVerbs());
    row.selectable_fields = texts(raw.getSelectableFields());
    row.subresources = subresources(raw.getSubresources());
    row.columns = columns(raw.getColumns());
    return row;
  }

 private:
  std::string_view list_kind(std::string_view kind) {
    const auto out = storage_.template array<char>(kind.size() + 4);
    std::copy(kind.begin(), kind.end(), out.begin());
    std::copy_n("List", 4, out.begin() + static_cast<std::ptrdiff_t>(kind.size()));
    return {out.data(), out.size()};
  }

  std::span<const std::string_view> texts(capnp::List<capnp::Text>::Reader list) {
    const auto out = storage_.template array<std::string_view>(list.size());
    for (unsigned i = 0; i < list.size(); ++i) out[i] = view(list[i]);
    return out;
  }

  std::span<const Subresource> subresources(capnp::List<k8s::Resource::Subresource>::Reader list) {
    const auto out = storage_.template array<Subresource>(list.size());
    for (unsigned i = 0; i < list.size(); ++i) {
      out[i] = {view(list[i].getName()), view(list[i].getGroup()), view(list[i].getVersion()), view(list[i].getKind()),
                texts(list[i].getVerbs())};
    }
    return out;
  }

  std::span<const Column> columns(capnp::List<k8s::Resource::Column>::Reader list) {
    const auto out = storage_.template array<Column>(list.size());
    for (unsigned i = 0; i < list.size(); ++i) {
      out[i] = {view(list[i].getName()), view(list[i].getType()), view(list[i].getFormat()), list[i].getPriority()};
    }
    return out;
  }

  Storage& storage_;
};

}  // namespace

bool Resource::has_verb(std::string_view verb) const {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

const Subresource* Resource::find_subresource(std::string_view name) const {
  const auto it =
      std::find_if(subresources.begin(), subresources.end(), [&](const Subresource& sub) { return sub.name == name; });
  return it == subresources.end() ? nullptr : &*it;
}

ResourceTable::ResourceTable(std::unique_ptr<Storage> storage) : storage_(std::move(storage)) {}
ResourceTable::ResourceTable(ResourceTable&&) noexcept = default;
ResourceTable& ResourceTable::operator=(ResourceTable&&) noexcept = default;
ResourceTable::~ResourceTable() = default;

Result<ResourceTable> ResourceTable::built_in() {
  auto storage = std::make_unique<Storage>();
  const auto facts = *k8s::RESOURCES;
  Rows<Storage> rows(*storage);
  storage->rows.reserve(facts.size());
  for (auto raw : facts) storage->rows.push_back(rows.make(raw));
  for (const Resource& row : storage->rows) {
    storage->by_plural.emplace(KindKey{row.group, row.version, row.plural}, &row);
    storage->by_kind.emplace(KindKey{row.group, row.version, row.kind}, &row);
  }
  for (unsigned i = 0; i < facts.size(); ++i) {
    Resource& row = storage->rows[i];
    row.storage = &row;
    if (!facts[i].hasStoredAs()) continue;
    const auto as = facts[i].getStoredAs();
    const auto it = storage->by_kind.find({view(as.getGroup()), view(as.getVersion()), row.kind});
    if (it == storage->by_kind.end()) {
      return fail(ErrorCode::kInternal, "resources: " + std::string(row.plural) + " are stored as a missing version");
    }
    row.storage = it->second;
  }
  return ResourceTable(std::move(storage));
}

const Resource* ResourceTable::find(std::string_view group, std::string_view version, std::string_view plural) const {
  const auto it = storage_->by_plural.find({group, version, plural});
  return it == storage_->by_plural.end() ? nullptr : it->second;
}

const Resource* ResourceTable::find_kind(std::string_view group, std::string_view version,
                                         std::string_view kind) const {
  const auto it = storage_->by_kind.find({group, version, kind});
  return it == storage_->by_kind.end() ? nullptr : it->second;
}

std::span<const Resource> ResourceTable::all() const { return storage_->rows; }

}  // namespace troupe::schema
