#include <charconv>
#include <string>
#include <vector>

#include "api/patch.hpp"

namespace troupe::api {

namespace {

using schema::Document;
using schema::Node;

constexpr std::size_t kMaxOperations = 10'000;  // kube-apiserver's limit

ApiError cannot(std::string message) {
  ApiError error = invalid("", "", "", {});
  error.message = "the server rejected our request due to an error in our request: " + std::move(message);
  return error;
}

ApiError out_of_room(const Error& error) {
  return error.code == ErrorCode::kTooLarge ? too_large(error.message) : internal_error(error.message);
}

using Path = std::vector<std::string>;

ApiResult<Path> parse_pointer(std::string_view text) {
  Path path;
  if (text.empty()) return path;
  if (text.front() != '/') return refuse(cannot("the path '" + std::string(text) + "' does not begin with '/'"));
  text.remove_prefix(1);
  path.emplace_back();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '/') {
      path.emplace_back();
    } else if (text[i] == '~' && i + 1 < text.size() && (text[i + 1] == '0' || text[i + 1] == '1')) {
      path.back().push_back(text[++i] == '0' ? '~' : '/');
    } else {
      path.back().push_back(text[i]);
    }
  }
  return path;
}

bool parse_index(std::string_view text, std::size_t& index) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  return error == std::errc() && end == text.data() + text.size();
}

Node* child(Node& node, const std::string& step) {
  if (node.is_object()) return node.find(step);
  std::size_t index = 0;
  if (!node.is_array() || !parse_index(step, index) || index >= node.size()) return nullptr;
  return &node.items()[index];
}

Node* resolve(Node& root, const Path& path, std::size_t depth) {
  Node* node = &root;
  for (std::size_t i = 0; i < depth && node != nullptr; ++i) node = child(*node, path[i]);
  return node;
}

class Operation {
 public:
  Operation(Document& document, std::size_t number) : document_(document), number_(number) {}

  ApiStatus run(const Node& op) {
    const Node* name = op.find("op");
    auto path = pointer(op, "path");
    if (!path) return refuse(path.error());
    if (name == nullptr || !name->is_string()) return refuse(cannot(at("has no 'op'")));
    const std::string_view kind = name->as_string();
    if (kind == "remove") return remove(*path);
    if (kind == "move" || kind == "copy") {
      auto from = pointer(op, "from");
      if (!from) return refuse(from.error());
      return transfer(*from, *path, kind == "move");
    }
    const Node* value = op.find("value");
    if (value == nullptr) return refuse(cannot(at("has no 'value'")));
    if (kind == "add" || kind == "replace") {
      auto copied = document_.copy(*value);
      if (!copied) return refuse(out_of_room(copied.error()));
      return kind == "add" ? add(*path, *copied) : replace(*path, *copied);
    }
    if (kind == "test") {
      const Node* found = resolve(document_.root(), *path, path->size());
      const bool equal = found != nullptr ? schema::same_value(*found, *value) : value->is_null();
      if (!equal) return refuse(cannot(at("testing value " + text(*path) + " failed")));
      return {};
    }
    return refuse(cannot(at("has the unknown op '" + std::string(kind) + "'")));
  }

 private:
  std::string at(const std::string& what) const { return "operation " + std::to_string(number_) + " " + what; }

  static std::string text(const Path& path) {
    std::string out;
    for (const std::string& step : path) out.append("/").append(step);
    return out;
  }

  ApiResult<Path> pointer(const Node& op, std::string_view field) const {
    const Node* found = op.find(field);
    if (found == nullptr || !found->is_string()) {
      return refuse(cannot(at("has no '" + std::string(field) + "'")));
    }
    return parse_pointer(found->as_string());
  }

  ApiStatus missing(const Path& path) const { return refuse(cannot(at("path " + text(path) + " does not exist"))); }

  ApiStatus add(const Path& path, Node value) {
    if (path.empty()) {
      document_.root() = value;
      return {};
    }
    Node* parent = resolve(document_.root(), path, path.size() - 1);
    if (parent == nullptr) return missing(path);
    if (parent->is_object()) {
      if (auto set = document_.set(*parent, path.back(), value); !set) return refuse(out_of_room(set.error()));
      return {};
    }
    if (!parent->is_array()) return missing(path);
    std::size_t index = parent->size();
    if (path.back() != "-" && (!parse_index(path.back(), index) || index > parent->size())) return missing(path);
    if (auto inserted = document_.insert(*parent, index, value); !inserted) {
      return refuse(out_of_room(inserted.error()));
    }
    return {};
  }

  ApiStatus replace(const Path& path, Node value) {
    Node* found = resolve(document_.root(), path, path.size());
    if (found == nullptr) return missing(path);
    *found = value;
    return {};
  }

  ApiStatus remove(const Path& path) {
    if (path.empty()) return refuse(cannot(at("removes the whole object")));
    Node* parent = resolve(document_.root(), path, path.size() - 1);
    if (parent == nullptr || child(*parent, path.back()) == nullptr) return missing(path);
    if (parent->is_object()) {
      document_.erase(*parent, path.back());
    } else {
      std::size_t index = 0;
      parse_index(path.back(), index);
      document_.erase_item(*parent, index);
    }
    return {};
  }

  ApiStatus transfer(const Path& from, const Path& to, bool move) {
    const Node* found = resolve(document_.root(), from, from.size());
    if (found == nullptr) return missing(from);
    const bool into_itself = to.size() > from.size() && std::equal(from.begin(), from.end(), to.begin());
    if (move && into_itself) return refuse(cannot(at("moves a value into itself")));
    auto copied = document_.copy(*found);
    if (!copied) return refuse(out_of_room(copied.error()));
    if (move) {
      if (auto removed = remove(from); !removed) return removed;
    }
    return add(to, *copied);
  }

  Document& document_;
  std::size_t number_;
};

}  // namespace

ApiStatus apply_json_patch(Document& document, const Node& patch) {
  if (!patch.is_array()) return refuse(bad_request("a JSON patch is a list of operations"));
  if (patch.size() > kMaxOperations) {
    return refuse(too_large("the allowed maximum of operations in a JSON patch is " + std::to_string(kMaxOperations) +
                            ", got " + std::to_string(patch.size())));
  }
  std::size_t number = 0;
  for (const Node& op : patch.items()) {
    if (!op.is_object()) return refuse(bad_request("a JSON patch is a list of operations"));
    if (auto done = Operation(document, number++).run(op); !done) return done;
  }
  return {};
}

namespace {

ApiStatus merge(Document& document, Node& target, const Node& patch) {
  for (const schema::Member& member : patch.members()) {
    if (member.value.is_null()) {
      document.erase(target, member.key);
      continue;
    }
    Node* existing = target.find(member.key);
    if (!member.value.is_object()) {
      auto copied = document.copy(member.value);
      if (!copied) return refuse(out_of_room(copied.error()));
      if (auto set = document.set(target, member.key, *copied); !set) return refuse(out_of_room(set.error()));
      continue;
    }
    if (existing == nullptr || !existing->is_object()) {
      auto object = document.make_object();
      if (!object) return refuse(out_of_room(object.error()));
      auto set = document.set(target, member.key, *object);
      if (!set) return refuse(out_of_room(set.error()));
      existing = *set;
    }
    if (auto done = merge(document, *existing, member.value); !done) return done;
  }
  return {};
}

}  // namespace

ApiStatus apply_merge_patch(Document& document, const Node& patch) {
  if (!patch.is_object()) return refuse(bad_request("a merge patch of an object is an object"));
  return merge(document, document.root(), patch);
}

}  // namespace troupe::api
