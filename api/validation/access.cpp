#include <algorithm>
#include <string>
#include <vector>

#include "api/names.hpp"
#include "api/validation/formats.hpp"
#include "api/validation/parts.hpp"
#include "api/validation/rules.hpp"
#include "schema/codec/json_text.hpp"

/// Roles, their bindings and requests for certificates.
namespace troupe::api {

using schema::Node;

namespace {

constexpr std::string_view kRbac = "rbac.authorization.k8s.io";

bool in_namespace(const Subject& subject) {
  return !text_member(member(subject.root, "metadata"), "namespace").empty();
}

/// "example.com/signer": a domain of two parts or more, and a path of subdomains.
void check_signer(std::string_view name, const At& at, Faults& faults) {
  constexpr std::size_t kLongest = 571;
  if (name.empty()) return faults.required(at);
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos || name.find('/', slash + 1) != std::string_view::npos) {
    return faults.invalid(at, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
  }
  const std::string_view domain = name.substr(0, slash);
  const std::string_view path = name.substr(slash + 1);
  if (!is_dns_subdomain(domain)) check_dns_subdomain(domain, at, faults);
  if (domain.find('.') == std::string_view::npos) {
    faults.invalid(at, domain, "should be a domain with at least two segments separated by dots");
  }
  if (!is_dns_subdomain(path)) check_dns_subdomain(path, at, faults);
  if (name.size() > kLongest) faults.too_long(at, kLongest);
}

}  // namespace

void check_policy_rule(const Subject& subject) {
  const Node& rule = subject.value;
  if (is_blank(member(rule, "verbs"))) {
    subject.faults.required(At(subject.at, "verbs"), "verbs must contain at least one value");
  }
  const Node* urls = member(rule, "nonResourceURLs");
  const At urls_at(subject.at, "nonResourceURLs");
  if (!is_blank(urls)) {
    if (in_namespace(subject)) {
      subject.faults.invalid(urls_at, *urls, "namespaced rules cannot apply to non-resource URLs");
    }
    const bool both = !is_blank(member(rule, "apiGroups")) || !is_blank(member(rule, "resources")) ||
                      !is_blank(member(rule, "resourceNames"));
    if (both) {
      subject.faults.invalid(urls_at, *urls, "rules cannot apply to both regular resources and non-resource URLs");
    }
    return;
  }
  if (is_blank(member(rule, "apiGroups"))) {
    subject.faults.required(At(subject.at, "apiGroups"), "resource rules must supply at least one api group");
  }
  if (is_blank(member(rule, "resources"))) {
    subject.faults.required(At(subject.at, "resources"), "resource rules must supply at least one resource");
  }
}

void check_role_reference(const Subject& subject) {
  const std::string_view group = text_member(subject.value, "apiGroup");
  const std::string_view kind = text_member(subject.value, "kind");
  const std::string_view name = text_member(subject.value, "name");
  if (group != kRbac) subject.faults.unsupported(At(subject.at, "apiGroup"), group, {kRbac});
  const bool space = in_namespace(subject);
  if (kind != "ClusterRole" && (!space || kind != "Role")) {
    subject.faults.unsupported(
        At(subject.at, "kind"), kind,
        space ? std::vector<std::string_view>{"Role", "ClusterRole"} : std::vector<std::string_view>{"ClusterRole"});
  }
  if (name.empty()) return subject.faults.required(At(subject.at, "name"));
  check_path_segment(name, At(subject.at, "name"), subject.faults);
}

void check_role_subject(const Subject& subject) {
  const std::string_view group = text_member(subject.value, "apiGroup");
  const std::string_view kind = text_member(subject.value, "kind");
  const std::string_view name = text_member(subject.value, "name");
  if (name.empty()) subject.faults.required(At(subject.at, "name"));
  if (kind == "ServiceAccount") {
    if (!name.empty()) check_dns_subdomain(name, At(subject.at, "name"), subject.faults);
    if (!group.empty()) subject.faults.unsupported(At(subject.at, "apiGroup"), group, {""});
    if (!in_namespace(subject) && text_member(subject.value, "namespace").empty()) {
      subject.faults.required(At(subject.at, "namespace"));
    }
  } else if (kind == "User" || kind == "Group") {
    if (group != kRbac) subject.faults.unsupported(At(subject.at, "apiGroup"), group, {kRbac});
  } else {
    subject.faults.unsupported(At(subject.at, "kind"), kind, {"ServiceAccount", "User", "Group"});
  }
}

void check_signing_request(const Subject& subject) {
  const std::string_view request = text_member(subject.value, "request");
  const auto pem = schema::decode_base64(request);
  if (!pem || pem->find("-----BEGIN CERTIFICATE REQUEST-----") == std::string::npos) {
    subject.faults.invalid(At(subject.at, "request"), request, "PEM block type must be CERTIFICATE REQUEST");
  }
  const auto usages = items_of(subject.value, "usages");
  const At list(subject.at, "usages");
  if (usages.empty()) subject.faults.required(list);
  for (std::size_t i = 0; i < usages.size(); ++i) {
    const auto same = [&](const Node& other) { return schema::same_value(other, usages[i]); };
    if (std::any_of(usages.begin(), usages.begin() + static_cast<std::ptrdiff_t>(i), same)) {
      subject.faults.duplicate(At(list, i), text_of(usages[i]));
    }
  }
  const std::string_view signer = text_member(subject.value, "signerName");
  const At signer_at(subject.at, "signerName");
  if (signer == "kubernetes.io/legacy-unknown") {
    subject.faults.invalid(signer_at, signer, "the legacy signerName is not allowed via this API version");
  } else {
    check_signer(signer, signer_at, subject.faults);
  }
  const auto seconds = number_member(&subject.value, "expirationSeconds");
  if (seconds && *seconds < 600) {
    subject.faults.invalid_json(At(subject.at, "expirationSeconds"), std::to_string(*seconds),
                                "may not specify a duration less than 600 seconds (10 minutes)");
  }
}

}  // namespace troupe::api
