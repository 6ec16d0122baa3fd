#include "api/managed_fields.hpp"

#include <algorithm>
#include <map>

#include "api/metadata.hpp"
#include "api/object_codec.hpp"

namespace troupe::api {

namespace {

using schema::Document;
using schema::Node;

constexpr std::string_view kAncient = "ancient-changes";

std::string text_at(const Node& entry, std::string_view key) {
  const Node* found = entry.find(key);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}

ApiError out_of_room(const Error& error) {
  return error.code == ErrorCode::kTooLarge ? too_large(error.message) : internal_error(error.message);
}

bool is_reset(const Node* entries) {
  return entries != nullptr && entries->size() == 1 && entries->items()[0].is_object() &&
         entries->items()[0].size() == 0;
}

const Node* entries_of(const Node& object) {
  const Node* metadata = object.find("metadata");
  return metadata != nullptr ? metadata->find("managedFields") : nullptr;
}

/// The request's entries when they are usable, else the stored ones.
ApiResult<ManagedFields> live_or_new(const Node& live, const Node& object, bool subresource) {
  const Node* given = entries_of(object);
  if (!subresource) {
    if (is_reset(given)) return ManagedFields();
    auto read = ManagedFields::read(given);
    if (read && !read->entries().empty()) return read;
  }
  auto stored = ManagedFields::read(entries_of(live));
  return stored ? std::move(stored) : ApiResult<ManagedFields>(ManagedFields());
}

}  // namespace

bool ManagedEntry::is_same(const ManagedEntry& other) const {
  return manager == other.manager && applied == other.applied && subresource == other.subresource &&
         (applied || api_version == other.api_version);
}

const FieldSet& ManagedEntry::set() const {
  if (!read_ && fields_ != nullptr) {
    if (auto read = read_field_set(*fields_)) set_ = std::move(*read);
  }
  read_ = true;
  return set_;
}

FieldSet& ManagedEntry::edit() {
  set();
  edited_ = true;
  return set_;
}

bool ManagedEntry::touches(const FieldSet& other) const {
  if (other.empty()) return false;
  if (!read_ && fields_ != nullptr) return intersects(*fields_, other);
  return !set_.intersection(other).empty();
}

void ManagedEntry::subtract(const FieldSet& other) {
  if (touches(other)) edit().subtract(other);
}

bool ManagedEntry::empty() const { return !read_ && fields_ != nullptr ? fields_->size() == 0 : set_.empty(); }

ApiResult<Node> ManagedEntry::write(Document& document) const {
  auto entry = document.make_object(7);
  if (!entry) return refuse(out_of_room(entry.error()));
  const auto text = [&](std::string_view key, std::string_view value) -> ApiStatus {
    return value.empty() ? ApiStatus{} : set_text(document, *entry, key, value);
  };
  for (const auto& [key, value] : {std::pair<std::string_view, std::string_view>{"manager", manager},
                                   {"operation", applied ? "Apply" : "Update"},
                                   {"apiVersion", api_version},
                                   {"time", time},
                                   {"fieldsType", "FieldsV1"},
                                   {"subresource", subresource}}) {
    if (auto set = text(key, value); !set) return refuse(set.error());
  }
  ApiResult<Node> fields = Node();
  if (edited_ || fields_ == nullptr) {
    fields = write_field_set(set_, document);
  } else if (auto copied = document.copy(*fields_); copied) {
    fields = *copied;
  } else {
    fields = refuse(out_of_room(copied.error()));
  }
  if (!fields) return fields;
  if (auto set = set_node(document, *entry, "fieldsV1", *fields); !set) return refuse(set.error());
  return *entry;
}

ApiResult<ManagedFields> ManagedFields::read(const Node* entries) {
  ManagedFields out;
  if (entries == nullptr || entries->is_null()) return out;
  if (!entries->is_array()) return refuse(bad_request("metadata.managedFields is no list"));
  for (const Node& each : entries->items()) {
    const std::string operation = text_at(each, "operation");
    const Node* fields = each.find("fieldsV1");
    if (text_at(each, "fieldsType") != "FieldsV1" || fields == nullptr || !fields->is_object() ||
        (operation != "Apply" && operation != "Update")) {
      return refuse(
          bad_request("metadata.managedFields: an entry needs an operation (Apply, Update), fieldsType "
                      "FieldsV1 and fieldsV1"));
    }
    ManagedEntry entry(*fields);
    entry.manager = text_at(each, "manager");
    entry.applied = operation == "Apply";
    entry.api_version = text_at(each, "apiVersion");
    entry.subresource = text_at(each, "subresource");
    entry.time = text_at(each, "time");
    const std::size_t twin = out.find(entry);
    if (twin == npos) {
      out.entries_.push_back(std::move(entry));
    } else {
      out.entries_[twin] = std::move(entry);
    }
  }
  return out;
}

std::size_t ManagedFields::find(const ManagedEntry& like) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const auto& each) { return each.is_same(like); });
  return found == entries_.end() ? npos : static_cast<std::size_t>(found - entries_.begin());
}

