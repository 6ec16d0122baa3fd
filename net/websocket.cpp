#include "net/websocket.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace troupe::net::websocket {

namespace {

constexpr std::size_t kMaxControl = 125;
constexpr std::size_t kMaxProtocols = 64;
constexpr std::uint16_t kNoCode = 1005;
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455, 1.3

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty() && out.size() < kMaxProtocols) {
    const std::size_t comma = text.find(',');
    const std::string_view one = trim(text.substr(0, comma));
    if (!one.empty()) out.emplace_back(one);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return out;
}

bool names(std::string_view list, std::string_view wanted) {
  const auto all = list_of(list);
  return std::any_of(all.begin(), all.end(), [&](const auto& one) { return equals_ignoring_case(one, wanted); });
}

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string out((size + 2) / 3 * 4 + 1, '\0');
  const int written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes, static_cast<int>(size));
  out.resize(static_cast<std::size_t>(written));
  return out;
}

}  // namespace

bool is_upgrade(const HttpRequest& request) {
  return names(request.headers.joined("connection"), "upgrade") &&
         names(request.headers.joined("upgrade"), "websocket");
}

std::vector<std::string> offered_protocols(const HttpRequest& request) {
  return list_of(request.headers.joined("sec-websocket-protocol"));
}

Result<HttpResponse> handshake(const HttpRequest& request, std::string_view protocol) {
  const std::string* key = request.headers.find("sec-websocket-key");
  const std::string* version = request.headers.find("sec-websocket-version");
  if (request.method != "GET") return fail(ErrorCode::kInvalidArgument, "a WebSocket is opened with GET");
  if (version == nullptr || *version != "13")
    return fail(ErrorCode::kInvalidArgument, "Sec-WebSocket-Version is not 13");
  if (key == nullptr || key->size() != 24) return fail(ErrorCode::kInvalidArgument, "Sec-WebSocket-Key is missing");
  const std::string text = *key + std::string(kGuid);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr) != 1) {
    return fail(ErrorCode::kInternal, "SHA-1 is not available");
  }
  HttpResponse response;
  response.status = 101;
  response.headers.add("Connection", "Upgrade");
  response.headers.add("Upgrade", "websocket");
  response.headers.add("Sec-WebSocket-Accept", base64(digest, size));
  if (!protocol.empty()) response.headers.add("Sec-WebSocket-Protocol", std::string(protocol));
  return response;
}

std::string frame(Opcode opcode, std::string_view first, std::string_view rest) {
  const std::uint64_t size = first.size() + rest.size();
  std::string out;
  out.reserve(size + 10);
  out.push_back(static_cast<char>(0x80U | static_cast<unsigned>(opcode)));
  int more = 0;
  if (size <= kMaxControl) {
    out.push_back(static_cast<char>(size));
  } else {
    more = size <= 0xFFFF ? 2 : 8;
    out.push_back(more == 2 ? 126 : 127);
  }
  for (int i = more - 1; i >= 0; --i) out.push_back(static_cast<char>((size >> (8 * i)) & 0xFFU));
  return out.append(first).append(rest);
}

std::string close_frame(std::uint16_t code, std::string_view reason) {
  const char bytes[2] = {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  return frame(Opcode::kClose, std::string_view(bytes, 2), reason.substr(0, kMaxControl - 2));
}

bool Reader::refuse(std::uint16_t code, std::string text) {
  fault_code_ = code;
  fault_ = std::move(text);
  ended_ = true;
  return false;
}

bool Reader::read_head() {
  const auto byte = [this](std::size_t at) { return static_cast<unsigned char>(head_[at]); };
  if (head_.size() < 2) return false;
  const unsigned first = byte(0);
  const unsigned second = byte(1);
  const unsigned short_size = second & 0x7FU;
  const std::size_t more = short_size == 126 ? 2 : short_size == 127 ? 8 : 0;
  const bool control = (first & 0x08U) != 0;
  const unsigned opcode = first & 0x0FU;
  if ((first & 0x70U) != 0) return refuse(kProtocolError, "a reserved bit is set");
  if ((second & 0x80U) == 0) return refuse(kProtocolError, "a client's frame is not masked");
  if (opcode > 10 || (opcode > 2 && opcode < 8)) return refuse(kProtocolError, "an unknown kind of frame");
  if (control && ((first & 0x80U) == 0 || short_size > kMaxControl)) {
    return refuse(kProtocolError, "a control frame in pieces or over 125 bytes");
  }
  if (head_.size() < 2 + more + 4) return false;
  left_ = more == 0 ? short_size : 0;
  for (std::size_t i = 0; i < more; ++i) left_ = left_ << 8U | byte(2 + i);
  opcode_ = static_cast<Opcode>(opcode);
  final_ = (first & 0x80U) != 0;
  if (!control) {
    if ((opcode_ == Opcode::kContinuation) != in_message_) {
      return refuse(kProtocolError, "the pieces of messages are mixed up");
    }
    if (left_ > max_message_ - std::min(max_message_, message_.size())) {
      return refuse(kMessageTooBig, "a message of more than " + std::to_string(max_message_) + " bytes");
    }
    in_message_ = true;
  }
  std::copy_n(head_.data() + 2 + more, 4, mask_);
  mask_at_ = 0;
  head_.clear();
  return true;
}

bool Reader::end_frame(const Events& events) {
  in_body_ = false;
  if (opcode_ == Opcode::kPing) {
    if (events.ping) events.ping(control_);
  } else if (opcode_ == Opcode::kPong) {
    if (events.pong) events.pong(control_);
  } else if (opcode_ == Opcode::kClose) {
    ended_ = true;
    if (control_.size() == 1) return refuse(kProtocolError, "a close with half a code");
    const auto byte = [this](std::size_t at) { return static_cast<unsigned char>(control_[at]); };
    const unsigned code = control_.empty() ? kNoCode : static_cast<unsigned>(byte(0) << 8U | byte(1));
    if (events.close) events.close(static_cast<std::uint16_t>(code));
  } else if (final_) {
    in_message_ = false;
    if (events.message) events.message(message_);
    message_.clear();
    if (message_.capacity() > 64 * 1024) message_.shrink_to_fit();
  }
  control_.clear();
  return true;
}

bool Reader::feed(std::string_view bytes, const Events& events) {
  while (!ended_) {
    if (!in_body_) {
      while (!bytes.empty() && !in_body_ && !ended_) {
        head_.push_back(bytes.front());
        bytes.remove_prefix(1);
        in_body_ = read_head();
      }
      if (ended_) break;
      if (!in_body_) return true;
    }
    const bool control = static_cast<unsigned>(opcode_) >= 8;
    std::string& into = control ? control_ : message_;
    const std::size_t here = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    const std::size_t from = into.size();
    into.append(bytes.substr(0, here));
    for (std::size_t i = from; i < into.size(); ++i) {
      into[i] =
          static_cast<char>(static_cast<unsigned char>(into[i]) ^ static_cast<unsigned char>(mask_[mask_at_++ & 3U]));
    }
    bytes.remove_prefix(here);
    left_ -= here;
    if (left_ > 0) return true;
    if (!end_frame(events)) break;
  }
  return fault_code_ == 0;
}

}  // namespace troupe::net::websocket
