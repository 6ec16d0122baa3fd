#include "api/apply.hpp"

#include <algorithm>
#include <map>

#include "api/apply_merge.hpp"
#include "api/metadata.hpp"
#include "api/object_codec.hpp"

namespace troupe::api {

namespace {

using schema::Document;
using schema::Node;

constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::string_view kKubectl = "kubectl";
constexpr std::string_view kBeforeFirstApply = "before-first-apply";

ApiError out_of_room(const Error& error) {
  return error.code == ErrorCode::kTooLarge ? too_large(error.message) : internal_error(error.message);
}

std::string_view text_of(const Node& object, std::string_view key) {
  const Node* found = object.find(key);
  return found != nullptr && found->is_string() ? found->as_string() : std::string_view();
}

/// What one manager would lose.
struct Conflict {
  const ManagedEntry* entry;
  FieldSet fields;
};

ApiError conflict_error(const std::vector<Conflict>& conflicts) {
  ApiError error;
  error.code = 409;
  error.reason = "Conflict";
  std::map<std::string, std::vector<std::string>> by_manager;
  std::size_t count = 0;
  for (const Conflict& conflict : conflicts) {
    const std::string manager = manager_text(*conflict.entry);
    for (std::string& path : path_texts(conflict.fields)) {
      error.causes.push_back({"FieldManagerConflict", "conflict with " + manager, path});
      by_manager[manager].push_back(std::move(path));
      ++count;
    }
  }
  if (count == 1) {
    const auto& [manager, paths] = *by_manager.begin();
    error.message = "Apply failed with 1 conflict: conflict with " + manager + ": " + paths.front();
    return error;
  }
  error.message = "Apply failed with " + std::to_string(count) + " conflicts: ";
  bool first = true;
  for (const auto& [manager, paths] : by_manager) {
    error.message.append(first ? "" : "\n").append("conflicts with ").append(manager).append(":");
    for (const std::string& path : paths) error.message.append("\n- ").append(path);
    first = false;
  }
  return error;
}

class Applier {
 public:
  Applier(const Node& live, bool live_is_new, const Application& wanted, const ApplyKind& kind)
      : live_(live), live_is_new_(live_is_new), wanted_(wanted), kind_(kind) {}

  ApiResult<Document> run() {
    if (auto good = check(); !good) return refuse(good.error());
    if (auto read = read_managed(); !read) return refuse(read.error());
    if (auto made = configure(); !made) return refuse(made.error());
    auto object = merge();
    if (!object) return object;
    diff_ = compare_fields(kind_.shape, &live_, &object->root());
    if (auto taken = take_over(); !taken) return refuse(taken.error());
    if (auto written = record_ownership(*object); !written) return refuse(written.error());
    if (auto synced = sync_last_applied(*object); !synced) return refuse(synced.error());
    return object;
  }

 private:
  ApiStatus check() const {
    const Node& given = wanted_.configuration;
    if (!given.is_object()) return refuse(bad_request("the configuration is no object"));
    const std::string_view version = text_of(given, "apiVersion");
    if (version != wanted_.editor.api_version) {
      return refuse(bad_request("Incorrect version specified in apply patch. Specified patch version: " +
                                std::string(version) + ", expected: " + wanted_.editor.api_version));
    }
    if (text_of(given, "kind") != kind_.kind) {
      return refuse(bad_request("the kind in the data (" + std::string(text_of(given, "kind")) +
                                ") does not match the expected kind (" + kind_.kind + ")"));
    }
    const Node* metadata = given.find("metadata");
    const Node* managed = metadata != nullptr ? metadata->find("managedFields") : nullptr;
    if (managed != nullptr && !managed->is_null()) return refuse(bad_request("metadata.managedFields must be nil"));
    return {};
  }