void ManagedFields::disown(const FieldSet& changed, const FieldSet& removed, std::size_t except) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (i == except) continue;
    entries_[i].subtract(changed);
    entries_[i].subtract(removed);
  }
}

void ManagedFields::own_by_update(const Editor& editor, FieldSet fields) {
  if (fields.empty()) return;
  ManagedEntry mine;
  mine.manager = editor.manager.empty() ? "unknown" : editor.manager;
  mine.api_version = editor.api_version;
  mine.subresource = editor.subresource;
  std::size_t at = find(mine);
  if (at == npos) {
    at = entries_.size();
    mine.edit() = std::move(fields);
    entries_.push_back(std::move(mine));
  } else {
    entries_[at].edit().unite(fields);
  }
  entries_[at].time = editor.time;
}

void ManagedFields::tidy() {
  std::erase_if(entries_, [](const ManagedEntry& entry) { return entry.empty(); });
  std::vector<ManagedEntry> updates;
  for (ManagedEntry& entry : entries_) {
    if (!entry.applied) updates.push_back(std::move(entry));
  }
  std::erase_if(entries_, [](const ManagedEntry& entry) { return !entry.applied; });
  std::sort(updates.begin(), updates.end(), [](const ManagedEntry& a, const ManagedEntry& b) {
    return std::tie(a.time, a.manager, a.api_version, a.subresource) <
           std::tie(b.time, b.manager, b.api_version, b.subresource);
  });
  std::size_t count = updates.size();
  std::map<std::string, std::size_t> first;  // of a version
  for (std::size_t i = 0; i < updates.size() && count > kMaxUpdates; ++i) {
    const auto [place, is_first] = first.try_emplace(updates[i].api_version, i);
    if (is_first) continue;
    ManagedEntry& bucket = updates[place->second];
    bucket.edit().unite(updates[i].set());
    bucket.manager = kAncient;
    bucket.subresource.clear();
    bucket.time = updates[i].time;
    updates[i].edit() = FieldSet();
    --count;
  }
  std::erase_if(updates, [](const ManagedEntry& entry) { return entry.empty(); });
  std::move(updates.begin(), updates.end(), std::back_inserter(entries_));
}

ApiStatus ManagedFields::write(Document& object) const {
  auto metadata = object_member(object, object.root(), "metadata");
  if (!metadata) return refuse(metadata.error());
  if (entries_.empty()) {
    object.erase(**metadata, "managedFields");
    return {};
  }
  std::vector<const ManagedEntry*> sorted;
  for (const ManagedEntry& entry : entries_) sorted.push_back(&entry);
  std::sort(sorted.begin(), sorted.end(), [](const ManagedEntry* a, const ManagedEntry* b) {
    if (a->applied != b->applied) return a->applied;
    return std::tie(a->time, a->manager, a->api_version, a->subresource) <
           std::tie(b->time, b->manager, b->api_version, b->subresource);
  });
  auto list = object.make_array(sorted.size());
  if (!list) return refuse(out_of_room(list.error()));
  for (const ManagedEntry* entry : sorted) {
    auto written = entry->write(object);
    if (!written) return refuse(written.error());
    if (auto added = object.append(*list, *written); !added) return refuse(out_of_room(added.error()));
  }
  return set_node(object, **metadata, "managedFields", *list);
}

std::string manager_text(const ManagedEntry& entry) {
  std::string out;
  append_json_string(out, entry.manager);
  if (!entry.subresource.empty()) {
    out += " with subresource ";
    append_json_string(out, entry.subresource);
  }
  if (!entry.applied) out += " using " + entry.api_version;
  return out;
}

ApiStatus track_update(Document& object, const Node& live, bool live_is_new, const Shape& shape, const Editor& editor) {
  auto managed = live_or_new(live, object.root(), !editor.subresource.empty());
  if (!managed) return refuse(managed.error());
  if (managed->entries().empty() && !live_is_new) return managed->write(object);
  const Comparison diff = compare_fields(shape, &live, &object.root());
  FieldSet changed = diff.changed();
  managed->disown(changed, diff.removed, ManagedFields::npos);
  std::erase_if(changed.children, [](FieldSet& child) {
    if (child.step != "f:metadata") return false;
    child.member = false;
    return child.children.empty();
  });
  managed->own_by_update(editor, std::move(changed));
  managed->tidy();
  return managed->write(object);
}

}  // namespace troupe::api
