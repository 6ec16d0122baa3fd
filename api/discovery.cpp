#include "api/discovery.hpp"

#include <openssl/sha.h>

#include <span>

#include "api/error.hpp"

namespace troupe::api {

namespace {

void append_strings(std::string& out, std::span<const std::string_view> values) {
  out += "[";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) out += ",";
    append_json_string(out, values[i]);
  }
  out += "]";
}

void append_member(std::string& out, std::string_view key, std::string_view value) {
  out.append("\"").append(key).append("\":");
  append_json_string(out, value);
}

std::string group_version_text(std::string_view group, std::string_view version) {
  return group.empty() ? std::string(version) : std::string(group) + "/" + std::string(version);
}

void append_version(std::string& out, const GroupVersion& at) {
  out += "{";
  append_member(out, "groupVersion", group_version_text(at.group, at.version));
  out += ",";
  append_member(out, "version", at.version);
  out += "}";
}

/// The group's members without braces: name, versions, preferredVersion.
void append_group(std::string& out, const Routes& routes, std::string_view group) {
  append_member(out, "name", group);
  out += ",\"versions\":[";
  const GroupVersion* preferred = nullptr;
  for (const GroupVersion& at : routes.group_versions()) {
    if (at.group != group) continue;
    if (preferred != nullptr) out += ",";
    if (preferred == nullptr) preferred = &at;
    append_version(out, at);
  }
  out += "],\"preferredVersion\":";
  append_version(out, *preferred);
}

bool is_first_of_group(const Routes& routes, const GroupVersion& at) {
  for (const GroupVersion& other : routes.group_versions()) {
    if (other.group == at.group) return &other == &at;
  }
  return false;
}

void append_kind(std::string& out, std::string_view group, std::string_view version, std::string_view kind) {
  out += "{";
  append_member(out, "group", group);
  out += ",";
  append_member(out, "version", version);
  out += ",";
  append_member(out, "kind", kind);
  out += "}";
}

void append_resource(std::string& out, const Resource& resource) {
  out += "{";
  append_member(out, "name", resource.plural);
  out += ",";
  append_member(out, "singularName", resource.singular);
  out.append(",\"namespaced\":").append(resource.namespaced ? "true" : "false").append(",");
  append_member(out, "kind", resource.kind);
  out += ",\"verbs\":";
  append_strings(out, resource.verbs);
  if (!resource.short_names.empty()) {
    out += ",\"shortNames\":";
    append_strings(out, resource.short_names);
  }
  if (!resource.categories.empty()) {
    out += ",\"categories\":";
    append_strings(out, resource.categories);
  }
  out += "}";
  for (const schema::Subresource& sub : resource.subresources) {
    out += ",{";
    append_member(out, "name", std::string(resource.plural) + "/" + std::string(sub.name));
    out += ",\"singularName\":\"\",\"namespaced\":";
    out.append(resource.namespaced ? "true" : "false").append(",");
    if (sub.group != resource.group || sub.version != resource.version) {
      append_member(out, "group", sub.group);
      out += ",";
      append_member(out, "version", sub.version);
      out += ",";
    }
    append_member(out, "kind", sub.kind);
    out += ",\"verbs\":";
    append_strings(out, sub.verbs);
    out += "}";
  }
}

void append_aggregated_resource(std::string& out, const Resource& resource) {
  out += "{";
  append_member(out, "resource", resource.plural);
  out += ",\"responseKind\":";
  append_kind(out, resource.group, resource.version, resource.kind);
  out += ",";
  append_member(out, "scope", resource.namespaced ? "Namespaced" : "Cluster");
  out += ",";
  append_member(out, "singularResource", resource.singular);
  out += ",\"verbs\":";
  append_strings(out, resource.verbs);
  if (!resource.short_names.empty()) {
    out += ",\"shortNames\":";
    append_strings(out, resource.short_names);
  }
  if (!resource.categories.empty()) {
    out += ",\"categories\":";
    append_strings(out, resource.categories);
  }
  if (!resource.subresources.empty()) {
    out += ",\"subresources\":[";
    bool first = true;
    for (const schema::Subresource& sub : resource.subresources) {
      out += first ? "{" : ",{";
      first = false;
      append_member(out, "subresource", sub.name);
      out += ",\"responseKind\":";
      append_kind(out, sub.group, sub.version, sub.kind);
      out += ",\"verbs\":";
      append_strings(out, sub.verbs);
      out += "}";
    }
    out += "]";
  }
  out += "}";
}

