#include "net/spdy.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>

namespace troupe::net::spdy {

namespace {

constexpr std::size_t kHeadBytes = 8;
constexpr std::uint32_t kMaxControl = 64 * 1024;
constexpr std::size_t kMaxHeaders = 256 * 1024;  // of one block, unpacked
constexpr std::uint32_t kMaxFields = 256;
constexpr std::uint32_t kStreamMask = 0x7FFFFFFF;
constexpr unsigned kVersion = 3;
constexpr unsigned kLastFlag = 1;

enum Type : unsigned {
  kSynStream = 1,
  kSynReply = 2,
  kRstStream = 3,
  kSettings = 4,
  kPing = 6,
  kGoAway = 7,
  kHeaders = 8,
  kWindowUpdate = 9
};

void put32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>((value >> shift) & 0xFFU));
}

std::uint32_t get32(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

std::string control_frame(Type type, unsigned flags, std::string_view body) {
  std::string out;
  out.reserve(kHeadBytes + body.size());
  put32(out, 0x80000000U | kVersion << 16U | type);
  put32(out, flags << 24U | static_cast<std::uint32_t>(body.size()));
  return out.append(body);
}

const Bytef* bytes_of(std::string_view text) { return reinterpret_cast<const Bytef*>(text.data()); }

/// Words, each of which stands there behind its length; then plain text.
constexpr std::string_view kWords =
    "options|head|post|put|delete|trace|accept|accept-charset|accept-encoding|accept-language|accept-"
    "ranges|age|allow|authorization|cache-control|connection|content-base|content-encoding|content-la"
    "nguage|content-length|content-location|content-md5|content-range|content-type|date|etag|expect|e"
    "xpires|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|last-modi"
    "fied|location|max-forwards|pragma|proxy-authenticate|proxy-authorization|range|referer|retry-aft"
    "er|server|te|trailer|transfer-encoding|upgrade|user-agent|vary|via|warning|www-authenticate|meth"
    "od|get|status|200 OK|version|HTTP/1.1|url|public|set-cookie|keep-alive|origin";

constexpr std::string_view kText =
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized"
    "403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
    "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,"
    "text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.";

std::string make_dictionary() {
  std::string out;
  std::string_view rest = kWords;
  while (!rest.empty()) {
    const std::size_t size = std::min(rest.find('|'), rest.size());
    put32(out, static_cast<std::uint32_t>(size));
    out.append(rest.substr(0, size));
    rest.remove_prefix(std::min(size + 1, rest.size()));
  }
  return out.append(kText);
}

}  // namespace

const std::string& dictionary() {
  static const std::string kDictionary = make_dictionary();
  return kDictionary;
}

struct Reader::Inflater {
  Inflater() {
    if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// All of `packed`; false when it is no valid continuation or grows over kMaxHeaders.
  bool unpack(std::string_view packed, std::string& out) {
    stream.next_in = const_cast<Bytef*>(bytes_of(packed));
    stream.avail_in = static_cast<uInt>(packed.size());
    char piece[4096];
    while (true) {
      stream.next_out = reinterpret_cast<Bytef*>(piece);
      stream.avail_out = sizeof piece;
      int result = inflate(&stream, Z_SYNC_FLUSH);
      if (result == Z_NEED_DICT) {
        const std::string& words = dictionary();
        result = inflateSetDictionary(&stream, bytes_of(words), static_cast<uInt>(words.size()));
        if (result != Z_OK) return false;
        continue;
      }
      if (result != Z_OK && result != Z_BUF_ERROR) return false;
      out.append(piece, sizeof piece - stream.avail_out);
      if (out.size() > kMaxHeaders) return false;
      if (stream.avail_out != 0) return stream.avail_in == 0;
    }
  }

  z_stream stream{};
};

Reader::Reader() : inflater_(std::make_unique<Inflater>()) {}
Reader::~Reader() = default;

bool Reader::refuse(std::string text) {
  if (fault_.empty()) fault_ = std::move(text);
  return false;
}

bool Reader::read_head() {
  const std::uint32_t first = get32(head_, 0);
  const std::uint32_t second = get32(head_, 4);
  head_.clear();
  is_control_ = (first & 0x80000000U) != 0;
  flags_ = second >> 24U;
  left_ = second & 0xFFFFFFU;
  in_body_ = true;
  if (!is_control_) {
    stream_ = first;
    return stream_ != 0 || refuse("data without a stream");
  }
  type_ = first & 0xFFFFU;
  if ((first >> 16U & 0x7FFFU) != kVersion) return refuse("another version of SPDY");
  if (left_ > kMaxControl) return refuse("a control frame of more than 65536 bytes");
  return true;
}

bool Reader::read_headers(std::string_view block, Headers& out) {
  std::string plain;
  if (!inflater_->unpack(block, plain)) return refuse("a header block that cannot be unpacked");
  const std::string_view all = plain;
  if (all.size() < 4) return refuse("a header block that ends too early");
  const std::uint32_t count = get32(all, 0);
  if (count > kMaxFields) return refuse("more than 256 headers");
  std::size_t at = 4;
  const auto text = [&](std::string_view& into) {
    if (all.size() - at < 4) return false;
    const std::uint32_t size = get32(all, at);
    at += 4;
    if (all.size() - at < size) return false;
    into = all.substr(at, size);
    at += size;
    return true;
  };
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string_view name;
    std::string_view value;
    if (!text(name) || !text(value) || name.empty()) return refuse("a header block that ends too early");
    out.add(std::string(name), std::string(value));
  }
  return true;
}

