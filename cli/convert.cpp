#include "cli/convert.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <istream>
#include <iterator>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "schema/codec/frame.hpp"
#include "schema/codec/json.hpp"
#include "schema/codec/protobuf.hpp"
#include "schema/codec/yaml.hpp"

namespace troupe::cli {

namespace {

using schema::BackBuffer;
using schema::ByteBuffer;
using schema::Diagnostics;
using schema::Document;
using schema::Finding;
using schema::Frame;
using schema::Limits;
using schema::StoredBuilder;
using schema::Strictness;
using schema::StructView;
using schema::Type;
using schema::TypeMeta;
using schema::TypeTable;

constexpr std::size_t kMaxInput = 1UL << 30;

Limits limits() {
  Limits all;
  all.max_bytes = 256UL << 20;
  return all;
}

class Converter {
 public:
  Converter(const ConvertOptions& options, const TypeTable& table, std::ostream& out, std::ostream& err)
      : options_(options),
        table_(table),
        out_(out),
        err_(err),
        json_(limits()),
        stored_(limits().max_bytes),
        document_(limits()) {}

  int run(std::string_view input) {
    if (schema::is_framed(input)) {
      frames(input);
    } else if (schema::is_enveloped(input)) {
      begin();
      finish(envelope(input));
    } else if (input.size() > 8 && schema::is_enveloped(input.substr(4))) {
      envelopes(input);
    } else if (const std::size_t at = input.find_first_not_of(" \t\r\n"); at != input.npos && input[at] == '{') {
      json(input);
    } else {
      yaml(input);
    }
    flush_protobuf();
    return failed_ ? 1 : 0;
  }

 private:
  // Input, one document after the other.

  void json(std::string_view input) {
    while (const auto text = schema::next_json(input)) {
      begin();
      finish(json_document(*text));
    }
  }

  Status json_document(std::string_view text) {
    auto meta = json_.type_meta(text);
    if (!meta) return fail(meta.error());
    meta_ = *meta;
    type_ = schema::find_type(table_, meta_.api_version, meta_.kind);
    if (type_ != nullptr) return json_.decode(text, *type_, stored_, diagnostics_);
    return json_.parse(text, document_, diagnostics_);
  }

  void yaml(std::string_view input) {
    schema::YamlReader reader(input, limits());
    for (;;) {
      begin();
      const auto more = reader.next(document_, diagnostics_);
      if (more && !*more) {
        --number_;
        return;
      }
      finish(more ? yaml_document() : fail(more.error()));
    }
  }

  Status yaml_document() {
    if (!document_.root().is_object()) return fail(ErrorCode::kInvalidArgument, "the document is no object");
    meta_ = schema::type_meta(document_.root());
    type_ = schema::find_type(table_, meta_.api_version, meta_.kind);
    return type_ == nullptr ? Status() : decode_node(document_.root(), *type_, limits(), stored_, diagnostics_);
  }

  void envelopes(std::string_view input) {
    while (!input.empty()) {
      begin();
      std::size_t length = 0;
      for (std::size_t i = 0; i < 4 && i < input.size(); ++i)
        length = length << 8U | static_cast<unsigned char>(input[i]);
      if (input.size() < 4 || length > input.size() - 4) {
        finish(fail(ErrorCode::kInvalidArgument, "the message is cut off"));
        return;
      }
      finish(envelope(input.substr(4, length)));
      input.remove_prefix(4 + length);
    }
  }

  Status envelope(std::string_view bytes) {
    const auto parts = schema::open_envelope(bytes);
    if (!parts) return fail(parts.error());
    meta_ = {std::string(parts->api_version), std::string(parts->kind)};
    type_ = schema::find_type(table_, meta_.api_version, meta_.kind);
    if (type_ == nullptr) {
      return fail(ErrorCode::kUnsupported, "protobuf of " + meta_.api_version + " " + meta_.kind + " needs its schema");
    }
    return decode_protobuf(parts->raw, *type_, limits(), stored_, diagnostics_);
  }

  void frames(std::string_view input) {
    for (;;) {
      begin();
      const auto frame = schema::next_frame(input);
      if (frame && !frame->has_value()) {
        --number_;
        return;
      }
      finish(frame ? framed(**frame) : fail(frame.error()));
      if (!frame) return;
    }
  }

  Status framed(const Frame& frame) {
    if (frame.form == Frame::Form::kJson) return json_document(frame.payload);
    meta_ = {std::string(frame.api_version), std::string(frame.kind)};
    type_ = schema::find_type(table_, meta_.api_version, meta_.kind);
    if (type_ == nullptr) {
      return fail(ErrorCode::kUnsupported,
                  "Cap'n Proto of " + meta_.api_version + " " + meta_.kind + " needs its schema");
    }
    words_.resize(frame.payload.size() / 8);
    if (!words_.empty()) std::memcpy(words_.data(), frame.payload.data(), words_.size() * 8);
    if (Status checked = schema::check_stored(*type_, words_, limits()); !checked) return checked;
    from_frame_ = true;
    return {};
  }

  // Output.

  StructView object() const { return StructView::root(from_frame_ ? schema::Words(words_) : stored_.words()); }

  void begin() {
    ++number_;
    type_ = nullptr;
    meta_ = {};
    from_frame_ = false;
    diagnostics_ = Diagnostics(options_.strict ? Strictness::kStrict : Strictness::kWarn, limits().max_findings);
  }

