#include "schema/codec/json.hpp"
#include "schema/codec/json_text.hpp"

namespace troupe::schema {

namespace {

class Writer {
 public:
  Writer(ByteBuffer& out, bool pretty) : out_(out), pretty_(pretty) {}

  void write(const Node& node, std::size_t depth) {
    switch (node.kind()) {
      case Node::Kind::kNull:
        return out_.append("null");
      case Node::Kind::kBool:
        return out_.append(node.as_bool() ? "true" : "false");
      case Node::Kind::kInt:
        return append_int(out_, node.as_int());
      case Node::Kind::kDouble:
        return append_json_double(out_, node.as_double());
      case Node::Kind::kString:
        return append_json_string(out_, node.as_string());
      case Node::Kind::kArray:
        return array(node, depth);
      case Node::Kind::kObject:
        return object(node, depth);
    }
  }

 private:
  void line(std::size_t depth) {
    if (!pretty_) return;
    out_.push('\n');
    for (std::size_t i = 0; i < depth; ++i) out_.append("    ");
  }

  void array(const Node& node, std::size_t depth) {
    out_.push('[');
    bool first = true;
    for (const Node& item : node.items()) {
      if (!first) out_.push(',');
      first = false;
      line(depth + 1);
      write(item, depth + 1);
    }
    if (!first) line(depth);
    out_.push(']');
  }

  void object(const Node& node, std::size_t depth) {
    out_.push('{');
    bool first = true;
    for (const Member& member : node.members()) {
      if (!first) out_.push(',');
      first = false;
      line(depth + 1);
      append_json_string(out_, member.key);
      out_.append(pretty_ ? ": " : ":");
      write(member.value, depth + 1);
    }
    if (!first) line(depth);
    out_.push('}');
  }

  ByteBuffer& out_;
  bool pretty_;
};

}  // namespace

void encode_json(const Node& node, ByteBuffer& out) { Writer(out, false).write(node, 0); }
void encode_pretty_json(const Node& node, ByteBuffer& out) { Writer(out, true).write(node, 0); }

}  // namespace troupe::schema
