#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cmath>
#include <istream>
#include <map>
#include <streambuf>
#include <vector>

#include "schema/codec/json_text.hpp"
#include "schema/codec/yaml.hpp"
#include "schema/codec/yaml_scalar.hpp"

namespace troupe::schema {

namespace {

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

/// Reads a text in place.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

/// Ends yaml-cpp's parsing from inside a handler, which has no other way to stop it; never leaves this file.
struct Stop {
  Error error;
};

[[noreturn]] void stop(ErrorCode code, const YAML::Mark& mark, const std::string& reason) {
  throw Stop{Error(
      code, "line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1) + ": " + reason)};
}

/// yaml-cpp reads \N and \_ as one byte each instead of as U+0085 and U+00A0; other escapes it reads right.
std::string with_whole_escapes(std::string_view text) {
  std::string whole;
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
    if (text[0] == '\x85' || text[0] == '\xa0') whole += '\xc2';
    whole.append(text.substr(0, length));
    text.remove_prefix(length);
  }
  return whole;
}

template <class T>
T value_or_stop(Result<T> result, const YAML::Mark& mark) {
  if (!result) stop(result.error().code, mark, result.error().message);
  return *result;
}

/// yaml-cpp's events → Document.
class TreeMaker : public YAML::EventHandler {
 public:
  /// `utf8`: the text as a whole is that.
  TreeMaker(Document& out, Diagnostics& diagnostics, bool utf8) : out_(out), diagnostics_(diagnostics), utf8_(utf8) {}

  std::size_t line() const { return line_; }

  const YAML::Mark& start() const { return start_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    line_ = static_cast<std::size_t>(mark.line) + 1;
    start_ = mark;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (wants_key()) stop(ErrorCode::kInvalidArgument, mark, "null as a key is not supported");
    add(mark, anchor, Node());
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, anchor, value_or_stop(out_.make_array(), mark));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, anchor, value_or_stop(out_.make_object(), mark));
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    YAML::Mark mark;
    YAML::anchor_t anchor = 0;
    std::string_view key;
    bool has_key = false;
    bool is_merge = false;                 // the key is a plain <<
    std::vector<std::string_view> merged;  // keys that came by a merge and may be set again
    std::size_t nodes_before = 0;
  };
  struct Anchor {
    Node node;
    std::size_t nodes = 0;
  };

  bool wants_key() const { return !stack_.empty() && stack_.back().node.is_object() && !stack_.back().has_key; }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, const Node& node) {
    if (wants_key()) stop(ErrorCode::kInvalidArgument, mark, "a list or map as a key is not supported");
    if (stack_.size() >= out_.limits().max_depth) {
      stop(ErrorCode::kTooLarge, mark, "nested deeper than " + std::to_string(out_.limits().max_depth) + " levels");
    }
    Frame frame;
    frame.node = node;
    frame.mark = mark;
    frame.anchor = anchor;
    frame.nodes_before = out_.node_count();
    stack_.push_back(std::move(frame));
  }

  void close() {
    const Frame frame = std::move(stack_.back());
    stack_.pop_back();
    add(frame.mark, frame.anchor, frame.node, out_.node_count() - frame.nodes_before + 1);
  }

  void add(const YAML::Mark& mark, YAML::anchor_t anchor, const Node& node, std::size_t nodes = 1) {
    if (anchor != 0) anchors_[anchor] = {node, nodes};
    if (stack_.empty()) {
      out_.root() = node;
      return;
    }
    Frame& top = stack_.back();
    if (top.node.is_array()) {
      value_or_stop(out_.append(top.node, node), mark);
      return;
    }
    top.has_key = false;
    if (top.is_merge) return merge(mark, node);
    set(mark, top, top.key, node);
  }

  void set(const YAML::Mark& mark, Frame& top, std::string_view key, const Node& node) {
    Node* found = top.node.find(key);
    if (found == nullptr) {
      value_or_stop(out_.append_member(top.node, key, node), mark);
      return;
    }
    const auto merged = std::find(top.merged.begin(), top.merged.end(), key);
    if (merged == top.merged.end()) {
      duplicate(key);
    } else {
      top.merged.erase(merged);
    }
    *found = node;
  }

  void duplicate(std::string_view key) {
    std::vector<PathStep> steps(stack_.size());
    for (std::size_t i = 0; i + 1 < stack_.size(); ++i) {
      const PathStep* parent = i == 0 ? nullptr : &steps[i - 1];
      const Frame& frame = stack_[i];
      steps[i] = frame.node.is_array() ? PathStep(parent, frame.node.size()) : PathStep(parent, frame.key);
    }
    diagnostics_.duplicate_field(stack_.size() > 1 ? &steps[stack_.size() - 2] : nullptr, key);
  }

