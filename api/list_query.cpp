#include "api/list_query.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace troupe::api {

namespace {

constexpr std::uint64_t kMaxLimit = 1'000'000;

std::string to_hex(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
    text.push_back(kHex[static_cast<unsigned char>(c) & 15]);
  }
  return text;
}

bool from_hex(std::string_view text, std::string& bytes) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  if (text.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    if (digit(text[i]) < 0 || digit(text[i + 1]) < 0) return false;
    bytes.push_back(static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1])));
  }
  return true;
}

ApiStatus read_token(std::string_view token, const storage::Prefix& prefix, ListQuery& out) {
  // v1.REVISION.KEY or v1.now.KEY
  const ApiError bad = bad_request("continue key is not valid");
  if (!token.starts_with("v1.")) return refuse(bad);
  token.remove_prefix(3);
  if (token.starts_with("now.")) {
    out.inconsistent = true;
    token.remove_prefix(3);
  } else {
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), out.at);
    if (error != std::errc() || out.at == 0) return refuse(bad);
    token.remove_prefix(static_cast<std::size_t>(end - token.data()));
  }
  std::string bytes;
  if (!token.starts_with('.') || !from_hex(token.substr(1), bytes) || !prefix.matches(bytes)) return refuse(bad);
  auto key = storage::key_from_bytes(bytes);
  if (!key) return refuse(bad);
  out.after = *key;
  return {};
}

/// resourceVersionMatch and sendInitialEvents, as they may stand together with the others.
ApiStatus check_options(const Query& query, bool watch) {
  static constexpr const char* kMatch = "resourceVersionMatch";
  const std::string match(query.get(kMatch));
  const std::string_view revision = query.get("resourceVersion");
  const bool goes_on = !query.get("continue").empty();
  std::vector<Cause> faults;
  const auto forbid = [&faults](const char* field, std::string_view why) {
    faults.push_back(forbidden_field(field, why));
  };
  const auto refuse_value = [&](std::string_view values) {
    faults.push_back({"FieldValueNotSupported",
                      "Unsupported value: \"" + match + "\": supported values: " + std::string(values), kMatch});
  };
  const bool initial = query.has("sendInitialEvents");
  if (watch) {
    if (initial && match != "NotOlderThan") {
      forbid(kMatch, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
    }
    if (!match.empty() && !initial) {
      forbid(kMatch, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
    }
    if (!match.empty() && match != "NotOlderThan") refuse_value("\"NotOlderThan\"");
    if (!match.empty() && goes_on) forbid(kMatch, "resourceVersionMatch is forbidden when continue is provided");
  } else {
    if (!match.empty()) {
      if (revision.empty()) forbid(kMatch, "resourceVersionMatch is forbidden unless resourceVersion is provided");
      if (goes_on) forbid(kMatch, "resourceVersionMatch is forbidden when continue is provided");
      if (match != "Exact" && match != "NotOlderThan") refuse_value("\"Exact\", \"NotOlderThan\", \"\"");
      if (match == "Exact" && revision == "0") {
        forbid(kMatch, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
      }
    }
    if (initial) forbid("sendInitialEvents", "sendInitialEvents is forbidden for list");
  }
  if (faults.empty()) return {};
  return refuse(invalid("meta.k8s.io", "ListOptions", "", std::move(faults)));
}

ApiStatus read_revision(const Query& query, bool watch, ListQuery& out) {
  const std::string_view match = query.get("resourceVersionMatch");
  const std::string_view text = query.get("resourceVersion");
  auto number = query.number("resourceVersion");
  if (!number) {
    return refuse(bad_request("invalid resource version '" + std::string(text) + "': it is no whole number"));
  }
  if (!number->has_value()) return {};
  out.has_revision = true;
  out.revision = **number;
  if (out.revision == 0 || watch) return {};
  // Without a match, a page of a list is wanted at exactly that revision, a whole list not older than it.
  if (match == "Exact" || (match.empty() && out.limit != 0)) {
    out.at = out.revision;
  } else {
    out.at_least = out.revision;
  }
  return {};
}

bool is_negative(std::string_view text) {
  return text.size() > 1 && text.front() == '-' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool ListQuery::matches(const schema::Node& object) const {
  if (!fields.matches(object)) return false;
  if (labels.matches_all()) return true;
  const schema::Node* metadata = object.find("metadata");
  return labels.matches(metadata != nullptr ? metadata->find("labels") : nullptr);
}

ApiResult<storage::Prefix> prefix_for(const RequestInfo& info, const Resource& resource) {
  if (!resource.namespaced || info.name_space.empty()) return storage::prefix_of(resource.store_id);
  auto prefix = storage::prefix_of(resource.store_id, info.name_space);
  if (!prefix) return refuse(from_store(prefix.error(), {resource.group, resource.plural, info.name}));
  return *prefix;
}

/// In the words of kinds with fields of their own, or of those that only know metadata's.
std::string unknown_field(const std::string& field, std::span<const std::string_view> allowed) {
  const bool has_own = std::any_of(allowed.begin(), allowed.end(), [](std::string_view each) {
    return each != "metadata.name" && each != "metadata.namespace";
  });
  if (has_own) return "field label not supported: " + field;
  return "\"" + field + R"(" is not a known field selector: only "metadata.name", "metadata.namespace")";
}

ApiResult<ListQuery> parse_list_query(const RequestInfo& info, const Resource& resource) {
  ListQuery out;
  const Query& query = info.query;
  auto labels = LabelSelector::parse(query.get("labelSelector"));
  if (!labels) return refuse(labels.error());
  out.labels = std::move(*labels);
  std::string field_text(query.get("fieldSelector"));
  if (!info.name.empty()) field_text += (field_text.empty() ? "metadata.name=" : ",metadata.name=") + info.name;
  auto fields = FieldSelector::parse(field_text);
  if (!fields) return refuse(fields.error());
  out.fields = std::move(*fields);
  for (const auto& requirement : out.fields.requirements()) {
    const auto& allowed = resource.selectable_fields;
    if (std::find(allowed.begin(), allowed.end(), requirement.field) == allowed.end()) {
      return refuse(bad_request(unknown_field(requirement.field, allowed)));
    }
  }
  if (!is_negative(query.get("limit"))) {  // which asks for no limit, as 0 does
    auto limit = query.number("limit");
    if (!limit) return refuse(limit.error());
    out.limit = std::min(limit->value_or(0), kMaxLimit);
  }
  out.allow_bookmarks = query.flag("allowWatchBookmarks");
  out.send_initial_events = query.flag("sendInitialEvents");
  const bool watch = info.verb == "watch";
  if (auto good = check_options(query, watch); !good) return refuse(good.error());
  auto timeout = query.number("timeoutSeconds");
  if (!timeout) return refuse(timeout.error());
  out.timeout_seconds = *timeout;
  if (auto read = read_revision(query, watch, out); !read) return refuse(read.error());
  if (const std::string_view token = query.get("continue"); !token.empty() && !watch) {
    if (out.has_revision && out.revision != 0) {
      return refuse(bad_request("specifying resource version is not allowed when using continue"));
    }
    auto prefix = prefix_for(info, resource);
    if (!prefix) return refuse(prefix.error());
    if (auto read = read_token(token, *prefix, out); !read) return refuse(read.error());
  }
  return out;
}

std::string inconsistent_token(const storage::Key& last) { return "v1.now." + to_hex(last.bytes()); }

std::string continue_token(storage::Revision revision, const storage::Key& last) {
  return "v1." + std::to_string(revision) + "." + to_hex(last.bytes());
}

}  // namespace troupe::api
