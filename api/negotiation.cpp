#include "api/negotiation.hpp"

#include <algorithm>
#include <cstdlib>

namespace troupe::api {

namespace {

constexpr std::string_view kAll = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

struct Clause {
  std::string type;
  std::string as;
  std::string group;
  std::string version;
  double quality = 1;
};

Clause parse_clause(std::string_view text) {
  Clause clause;
  bool first = true;
  while (true) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view part = trim(text.substr(0, end));
    if (first) {
      clause.type = lower(part);
      first = false;
    } else {
      const std::size_t equals = std::min(part.find('='), part.size());
      const std::string_view key = trim(part.substr(0, equals));
      const std::string_view value = equals < part.size() ? trim(part.substr(equals + 1)) : std::string_view();
      if (key == "as") clause.as = value;
      if (key == "g") clause.group = value;
      if (key == "v") clause.version = value;
      if (key == "q") clause.quality = std::strtod(std::string(value).c_str(), nullptr);
    }
    if (end == text.size()) return clause;
    text.remove_prefix(end + 1);
  }
}

bool media_of(const Clause& clause, const Offer& offer, MediaType& media) {
  if (clause.type == "*/*" || clause.type == "application/*" || clause.type == "application/json") {
    media = MediaType::kJson;
    return true;
  }
  if (clause.type == "application/yaml" && offer.yaml) {
    media = MediaType::kYaml;
    return true;
  }
  if (clause.type == "application/vnd.kubernetes.protobuf" && offer.protobuf) {
    media = MediaType::kProtobuf;
    return true;
  }
  return false;
}

bool view_of(const Clause& clause, const Offer& offer, MediaType media, View& view) {
  view = View::kObject;
  if (clause.as.empty()) return media != MediaType::kProtobuf || offer.protobuf_objects;
  const bool meta = clause.group == "meta.k8s.io" && (clause.version == "v1" || clause.version == "v1beta1");
  if (clause.as == "Table" && meta && offer.table) {
    view = View::kTable;
    return media != MediaType::kProtobuf;  // a Table has no protobuf form
  }
  if ((clause.as == "PartialObjectMetadata" || clause.as == "PartialObjectMetadataList") && meta &&
      offer.partial_metadata) {
    view = View::kPartialMetadata;
    return true;
  }
  if (clause.as == "APIGroupDiscoveryList" && clause.group == "apidiscovery.k8s.io" && offer.aggregated_discovery) {
    view = clause.version == "v2" ? View::kAggregatedDiscoveryV2 : View::kAggregatedDiscoveryV2Beta1;
    return clause.version == "v2" || clause.version == "v2beta1";
  }
  return false;
}

}  // namespace

ApiResult<Accepted> negotiate(std::string_view accept, const Offer& offer) {
  Accepted accepted;
  if (trim(accept).empty()) return accepted;
  std::vector<Clause> clauses;
  while (!accept.empty() && clauses.size() < 64) {
    const std::size_t end = std::min(accept.find(','), accept.size());
    if (const auto part = trim(accept.substr(0, end)); !part.empty()) clauses.push_back(parse_clause(part));
    accept.remove_prefix(std::min(end + 1, accept.size()));
  }
  std::stable_sort(clauses.begin(), clauses.end(),
                   [](const Clause& a, const Clause& b) { return a.quality > b.quality; });
  for (const Clause& clause : clauses) {
    if (clause.quality <= 0) continue;
    if (media_of(clause, offer, accepted.media) && view_of(clause, offer, accepted.media, accepted.view)) {
      accepted.version = clause.version;
      return accepted;
    }
  }
  return refuse(not_acceptable(kAll));
}

std::string media_essence(std::string_view content_type) {
  return lower(trim(content_type.substr(0, std::min(content_type.find(';'), content_type.size()))));
}

ApiResult<MediaType> body_media_type(std::string_view content_type) {
  const std::string essence = media_essence(content_type);
  if (essence.empty() || essence == "application/json") return MediaType::kJson;
  if (essence == "application/yaml") return MediaType::kYaml;
  if (essence == "application/vnd.kubernetes.protobuf") return MediaType::kProtobuf;
  return refuse(unsupported_media_type(essence, kAll));
}

std::string_view content_type_of(MediaType media) {
  switch (media) {
    case MediaType::kYaml:
      return "application/yaml";
    case MediaType::kProtobuf:
      return "application/vnd.kubernetes.protobuf";
    default:
      return "application/json";
  }
}

}  // namespace troupe::api
