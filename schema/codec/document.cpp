#include "schema/codec/document.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <new>

namespace troupe::schema {

/// Members lie in one array; from kIndexFrom on, an open-addressing index (1 + position, 0 free) finds a key.
struct Node::Members {
  static constexpr std::uint32_t kIndexFrom = 24;
  Member* list = nullptr;
  std::uint32_t capacity = 0;
  mutable std::uint32_t indexed = 0;  // how many members the index holds
  std::uint32_t slots = 0;            // a power of two, or 0
  std::uint32_t* index = nullptr;

  static std::uint64_t hash(std::string_view key) { return std::hash<std::string_view>{}(key); }

  /// Later members replace earlier ones of the same key.
  void extend_index(std::uint32_t size) const {
    for (; indexed < size; ++indexed) {
      std::uint64_t at = hash(list[indexed].key);
      while (index[at & (slots - 1)] != 0 && list[index[at & (slots - 1)] - 1].key != list[indexed].key) ++at;
      index[at & (slots - 1)] = indexed + 1;
    }
  }
  void forget_index() const {
    if (indexed != 0) std::fill_n(index, slots, 0U);
    indexed = 0;
  }
};

std::span<const Member> Node::members() const {
  return is_object() ? std::span<const Member>(value_.members->list, size_) : std::span<const Member>();
}
std::span<Member> Node::members() {
  return is_object() ? std::span<Member>(value_.members->list, size_) : std::span<Member>();
}

const Node* Node::find(std::string_view key) const {
  if (!is_object()) return nullptr;
  const Members& members = *value_.members;
  if (size_ < Members::kIndexFrom || members.slots == 0) {
    for (std::uint32_t i = size_; i-- > 0;) {
      if (members.list[i].key == key) return &members.list[i].value;
    }
    return nullptr;
  }
  members.extend_index(size_);
  std::uint64_t at = Members::hash(key);
  for (;; ++at) {
    const std::uint32_t slot = members.index[at & (members.slots - 1)];
    if (slot == 0) return nullptr;
    if (members.list[slot - 1].key == key) return &members.list[slot - 1].value;
  }
}

bool same_value(const Node& a, const Node& b) {
  if (a.kind() != b.kind()) {
    const auto is_number = [](const Node& n) { return n.is_int() || n.kind() == Node::Kind::kDouble; };
    return is_number(a) && is_number(b) && a.as_double() == b.as_double();
  }
  switch (a.kind()) {
    case Node::Kind::kNull:
      return true;
    case Node::Kind::kBool:
      return a.as_bool() == b.as_bool();
    case Node::Kind::kInt:
      return a.as_int() == b.as_int();
    case Node::Kind::kDouble:
      return a.as_double() == b.as_double();
    case Node::Kind::kString:
      return a.as_string() == b.as_string();
    case Node::Kind::kArray:
      return std::equal(a.items().begin(), a.items().end(), b.items().begin(), b.items().end(), same_value);
    case Node::Kind::kObject:
      break;
  }
  if (a.size() != b.size()) return false;
  return std::all_of(a.members().begin(), a.members().end(), [&](const Member& member) {
    const Node* other = b.find(member.key);
    return other != nullptr && same_value(member.value, *other);
  });
}

Document::Document(const Limits& limits) : limits_(limits) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

void Document::clear() {
  if (blocks_.size() > 1) {  // one block of all that was needed: the next document of this size fits
    const std::size_t size = std::min(total_, std::size_t{4} << 20);
    blocks_.clear();
    blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
    total_ = size;
  }
  used_ = 0;
  nodes_ = 0;
  root_ = Node();
}

Result<void*> Document::allocate(std::size_t bytes) {
  bytes = (bytes + 7) / 8 * 8;
  if (blocks_.empty() || blocks_.back().size - used_ < bytes) {
    const std::size_t size = std::max(bytes, std::clamp<std::size_t>(total_, 4096, 1 << 20));
    if (size > limits_.max_bytes - std::min(total_, limits_.max_bytes)) {
      return fail(ErrorCode::kTooLarge, "the document needs more than " + std::to_string(limits_.max_bytes) + " bytes");
    }
    blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
    total_ += size;
    used_ = 0;
  }
  void* memory = blocks_.back().memory.get() + used_;
  used_ += bytes;
  return memory;
}

Status Document::count_node() {
  if (++nodes_ <= limits_.max_nodes) return {};
  return fail(ErrorCode::kTooLarge, "the document has more than " + std::to_string(limits_.max_nodes) + " values");
}

Result<std::string_view> Document::copy_text(std::string_view text) {
  if (text.empty()) return std::string_view();
  auto memory = allocate(text.size());
  if (!memory) return fail(memory.error());
  std::memcpy(*memory, text.data(), text.size());
  return std::string_view(static_cast<const char*>(*memory), text.size());
}

Result<Node> Document::make_string_view(std::string_view text) {
  if (text.size() > UINT32_MAX) return fail(ErrorCode::kTooLarge, "a string of more than 4 GiB");
  Node node;
  node.kind_ = Node::Kind::kString;
  node.value_.text = text.data();
  node.size_ = static_cast<std::uint32_t>(text.size());
  return node;
}

Result<Node> Document::make_string(std::string_view text) {
  auto copied = copy_text(text);
  if (!copied) return fail(copied.error());
  return make_string_view(*copied);
}

Result<Node> Document::make_array(std::size_t capacity) {
  if (capacity > limits_.max_nodes) return fail(ErrorCode::kTooLarge, "a list with too many items");
  Node node;
  node.kind_ = Node::Kind::kArray;
  node.value_.items = nullptr;
  if (capacity == 0) return node;
  capacity = (capacity + 3) / 4 * 4;
  auto memory = allocate(capacity * sizeof(Node));
  if (!memory) return fail(memory.error());
  node.value_.items = static_cast<Node*>(*memory);
  node.capacity_ = static_cast<std::uint32_t>(capacity / 4) & 0x1fffffffU;
  return node;
}

Result<Node> Document::make_object(std::size_t capacity) {
  if (capacity > limits_.max_nodes) return fail(ErrorCode::kTooLarge, "an object with too many members");
  auto memory = allocate(sizeof(Node::Members));
  if (!memory) return fail(memory.error());
  Node node;
  node.kind_ = Node::Kind::kObject;
  node.value_.members = new (*memory) Node::Members;
  if (capacity == 0) return node;
  if (auto reserved = reserve_members(node, static_cast<std::uint32_t>(capacity)); !reserved) {
    return fail(reserved.error());
  }
  return node;
}

Status Document::grow(Node& array) {
  const std::size_t capacity = std::max<std::size_t>(4, std::size_t{array.capacity_} * 8);
  auto larger = make_array(capacity);
  if (!larger) return fail(larger.error());
  if (array.size_ != 0)
    std::memcpy(static_cast<void*>(larger->value_.items), array.value_.items, array.size_ * sizeof(Node));
  larger->size_ = array.size_;
  array = *larger;
  return {};
}

Status Document::reserve_members(Node& object, std::uint32_t capacity) {
  Node::Members& members = *object.value_.members;
  auto memory = allocate(capacity * sizeof(Member));
  if (!memory) return fail(memory.error());
  auto* list = static_cast<Member*>(*memory);
  std::copy_n(members.list, object.size_, list);
  members.list = list;
  members.capacity = capacity;
  if (capacity < Node::Members::kIndexFrom) return {};
  std::uint32_t slots = 64;
  while (slots < capacity * 2) slots *= 2;
  auto index = allocate(slots * sizeof(std::uint32_t));
  if (!index) return fail(index.error());
  members.index = static_cast<std::uint32_t*>(*index);
  std::fill_n(members.index, slots, 0U);
  members.slots = slots;
  members.indexed = 0;
  return {};
}

Result<Node*> Document::append_member(Node& object, std::string_view key, Node value) {
  if (auto counted = count_node(); !counted) return fail(counted.error());
  Node::Members& members = *object.value_.members;
  if (object.size_ == members.capacity) {
    const std::uint32_t capacity = std::max<std::uint32_t>(4, members.capacity * 2);
    if (auto grown = reserve_members(object, capacity); !grown) return fail(grown.error());
  }
  Member* member = new (&members.list[object.size_++]) Member{key, value};
  return &member->value;
}

Result<Node*> Document::set(Node& object, std::string_view key, Node value) {
  if (Node* found = object.find(key); found != nullptr) {
    *found = value;
    return found;
  }
  auto copied = copy_text(key);
  if (!copied) return fail(copied.error());
  return append_member(object, *copied, value);
}

bool Document::erase(Node& object, std::string_view key) {
  Node* found = object.find(key);
  if (found == nullptr) return false;
  Node::Members& members = *object.value_.members;
  members.forget_index();
  Member* last =
      std::remove_if(members.list, members.list + object.size_, [&](const Member& m) { return m.key == key; });
  object.size_ = static_cast<std::uint32_t>(last - members.list);
  return true;
}

Result<Node*> Document::append(Node& array, Node value) {
  if (auto counted = count_node(); !counted) return fail(counted.error());
  if (array.size_ == array.capacity_ * 4) {
    if (auto grown = grow(array); !grown) return fail(grown.error());
  }
  return new (&array.value_.items[array.size_++]) Node(value);
}

Result<Node*> Document::insert(Node& array, std::size_t index, Node value) {
  if (index > array.size_) {
    return fail(ErrorCode::kInvalidArgument, "index " + std::to_string(index) + " is beyond the list's end");
  }
  if (auto appended = append(array, value); !appended) return appended;
  Node* items = array.value_.items;
  std::rotate(items + index, items + array.size_ - 1, items + array.size_);
  return &items[index];
}

void Document::erase_item(Node& array, std::size_t index) {
  if (index >= array.size_) return;
  Node* items = array.value_.items;
  std::copy(items + index + 1, items + array.size_, items + index);
  --array.size_;
}

Result<Node> Document::copy(const Node& value) { return copy_at(value, 0); }

Result<Node> Document::copy_at(const Node& value, std::size_t depth) {
  if (depth > limits_.max_depth) return fail(ErrorCode::kTooLarge, "nested too deeply");
  if (value.is_string()) return make_string(value.as_string());
  if (value.is_array()) {
    auto array = make_array(value.size());
    if (!array) return array;
    for (const Node& item : value.items()) {
      auto copied = copy_at(item, depth + 1);
      if (!copied) return copied;
      if (auto added = append(*array, *copied); !added) return fail(added.error());
    }
    return array;
  }
  if (!value.is_object()) return value;
  auto object = make_object();
  if (!object) return object;
  for (const Member& member : value.members()) {
    auto copied = copy_at(member.value, depth + 1);
    if (!copied) return copied;
    auto key = copy_text(member.key);
    if (!key) return fail(key.error());
    if (auto added = append_member(*object, *key, *copied); !added) return fail(added.error());
  }
  return object;
}

}  // namespace troupe::schema
