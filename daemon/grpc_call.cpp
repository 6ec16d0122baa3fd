#include "daemon/grpc_call.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>
#include <vector>

namespace troupe::daemon {
namespace {

constexpr std::size_t kMostBody = 16 * 1024;
constexpr std::size_t kMostBytes = 256 * 1024;
constexpr std::size_t kMostMessage = 1024;
constexpr std::size_t kFrameHead = 5;  // compressed or not, and the length

constexpr std::uint32_t kUnknown = 2;
constexpr std::uint32_t kPermissionDenied = 7;
constexpr std::uint32_t kResourceExhausted = 8;
constexpr std::uint32_t kUnimplemented = 12;
constexpr std::uint32_t kInternal = 13;
constexpr std::uint32_t kUnavailable = 14;
constexpr std::uint32_t kUnauthenticated = 16;

/// A protobuf varint at the text's start, which is removed; nothing when it is none.
std::optional<std::uint64_t> take_varint(std::string_view& text) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !text.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  return std::nullopt;
}

void put_varint(std::uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7U) out += static_cast<char>((value & 0x7FU) | 0x80U);
  out += static_cast<char>(value);
}

bool skip_field(std::uint64_t wire_type, std::string_view& text) {
  std::optional<std::uint64_t> size;
  if (wire_type == 0) return take_varint(text).has_value();
  if (wire_type == 1) size = 8;
  if (wire_type == 2) size = take_varint(text);
  if (wire_type == 5) size = 4;
  if (!size || *size > text.size()) return false;
  text.remove_prefix(static_cast<std::size_t>(*size));
  return true;
}

/// HealthCheckResponse{status = 1}; nothing when it is malformed.
std::optional<std::int64_t> read_serving(std::string_view message) {
  std::int64_t serving = 0;
  while (!message.empty()) {
    const auto tag = take_varint(message);
    if (!tag) return std::nullopt;
    if (*tag == (1U << 3U)) {
      const auto value = take_varint(message);
      if (!value) return std::nullopt;
      serving = static_cast<std::int32_t>(*value);
    } else if (!skip_field(*tag & 7U, message)) {
      return std::nullopt;
    }
  }
  return serving;
}

/// HealthCheckRequest{service = 1} in gRPC's frame.
std::string request_body(const std::string& service) {
  std::string message;
  if (!service.empty()) {
    message += '\x0A';
    put_varint(service.size(), message);
    message += service;
  }
  std::string out(1, '\0');
  const auto size = static_cast<std::uint32_t>(message.size());
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((size >> static_cast<unsigned>(shift)) & 0xFFU);
  return out + message;
}