  /// `<<: *base` or a list of maps, of which the earlier ones win.
  void merge(const YAML::Mark& mark, const Node& node) {
    stack_.back().is_merge = false;
    if (node.is_object()) return merge_map(mark, node);
    if (!node.is_array()) stop(ErrorCode::kInvalidArgument, mark, "a merge key needs a map or a list of maps");
    for (std::size_t i = node.size(); i-- > 0;) {
      const Node& item = node.items()[i];
      if (!item.is_object()) stop(ErrorCode::kInvalidArgument, mark, "a merge key needs a map or a list of maps");
      merge_map(mark, item);
    }
  }

  void merge_map(const YAML::Mark& mark, const Node& map) {
    Frame& top = stack_.back();
    for (const Member& member : map.members()) {
      if (Node* found = top.node.find(member.key); found != nullptr) {
        *found = member.value;
      } else {
        value_or_stop(out_.append_member(top.node, member.key, member.value), mark);
      }
      top.merged.push_back(member.key);
    }
  }

  Node resolve(const YAML::Mark& mark, const std::string& tag, const std::string& text);
  Node typed(const YAML::Mark& mark, std::string_view tag, const std::string& text, const YamlScalar& scalar);
  Node to_node(const YAML::Mark& mark, const YamlScalar& scalar, const std::string& text);
  void set_key(const YAML::Mark& mark, const std::string& tag, const std::string& text);

  Document& out_;
  Diagnostics& diagnostics_;
  bool utf8_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, Anchor> anchors_;
  std::size_t alias_nodes_ = 0;
  std::size_t line_ = 1;
  YAML::Mark start_;
};

void TreeMaker::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) stop(ErrorCode::kInvalidArgument, mark, "an anchor contains itself");
  alias_nodes_ += found->second.nodes;
  if (alias_nodes_ > out_.limits().max_alias_nodes) {
    stop(ErrorCode::kTooLarge, mark,
         "aliases add more than " + std::to_string(out_.limits().max_alias_nodes) + " values");
  }
  if (wants_key()) {
    const Node& node = found->second.node;
    if (!node.is_string()) stop(ErrorCode::kInvalidArgument, mark, "an alias as a key must be a string");
    stack_.back().key = node.as_string();
    stack_.back().has_key = true;
    return;
  }
  add(mark, 0, value_or_stop(out_.copy(found->second.node), mark), found->second.nodes);
}

void TreeMaker::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         const std::string& read) {
  const std::string mended = !utf8_ || is_utf8(read) ? std::string() : with_whole_escapes(read);
  const std::string& value = mended.empty() ? read : mended;
  if (!is_utf8(value)) stop(ErrorCode::kInvalidArgument, mark, "the text is no UTF-8");
  if (!wants_key()) return add(mark, anchor, resolve(mark, tag, value));
  if (anchor != 0) anchors_[anchor] = {value_or_stop(out_.make_string(value), mark), 1};
  set_key(mark, tag, value);
}

/// Keys are strings in JSON: numbers and booleans become their text.
void TreeMaker::set_key(const YAML::Mark& mark, const std::string& tag, const std::string& text) {
  Frame& top = stack_.back();
  top.has_key = true;
  if (text == "<<" && (tag == "?" || tag == std::string(kTagPrefix) + "merge")) {
    top.is_merge = true;
    return;
  }
  const Node node = resolve(mark, tag, text);
  std::string key = text;
  if (node.is_null()) stop(ErrorCode::kInvalidArgument, mark, "null as a key is not supported");
  if (node.kind() == Node::Kind::kBool) key = node.as_bool() ? "true" : "false";
  if (node.is_int()) key = std::to_string(node.as_int());
  if (node.kind() == Node::Kind::kDouble) key = yaml_float_text(node.as_double(), true);
  if (node.is_string()) key = node.as_string();
  top.key = value_or_stop(out_.copy_text(key), mark);
}

Node TreeMaker::resolve(const YAML::Mark& mark, const std::string& tag, const std::string& text) {
  if (tag == "?") return to_node(mark, resolve_yaml_scalar(text), text);
  const std::string_view name = tag;
  if (name.substr(0, kTagPrefix.size()) != kTagPrefix) return value_or_stop(out_.make_string(text), mark);
  return typed(mark, name.substr(kTagPrefix.size()), text, resolve_yaml_scalar(text));
}