bool Reader::end_control(const Events& events) {
  const std::string body = std::exchange(control_, {});
  const std::string_view bytes = body;
  const bool last = (flags_ & kLastFlag) != 0;
  const std::size_t least = type_ == kSynStream ? 10 : type_ == kRstStream || type_ == kGoAway ? 8 : 4;
  if (type_ < kSynStream || type_ > kWindowUpdate || type_ == kSettings) return true;  // nothing for us
  if (bytes.size() < least) return refuse("a control frame that is too short");
  const std::uint32_t stream = get32(bytes, 0) & kStreamMask;
  if (type_ == kSynStream) {
    Headers headers;
    if (stream == 0 || stream % 2 == 0) return refuse("a client's stream with an even number");
    if (!read_headers(bytes.substr(10), headers)) return false;
    if (events.opened) events.opened(stream, headers, last);
  } else if (type_ == kSynReply || type_ == kHeaders) {
    Headers ignored;  // unpacked all the same: the next block builds on it
    if (!read_headers(bytes.substr(4), ignored)) return false;
    if (last && events.data) events.data(stream, {}, true);
  } else if (type_ == kRstStream) {
    if (events.reset) events.reset(stream);
  } else if (type_ == kPing) {
    if (events.ping) events.ping(get32(bytes, 0));
  } else if (type_ == kGoAway) {
    if (events.go_away) events.go_away();
  }
  return true;
}

bool Reader::feed(std::string_view bytes, const Events& events) {
  while (fault_.empty()) {
    if (!in_body_) {
      const std::size_t here = std::min(kHeadBytes - head_.size(), bytes.size());
      head_.append(bytes.substr(0, here));
      bytes.remove_prefix(here);
      if (head_.size() < kHeadBytes) return true;
      if (!read_head()) return false;
    }
    const std::size_t here = std::min<std::size_t>(left_, bytes.size());
    if (here == 0 && left_ > 0) return true;
    const std::string_view piece = bytes.substr(0, here);
    bytes.remove_prefix(here);
    left_ -= static_cast<std::uint32_t>(here);
    in_body_ = left_ > 0;
    if (is_control_) {
      control_.append(piece);
      if (!in_body_ && !end_control(events)) return false;
    } else if (events.data) {
      events.data(stream_, piece, !in_body_ && (flags_ & kLastFlag) != 0);
    }
  }
  return false;
}

struct Writer::Deflater {
  Deflater() {
    const std::string& words = dictionary();
    if (deflateInit(&stream, Z_BEST_SPEED) != Z_OK ||
        deflateSetDictionary(&stream, bytes_of(words), static_cast<uInt>(words.size())) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~Deflater() { deflateEnd(&stream); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  z_stream stream{};
};

Writer::Writer() : deflater_(std::make_unique<Deflater>()) {}
Writer::~Writer() = default;

std::string Writer::compressed(const Headers& headers) {
  std::string plain;
  put32(plain, static_cast<std::uint32_t>(headers.fields().size()));
  for (const auto& [name, value] : headers.fields()) {
    put32(plain, static_cast<std::uint32_t>(name.size()));
    plain.append(name);
    put32(plain, static_cast<std::uint32_t>(value.size()));
    plain.append(value);
  }
  z_stream& stream = deflater_->stream;
  stream.next_in = const_cast<Bytef*>(bytes_of(plain));
  stream.avail_in = static_cast<uInt>(plain.size());
  std::string out;
  char piece[4096];
  do {
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof piece;
    deflate(&stream, Z_SYNC_FLUSH);
    out.append(piece, sizeof piece - stream.avail_out);
  } while (stream.avail_out == 0);
  return out;
}

std::string Writer::reply(std::uint32_t stream, const Headers& headers) {
  std::string body;
  put32(body, stream);
  return control_frame(kSynReply, 0, body.append(compressed(headers)));
}

std::string Writer::open(std::uint32_t stream, const Headers& headers) {
  std::string body;
  put32(body, stream);
  put32(body, 0);
  body.append(2, '\0');
  return control_frame(kSynStream, 0, body.append(compressed(headers)));
}

std::string Writer::data(std::uint32_t stream, std::string_view bytes, bool last) {
  std::string out;
  out.reserve(kHeadBytes + bytes.size());
  put32(out, stream & kStreamMask);
  put32(out, (last ? kLastFlag << 24U : 0U) | static_cast<std::uint32_t>(bytes.size()));
  return out.append(bytes);
}

std::string Writer::reset(std::uint32_t stream, ResetStatus status) {
  std::string body;
  put32(body, stream);
  put32(body, static_cast<std::uint32_t>(status));
  return control_frame(kRstStream, 0, body);
}

std::string Writer::ping(std::uint32_t id) {
  std::string body;
  put32(body, id);
  return control_frame(kPing, 0, body);
}

std::string Writer::go_away(std::uint32_t last_stream) {
  std::string body;
  put32(body, last_stream);
  put32(body, 0);
  return control_frame(kGoAway, 0, body);
}

}  // namespace troupe::net::spdy