  /// An object that nobody tracked belongs to "before-first-apply".
  ApiStatus read_managed() {
    const Node* metadata = live_.find("metadata");
    const Node* entries = metadata != nullptr ? metadata->find("managedFields") : nullptr;
    if (auto read = ManagedFields::read(entries); read) managed_ = std::move(*read);
    if (!managed_.entries().empty() || live_is_new_) return {};
    Editor nobody = wanted_.editor;
    nobody.manager = kBeforeFirstApply;
    const Node nothing{};
    Comparison all = compare_fields(kind_.shape, kind_.empty != nullptr ? kind_.empty : &nothing, &live_);
    all.added.unite(all.modified);
    managed_.own_by_update(nobody, std::move(all.added));
    return {};
  }

  /// The part of the configuration that this request may write, and the set that it names.
  ApiStatus configure() {
    auto copied = config_.copy(wanted_.configuration);
    if (!copied) return refuse(out_of_room(copied.error()));
    config_.root() = *copied;
    auto fields = fields_of(kind_.shape, config_.root());
    if (!fields) {
      ApiError error = fields.error();
      const ObjectNames names = names_of(config_.root());
      error.message = "failed to create typed patch object (" + std::string(names.name_space) + "/" +
                      std::string(names.name) + "; " +
                      (wanted_.editor.api_version.find('/') == std::string::npos ? "/" : "") +
                      wanted_.editor.api_version + ", Kind=" + kind_.kind + "): " + error.message;
      return refuse(std::move(error));
    }
    fields_ = std::move(*fields);
    const bool status = wanted_.editor.subresource == "status";
    const bool scale = wanted_.editor.subresource == "scale";
    std::vector<std::string> others;
    for (const schema::Member& member : config_.root().members()) {
      const bool is_status = member.key == "status";
      const bool meant = status ? is_status : !(is_status && kind_.has_status) || scale;
      if (!meant && member.key != "apiVersion" && member.key != "kind" && member.key != "metadata") {
        others.emplace_back(member.key);
      }
    }
    drop_fields(fields_, others);
    for (const std::string& name : others) config_.erase(config_.root(), name);
    if (status) reduce_metadata();
    return {};
  }

  static void drop_fields(FieldSet& from, const std::vector<std::string>& names) {
    std::erase_if(from.children, [&](const FieldSet& child) {
      return std::find(names.begin(), names.end(), child.step.substr(2)) != names.end();
    });
  }

  /// Of metadata, a status brings what names the object and its revision, and more only where the kind lets it.
  void reduce_metadata() {
    Node* metadata = config_.root().find("metadata");
    if (metadata == nullptr) return;
    std::vector<std::string> others;
    for (const schema::Member& member : metadata->members()) {
      const bool name =
          member.key == "name" || member.key == "namespace" || member.key == "uid" || member.key == "resourceVersion";
      const auto& kept = kind_.kept_by_status;
      const bool closed = !kind_.status_takes_metadata || std::find(kept.begin(), kept.end(), member.key) != kept.end();
      if (!name && closed) others.emplace_back(member.key);
    }
    for (const std::string& name : others) config_.erase(*metadata, name);
    if (!kind_.status_takes_metadata) return drop_fields(fields_, {"metadata"});
    for (FieldSet& child : fields_.children) {
      if (child.step == "f:metadata") drop_fields(child, others);
    }
    std::erase_if(fields_.children,
                  [](const FieldSet& child) { return child.step == "f:metadata" && child.children.empty(); });
  }

  ManagedEntry mine() const {
    ManagedEntry entry;
    entry.manager = wanted_.editor.manager;
    entry.applied = true;
    entry.subresource = wanted_.editor.subresource;
    entry.api_version = wanted_.editor.api_version;
    return entry;
  }