/// "%20" and the like; what is no such escape stays as it is.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size() && out.size() < kMostMessage; ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const auto [end, error] = std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
      if (error == std::errc() && end == text.data() + i + 3) {
        out += static_cast<char>(value);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

/// What an HTTP status without a gRPC one stands for.
std::uint32_t code_of_http(int status) {
  switch (status) {
    case 400:
      return kInternal;
    case 401:
      return kUnauthenticated;
    case 403:
      return kPermissionDenied;
    case 404:
      return kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return kUnavailable;
    default:
      return kUnknown;
  }
}

std::string_view view(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

struct GrpcCall::State {
  nghttp2_session* session = nullptr;
  std::string request;
  std::size_t request_sent = 0;
  std::int32_t stream = -1;
  bool settings_seen = false;
  std::string output;
  std::size_t received = 0;
  int http_status = 0;
  bool grpc_content = false;
  std::string content_type;
  std::optional<std::uint32_t> code;
  std::string message;
  std::string body;
  bool too_large = false;
  std::optional<pod::GrpcAnswer> answer;

  ~State() { nghttp2_session_del(session); }

  void finish(pod::GrpcAnswer::Kind kind, std::uint32_t status, std::string words, std::int64_t serving = 0) {
    if (answer) return;
    if (words.size() > kMostMessage) words.resize(kMostMessage);
    answer = pod::GrpcAnswer{kind, status, std::move(words), serving};
  }
  void reply(std::uint32_t status, std::string words, std::int64_t serving = 0) {
    finish(pod::GrpcAnswer::Kind::kReplied, status, std::move(words), serving);
  }

  void header(std::string_view name, std::string_view value) {
    std::uint32_t number = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool whole = read.ec == std::errc() && read.ptr == value.data() + value.size();
    if (name == ":status" && whole) http_status = static_cast<int>(number);
    if (name == "content-type") {
      content_type = value.substr(0, kMostMessage);
      grpc_content = value == "application/grpc" || value.starts_with("application/grpc+") ||
                     value.starts_with("application/grpc;");
    }
    if (name == "grpc-status") code = whole ? number : kUnknown;
    if (name == "grpc-message") message = percent_decoded(value);
  }

  /// The server has ended the stream.
  void ended(std::uint32_t error) {
    if (!settings_seen) {  // nghttp2 gives up what is no HTTP/2
      return finish(pod::GrpcAnswer::Kind::kNotConnected, 0, "error reading server preface: the server broke HTTP/2");
    }
    if (too_large) return reply(kResourceExhausted, "grpc: received message larger than max");
    if (!grpc_content && http_status != 0) {
      std::string words = "unexpected HTTP status code received from server: " + std::to_string(http_status);
      if (!content_type.empty()) words += "; transport: received unexpected content-type \"" + content_type + "\"";
      return reply(code_of_http(http_status), std::move(words));
    }
    if (error != NGHTTP2_NO_ERROR && !code) {
      const std::string name = nghttp2_http2_strerror(error);
      return reply(error == NGHTTP2_REFUSED_STREAM ? kUnavailable : kInternal,
                   "stream terminated by RST_STREAM with error code: " + name);
    }
    if (!code) return reply(kInternal, "server closed the stream without sending trailers");
    if (*code != 0) return reply(*code, message);
    parse_body();
  }

  void parse_body() {
    if (body.size() < kFrameHead) return reply(kInternal, "received no response message from the server");
    std::uint32_t size = 0;
    for (std::size_t i = 1; i < kFrameHead; ++i) size = (size << 8U) | static_cast<unsigned char>(body[i]);
    if (body[0] != 0) return reply(kInternal, "grpc: compressed flag set with identity or empty encoding");
    if (size != body.size() - kFrameHead) return reply(kInternal, "unexpected EOF");
    const auto serving = read_serving(std::string_view(body).substr(kFrameHead));
    if (!serving) return reply(kInternal, "grpc: failed to unmarshal the received message");
    reply(0, "", *serving);
  }

  // nghttp2's callbacks.

  static ssize_t read_request(nghttp2_session*, std::int32_t, std::uint8_t* buffer, std::size_t room,
                              std::uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& self = *static_cast<State*>(source->ptr);
    const std::size_t size = std::min(room, self.request.size() - self.request_sent);
    std::copy_n(self.request.data() + self.request_sent, size, reinterpret_cast<char*>(buffer));
    self.request_sent += size;
    if (self.request_sent == self.request.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<State*>(user);
    if (frame->hd.type == NGHTTP2_SETTINGS && (frame->hd.flags & NGHTTP2_FLAG_ACK) == 0) self.settings_seen = true;
    if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.last_stream_id < self.stream) {
      self.reply(kUnavailable, "closing transport due to: received a GOAWAY");
    }
    return 0;
  }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    auto& self = *static_cast<State*>(user);
    if (frame->hd.stream_id == self.stream) self.header(view(name, name_size), view(value, value_size));
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* data, std::size_t size,
                     void* user) {
    auto& self = *static_cast<State*>(user);
    if (stream != self.stream) return 0;
    self.too_large |= self.body.size() + size > kMostBody;
    if (!self.too_large) self.body.append(view(data, size));
    return 0;
  }
  static int on_close(nghttp2_session*, std::int32_t stream, std::uint32_t error, void* user) {
    auto& self = *static_cast<State*>(user);
    if (stream == self.stream) self.ended(error);
    return 0;
  }

  void open(const pod::GrpcCheck& check);

  void collect() {
    while (session != nullptr) {
      const std::uint8_t* data = nullptr;
      const ssize_t size = nghttp2_session_mem_send(session, &data);
      if (size <= 0) return;
      output.append(view(data, static_cast<std::size_t>(size)));
    }
  }
};

void GrpcCall::State::open(const pod::GrpcCheck& check) {
  request = request_body(check.service);
  nghttp2_session_callbacks* callbacks = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0)
    return finish(pod::GrpcAnswer::Kind::kNotConnected, 0, "no memory");
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
  const int made = nghttp2_session_client_new(&session, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  if (made != 0) return finish(pod::GrpcAnswer::Kind::kNotConnected, 0, nghttp2_strerror(made));
  const std::array<nghttp2_settings_entry, 2> settings = {
      {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}, {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kMostBody}}};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  const std::string authority = (check.host.find(':') != std::string::npos ? "[" + check.host + "]" : check.host) +
                                ":" + std::to_string(check.port);
  const std::array<std::pair<std::string_view, std::string_view>, 7> headers = {
      {{":method", "POST"},
       {":scheme", "http"},
       {":path", "/grpc.health.v1.Health/Check"},
       {":authority", authority},
       {"content-type", "application/grpc"},
       {"user-agent", "kube-probe/1.36"},
       {"te", "trailers"}}};
  std::vector<nghttp2_nv> fields;
  fields.reserve(headers.size());
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(
        const_cast<char*>(text.data()));  // NOLINT: nghttp2 copies and changes nothing
  };
  for (const auto& [name, value] : headers) {
    fields.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  nghttp2_data_provider body_source{};
  body_source.source.ptr = this;
  body_source.read_callback = read_request;
  stream = nghttp2_submit_request(session, nullptr, fields.data(), fields.size(), &body_source, nullptr);
  if (stream < 0) finish(pod::GrpcAnswer::Kind::kNotConnected, 0, nghttp2_strerror(stream));
}

GrpcCall::GrpcCall(const pod::GrpcCheck& check) : state_(std::make_unique<State>()) { state_->open(check); }

GrpcCall::~GrpcCall() = default;

std::string GrpcCall::take_output() {
  state_->collect();
  return std::exchange(state_->output, {});
}

void GrpcCall::receive(std::string_view bytes) {
  if (state_->answer || state_->session == nullptr) return;
  state_->received += bytes.size();
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const ssize_t taken = nghttp2_session_mem_recv(state_->session, data, bytes.size());
  if (state_->answer) return;
  if (taken < 0) return closed(nghttp2_strerror(static_cast<int>(taken)));
  state_->collect();  // a session that gives up wants to read no more once its last words are written
  if (nghttp2_session_want_read(state_->session) == 0) return closed("the server broke HTTP/2");
  if (state_->received > kMostBytes) closed("the server sent too much");
}

void GrpcCall::closed(const std::string& why) {
  if (state_->settings_seen) return state_->reply(kUnavailable, "error reading from server: " + why);
  state_->finish(pod::GrpcAnswer::Kind::kNotConnected, 0, "error reading server preface: " + why);
}

bool GrpcCall::connected() const { return state_->settings_seen; }

const std::optional<pod::GrpcAnswer>& GrpcCall::answer() const { return state_->answer; }

}  // namespace troupe::daemon