void append_aggregated_version(std::string& out, const GroupVersion& at) {
  out += "{";
  append_member(out, "version", at.version);
  out += ",\"resources\":[";
  for (std::size_t i = 0; i < at.resources.size(); ++i) {
    if (i != 0) out += ",";
    append_aggregated_resource(out, *at.resources[i]);
  }
  out += "],\"freshness\":\"Current\"}";
}

}  // namespace

std::string core_versions_json(std::string_view server_address) {
  std::string out = R"({"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[)";
  out += R"({"clientCIDR":"0.0.0.0/0",)";
  append_member(out, "serverAddress", server_address);
  return out + "}]}";
}

std::string group_list_json(const Routes& routes) {
  std::string out = R"({"kind":"APIGroupList","apiVersion":"v1","groups":[)";
  bool first = true;
  for (const GroupVersion& at : routes.group_versions()) {
    if (at.group.empty() || !is_first_of_group(routes, at)) continue;
    out += first ? "{" : ",{";
    first = false;
    append_group(out, routes, at.group);
    out += "}";
  }
  return out + "]}";
}

std::string group_json(const Routes& routes, std::string_view group) {
  for (const GroupVersion& at : routes.group_versions()) {
    if (at.group != group || group.empty()) continue;
    std::string out = R"({"kind":"APIGroup","apiVersion":"v1",)";
    append_group(out, routes, group);
    return out + "}";
  }
  return {};
}

std::string resource_list_json(const Routes& routes, std::string_view group, std::string_view version) {
  const GroupVersion* at = routes.find_version(group, version);
  if (at == nullptr) return {};
  std::string out = R"({"kind":"APIResourceList","apiVersion":"v1",)";
  append_member(out, "groupVersion", group_version_text(group, version));
  out += ",\"resources\":[";
  for (std::size_t i = 0; i < at->resources.size(); ++i) {
    if (i != 0) out += ",";
    append_resource(out, *at->resources[i]);
  }
  return out + "]}";
}

std::string aggregated_json(const Routes& routes, bool core, std::string_view version) {
  std::string out = R"({"kind":"APIGroupDiscoveryList",)";
  append_member(out, "apiVersion", "apidiscovery.k8s.io/" + std::string(version));
  out += ",\"metadata\":{},\"items\":[";
  bool first_group = true;
  for (const GroupVersion& at : routes.group_versions()) {
    if (at.group.empty() != core || !is_first_of_group(routes, at)) continue;
    out += first_group ? "{\"metadata\":{" : ",{\"metadata\":{";
    first_group = false;
    if (!at.group.empty()) {
      append_member(out, "name", at.group);
      out += ",";
    }
    out += "\"creationTimestamp\":null},\"versions\":[";
    bool first_version = true;
    for (const GroupVersion& other : routes.group_versions()) {
      if (other.group != at.group) continue;
      if (!first_version) out += ",";
      first_version = false;
      append_aggregated_version(out, other);
    }
    out += "]}";
  }
  return out + "]}";
}

std::string aggregated_content_type(std::string_view version) {
  return "application/json;g=apidiscovery.k8s.io;v=" + std::string(version) + ";as=APIGroupDiscoveryList";
}

std::string etag_of(std::string_view body) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  unsigned char digest[SHA512_DIGEST_LENGTH];
  SHA512(reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest);
  std::string text = "\"";
  for (std::size_t i = 0; i < 32; ++i) {
    text.push_back(kHex[digest[i] >> 4]);
    text.push_back(kHex[digest[i] & 15]);
  }
  return text + "\"";
}

}  // namespace troupe::api