  ApiResult<Document> merge() {
    Document merged;
    auto copied = merged.copy(live_);
    if (!copied) return refuse(out_of_room(copied.error()));
    merged.root() = *copied;
    if (auto done = merge_configuration(merged, kind_.shape, merged.root(), config_.root()); !done) {
      return refuse(done.error());
    }
    self_ = managed_.find(mine());
    if (self_ != ManagedFields::npos && !managed_.entries()[self_].empty()) {
      FieldSet owned = fields_;
      for (std::size_t i = 0; i < managed_.entries().size(); ++i) {
        if (i != self_) owned.unite(managed_.entries()[i].set());
      }
      auto pruned = prune_fields(merged, kind_.shape, managed_.entries()[self_].set(), owned);
      if (!pruned) return refuse(pruned.error());
    }
    return kind_.normalize(std::move(merged));
  }

  /// Refuses what others own, or takes it from them.
  ApiStatus take_over() {
    const FieldSet changed = diff_.changed();
    std::vector<Conflict> conflicts;
    for (std::size_t i = 0; i < managed_.entries().size(); ++i) {
      const ManagedEntry& entry = managed_.entries()[i];
      if (i != self_ && entry.touches(changed)) conflicts.push_back({&entry, entry.set().intersection(changed)});
    }
    if (!wanted_.force && !conflicts.empty()) {
      const FieldSet allowed = applied_by_client();
      for (Conflict& conflict : conflicts) conflict.fields.subtract(allowed);
      std::erase_if(conflicts, [](const Conflict& conflict) { return conflict.fields.empty(); });
      if (!conflicts.empty()) return refuse(conflict_error(conflicts));
    }
    managed_.disown(changed, diff_.removed, self_);
    return {};
  }

  /// What client-side apply set and nobody changed since: kubectl may take it over without force.
  FieldSet applied_by_client() const {
    FieldSet none;
    const Node* metadata = live_.find("metadata");
    const Node* annotations = metadata != nullptr ? metadata->find("annotations") : nullptr;
    if (wanted_.editor.manager != kKubectl || annotations == nullptr) return none;
    const std::string_view text = text_of(*annotations, kLastApplied);
    if (text.empty()) return none;
    auto applied = parse_json(text);
    if (!applied) return none;
    auto fields = fields_of(kind_.shape, applied->root());
    if (!fields) return none;
    const Comparison diff = compare_fields(kind_.shape, &applied->root(), &live_);
    for (const FieldSet* differs : {&diff.added, &diff.modified, &diff.removed}) fields->subtract(*differs);
    return *fields;
  }

  ApiStatus record_ownership(Document& object) {
    const bool same = self_ != ManagedFields::npos && diff_.empty() && managed_.entries()[self_].set() == fields_ &&
                      managed_.entries()[self_].api_version == wanted_.editor.api_version;
    if (!same) {
      if (self_ == ManagedFields::npos) {
        self_ = managed_.entries().size();
        managed_.entries().push_back(mine());
      }
      ManagedEntry& entry = managed_.entries()[self_];
      entry.edit() = std::move(fields_);
      entry.api_version = wanted_.editor.api_version;
      entry.time = wanted_.editor.time;
    }
    managed_.tidy();
    return managed_.write(object);
  }

  /// kubectl keeps the annotation of client-side apply true, so that one can go back to it.
  ApiStatus sync_last_applied(Document& object) const {
    if (wanted_.editor.manager != kKubectl || !wanted_.editor.subresource.empty()) return {};
    Node* metadata = object.root().find("metadata");
    Node* annotations = metadata != nullptr ? metadata->find("annotations") : nullptr;
    if (annotations == nullptr || text_of(*annotations, kLastApplied).empty()) return {};
    std::string text;
    append_json(wanted_.configuration, text);
    text += "\n";
    return set_text(object, *annotations, kLastApplied, text);
  }

  const Node& live_;
  const bool live_is_new_;
  const Application& wanted_;
  const ApplyKind& kind_;
  ManagedFields managed_;
  Document config_;
  FieldSet fields_;
  Comparison diff_;
  std::size_t self_ = ManagedFields::npos;
};

}  // namespace

ApiResult<Document> apply_configuration(const Node& live, bool live_is_new, const Application& wanted,
                                        const ApplyKind& kind) {
  return Applier(live, live_is_new, wanted, kind).run();
}

}  // namespace troupe::api