/// `!!int "7"`: the tag must fit what the text says.
Node TreeMaker::typed(const YAML::Mark& mark, std::string_view tag, const std::string& text, const YamlScalar& scalar) {
  using Kind = YamlScalar::Kind;
  if (tag == "binary") {
    const auto bytes = decode_base64(text);
    if (!bytes || !is_utf8(*bytes)) stop(ErrorCode::kInvalidArgument, mark, "!!binary needs base64 of UTF-8 text");
    return value_or_stop(out_.make_string(*bytes), mark);
  }
  const bool fits = (tag == "int" && scalar.kind == Kind::kInt) || (tag == "bool" && scalar.kind == Kind::kBool) ||
                    (tag == "null" && scalar.kind == Kind::kNull) ||
                    (tag == "float" && (scalar.kind == Kind::kFloat || scalar.kind == Kind::kInt));
  if (fits) return to_node(mark, scalar, text);
  if (tag == "int" || tag == "bool" || tag == "null" || tag == "float") {
    stop(ErrorCode::kInvalidArgument, mark, "cannot read \"" + text.substr(0, 64) + "\" as !!" + std::string(tag));
  }
  return value_or_stop(out_.make_string(text), mark);
}

Node TreeMaker::to_node(const YAML::Mark& mark, const YamlScalar& scalar, const std::string& text) {
  switch (scalar.kind) {
    case YamlScalar::Kind::kNull:
      return {};
    case YamlScalar::Kind::kBool:
      return Node(scalar.boolean);
    case YamlScalar::Kind::kInt:
      return scalar.beyond_int64 ? Node(scalar.number) : Node(scalar.integer);
    case YamlScalar::Kind::kFloat: {
      if (!std::isfinite(scalar.number)) stop(ErrorCode::kInvalidArgument, mark, "JSON has no " + text);
      // A number without a fraction is an integer once it is JSON.
      constexpr double kExact = 9007199254740992.0;
      const bool whole = scalar.number == std::trunc(scalar.number) && std::fabs(scalar.number) < kExact &&
                         (scalar.number != 0 || !std::signbit(scalar.number));
      return whole ? Node(static_cast<std::int64_t>(scalar.number)) : Node(scalar.number);
    }
    case YamlScalar::Kind::kTimestamp:
    case YamlScalar::Kind::kString:
      break;
  }
  return value_or_stop(out_.make_string(text), mark);
}

}  // namespace

struct YamlReader::Impl {
  Impl(std::string_view text, const Limits& l)
      : limits(l), buffer(text), stream(&buffer), too_large(text.size() > l.max_bytes), utf8(is_utf8(text)) {}

  Limits limits;
  ViewBuffer buffer;
  std::istream stream;
  std::unique_ptr<YAML::Parser> parser;
  std::size_t line = 1;
  int last_start = -1;
  bool too_large;
  bool utf8;
  bool ended = false;
};

YamlReader::YamlReader(std::string_view text, const Limits& limits) : impl_(std::make_unique<Impl>(text, limits)) {}
YamlReader::YamlReader(YamlReader&&) noexcept = default;
YamlReader& YamlReader::operator=(YamlReader&&) noexcept = default;
YamlReader::~YamlReader() = default;

std::size_t YamlReader::line() const { return impl_->line; }

Result<bool> YamlReader::next(Document& out, Diagnostics& diagnostics) {
  if (impl_->ended) return false;
  if (impl_->too_large) {
    return fail(ErrorCode::kTooLarge,
                "the YAML text has more than " + std::to_string(impl_->limits.max_bytes) + " bytes");
  }
  try {
    if (!impl_->parser) impl_->parser = std::make_unique<YAML::Parser>(impl_->stream);
    for (;;) {
      out.clear();
      TreeMaker maker(out, diagnostics, impl_->utf8);
      if (!impl_->parser->HandleNextDocument(maker)) break;
      impl_->line = maker.line();
      // Before a stray , ] or } yaml-cpp finds one empty document after the other, for ever.
      const YAML::Mark start = maker.start();
      if (start.pos == impl_->last_start) stop(ErrorCode::kInvalidArgument, start, "this starts no value");
      impl_->last_start = start.pos;
      if (!out.root().is_null()) {
        const Status status = diagnostics.status();
        if (!status) return fail(status.error());
        return true;
      }
    }
    impl_->ended = true;
    return false;
  } catch (const Stop& reason) {
    impl_->ended = true;
    return fail(reason.error);
  } catch (const YAML::Exception& reason) {
    impl_->ended = true;
    return fail(ErrorCode::kInvalidArgument, "line " + std::to_string(reason.mark.line + 1) + ", column " +
                                                 std::to_string(reason.mark.column + 1) + ": " + reason.msg);
  } catch (const std::exception& reason) {  // yaml-cpp lets a few of the standard library's escape
    impl_->ended = true;
    return fail(ErrorCode::kInvalidArgument, std::string("malformed YAML: ") + reason.what());
  }
}

}  // namespace troupe::schema
