#include "api/field_set.hpp"

#include <algorithm>

#include "api/object_codec.hpp"

namespace troupe::api {

namespace {

using schema::Node;

bool by_step(const FieldSet& a, const FieldSet& b) { return a.step < b.step; }

auto lower(std::vector<FieldSet>& children, std::string_view step) {
  return std::lower_bound(children.begin(), children.end(), step,
                          [](const FieldSet& child, std::string_view wanted) { return child.step < wanted; });
}

bool is_step(std::string_view text) {
  return text.starts_with("f:") || text.starts_with("k:") || text.starts_with("v:") || text.starts_with("i:");
}

ApiStatus read_into(const Node& fields, FieldSet& out) {
  if (!fields.is_object()) return refuse(bad_request("fieldsV1: every field is an object"));
  out.children.reserve(fields.size());
  for (const schema::Member& member : fields.members()) {
    if (member.key == ".") {
      out.member = true;
      continue;
    }
    if (!is_step(member.key)) return refuse(bad_request("fieldsV1: unknown path element " + std::string(member.key)));
    FieldSet& child = out.children.emplace_back();
    child.step = member.key;
    if (member.value.is_object() && member.value.size() == 0) {
      child.member = true;
    } else if (auto read = read_into(member.value, child); !read) {
      return read;
    }
  }
  out.sort();
  return {};
}

ApiError out_of_room(const Error& error) {
  return error.code == ErrorCode::kTooLarge ? too_large(error.message) : internal_error(error.message);
}

void collect(const FieldSet& set, std::string& path, std::vector<std::string>& out) {
  if (set.member) out.push_back(path);
  for (const FieldSet& child : set.children) {
    const std::size_t size = path.size();
    path += step_text(child.step);
    collect(child, path, out);
    path.resize(size);
  }
}

}  // namespace

const FieldSet* FieldSet::find(std::string_view wanted) const {
  auto& all = const_cast<std::vector<FieldSet>&>(children);
  const auto at = lower(all, wanted);
  return at != all.end() && at->step == wanted ? &*at : nullptr;
}

void FieldSet::insert(const std::vector<std::string>& path) {
  FieldSet* at = this;
  for (const std::string& next : path) {
    auto place = lower(at->children, next);
    if (place == at->children.end() || place->step != next) {
      place = at->children.emplace(place);
      place->step = next;
    }
    at = &*place;
  }
  at->member = true;
}

void FieldSet::sort() {
  if (!std::is_sorted(children.begin(), children.end(), by_step)) {
    std::sort(children.begin(), children.end(), by_step);
  }
}

void FieldSet::unite(const FieldSet& other) {
  member = member || other.member;
  if (other.children.empty()) return;
  if (children.empty()) {
    children = other.children;
    return;
  }
  std::vector<FieldSet> all;
  all.reserve(children.size() + other.children.size());
  auto mine = children.begin();
  for (const FieldSet& theirs : other.children) {
    while (mine != children.end() && mine->step < theirs.step) all.push_back(std::move(*mine++));
    if (mine != children.end() && mine->step == theirs.step) {
      mine->unite(theirs);
      all.push_back(std::move(*mine++));
    } else {
      all.push_back(theirs);
    }
  }
  std::move(mine, children.end(), std::back_inserter(all));
  children = std::move(all);
}

void FieldSet::subtract(const FieldSet& other) {
  if (other.member) member = false;
  bool emptied = false;
  auto theirs = other.children.begin();
  for (FieldSet& mine : children) {
    while (theirs != other.children.end() && theirs->step < mine.step) ++theirs;
    if (theirs == other.children.end()) break;
    if (theirs->step != mine.step) continue;
    mine.subtract(*theirs);
    emptied = emptied || mine.empty();
  }
  if (emptied) std::erase_if(children, [](const FieldSet& child) { return child.empty(); });
}

FieldSet FieldSet::intersection(const FieldSet& other) const {
  FieldSet both;
  both.step = step;
  both.member = member && other.member;
  auto theirs = other.children.begin();
  for (const FieldSet& mine : children) {
    while (theirs != other.children.end() && theirs->step < mine.step) ++theirs;
    if (theirs == other.children.end()) break;
    if (theirs->step != mine.step) continue;
    FieldSet common = mine.intersection(*theirs);
    if (!common.empty()) both.children.push_back(std::move(common));
  }
  return both;
}

bool intersects(const Node& fields, const FieldSet& other) {
  if (!fields.is_object()) return false;
  if (other.member && (fields.size() == 0 || fields.find(".") != nullptr)) return true;
  if (fields.size() == 0) return false;
  return std::any_of(other.children.begin(), other.children.end(), [&](const FieldSet& child) {
    const Node* found = fields.find(child.step);
    return found != nullptr && intersects(*found, child);
  });
}

ApiResult<FieldSet> read_field_set(const Node& fields) {
  FieldSet out;
  if (auto read = read_into(fields, out); !read) return refuse(read.error());
  return out;
}

ApiResult<Node> write_field_set(const FieldSet& set, schema::Document& document) {
  auto object = document.make_object(set.children.size() + 1);
  if (!object) return refuse(out_of_room(object.error()));
  if (set.member && !set.children.empty()) {
    auto none = document.make_object();
    if (!none) return refuse(out_of_room(none.error()));
    if (auto added = document.append_member(*object, ".", *none); !added) return refuse(out_of_room(added.error()));
  }
  for (const FieldSet& child : set.children) {
    auto value = write_field_set(child, document);
    if (!value) return value;
    auto key = document.copy_text(child.step);
    if (!key) return refuse(out_of_room(key.error()));
    if (auto added = document.append_member(*object, *key, *value); !added) return refuse(out_of_room(added.error()));
  }
  return *object;
}

std::string step_text(std::string_view step) {
  const std::string_view rest = step.substr(std::min<std::size_t>(2, step.size()));
  if (step.starts_with("f:")) return "." + std::string(rest);
  if (step.starts_with("i:")) return "[" + std::string(rest) + "]";
  if (step.starts_with("v:")) return "[=" + std::string(rest) + "]";
  auto keys = parse_json(rest);
  if (!keys || !keys->root().is_object()) return "[" + std::string(rest) + "]";
  std::string out = "[";
  for (const schema::Member& key : keys->root().members()) {
    if (out.size() > 1) out += ",";
    out.append(key.key).append("=");
    append_json(key.value, out);
  }
  return out + "]";
}

std::vector<std::string> path_texts(const FieldSet& set) {
  std::vector<std::string> out;
  std::string path;
  collect(set, path, out);
  return out;
}

}  // namespace troupe::api