  void finish(const Status& decoded) {
    for (const Finding& finding : diagnostics_.findings()) {
      const bool dropped = finding.what != Finding::What::kWrongValue && !options_.strict;
      report(finding.path, dropped ? finding.reason + " (dropped)" : finding.reason);
    }
    Status status = decoded;
    if (status) {
      status = write();
    } else if (diagnostics_.has_errors()) {
      failed_ = true;
      return;
    }
    if (status) return;
    failed_ = true;
    report("", status.error().message);
  }

  void report(std::string_view path, std::string_view reason) {
    err_ << (options_.file == "-" ? "stdin" : options_.file) << ':' << number_ << ": ";
    if (!path.empty()) err_ << path << ": ";
    err_ << reason << '\n';
  }

  Status write() {
    text_.clear();
    switch (options_.output) {
      case ConvertOptions::Output::kProtobuf:
        return write_protobuf();
      case ConvertOptions::Output::kCapnp:
        return write_frame();
      case ConvertOptions::Output::kJson:
      case ConvertOptions::Output::kYaml:
        break;
    }
    if (Status made = make_document(); !made) return made;
    if (options_.output == ConvertOptions::Output::kJson) {
      schema::encode_pretty_json(document_.root(), text_);
      text_.push('\n');
    } else {
      if (written_ > 0) text_.append("---\n");
      schema::encode_yaml(document_.root(), text_);
    }
    emit(text_.view());
    return {};
  }

  schema::EncodeOptions with_kind() const {
    schema::EncodeOptions options;
    options.api_version = meta_.api_version;
    options.kind = meta_.kind;
    options.table = &table_;
    return options;
  }

  /// The object as a document; kinds without a schema are one already.
  Status make_document() {
    if (type_ == nullptr) return {};
    ByteBuffer json;
    schema::encode_json(*type_, object(), with_kind(), json);
    Diagnostics quiet;
    return json_.parse(json.view(), document_, quiet);
  }

  Status write_frame() {
    Frame frame;
    frame.api_version = meta_.api_version;
    frame.kind = meta_.kind;
    ByteBuffer json;
    if (type_ == nullptr) {
      schema::encode_json(document_.root(), json);
      frame.form = Frame::Form::kJson;
      frame.payload = json.view();
    } else {
      const schema::Words words = from_frame_ ? schema::Words(words_) : stored_.words();
      frame.payload = {reinterpret_cast<const char*>(words.data()), words.size_bytes()};
    }
    schema::append_frame(frame, text_);
    emit(text_.view());
    return {};
  }

  /// One message stands alone; several get their lengths, so the first waits for a second.
  Status write_protobuf() {
    if (type_ == nullptr || type_->by_proto.empty()) {
      return fail(ErrorCode::kUnsupported, meta_.api_version + " " + meta_.kind + " has no protobuf form");
    }
    message_.clear();
    schema::encode_enveloped(*type_, object(), with_kind(), message_);
    if (written_ == 0) {
      first_message_ = message_.view();
    } else {
      if (written_ == 1) emit_with_length(first_message_);
      emit_with_length(message_.view());
    }
    ++written_;
    return {};
  }

  void emit_with_length(std::string_view bytes) {
    for (unsigned shift = 32; shift > 0; shift -= 8) out_.put(static_cast<char>(bytes.size() >> (shift - 8) & 0xffU));
    out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  void flush_protobuf() {
    if (options_.output == ConvertOptions::Output::kProtobuf && written_ == 1) out_ << first_message_;
  }

  void emit(std::string_view bytes) {
    out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    ++written_;
  }

  const ConvertOptions& options_;
  const TypeTable& table_;
  std::ostream& out_;
  std::ostream& err_;
  schema::JsonDecoder json_;
  StoredBuilder stored_;
  Document document_;
  Diagnostics diagnostics_;
  TypeMeta meta_;
  const Type* type_ = nullptr;
  std::vector<std::uint64_t> words_;  // of a frame, aligned
  bool from_frame_ = false;
  ByteBuffer text_;
  BackBuffer message_;
  std::string first_message_;
  std::size_t number_ = 0;
  std::size_t written_ = 0;
  bool failed_ = false;
};

/// All of a stream, up to kMaxInput; nothing when it is more.
std::optional<std::string> read_all(std::istream& in) {
  std::string text;
  std::vector<char> block(1 << 16);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxInput) return std::nullopt;
  }
  return text;
}

}  // namespace

int run_convert(const ConvertOptions& options, std::istream& in, std::ostream& out, std::ostream& err) {
  const std::string name = options.file == "-" ? "stdin" : options.file;
  std::ifstream file;
  if (options.file != "-") {
    file.open(options.file, std::ios::binary);
    if (!file) {
      err << name << ": cannot be read: " << std::strerror(errno) << '\n';
      return 1;
    }
  }
  const auto text = read_all(options.file == "-" ? in : file);
  if (!text) {
    err << name << ": more than 1 GiB\n";
    return 1;
  }
  const auto table = TypeTable::built_in();
  if (!table) {
    err << "troupe convert: " << table.error().message << '\n';
    return 1;
  }
  return Converter(options, *table, out, err).run(*text);
}

}  // namespace troupe::cli
