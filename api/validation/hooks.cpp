#include <algorithm>
#include <string>
#include <vector>

#include "api/validation/formats.hpp"
#include "api/validation/parts.hpp"
#include "api/validation/rules.hpp"

/// Configurations of admission webhooks.
namespace troupe::api {

using schema::Node;

namespace {

bool has_text(std::span<const Node> list, std::string_view text) {
  return std::any_of(list.begin(), list.end(), [&](const Node& each) { return text_of(each) == text; });
}

/// A list of names is not empty, and "*" stands alone.
void check_names(const Node& rule, std::string_view field, std::string_view others, const At& at, Faults& faults) {
  const auto list = items_of(rule, field);
  if (list.empty()) faults.required(At(at, field));
  if (list.size() > 1 && has_text(list, "*") && !others.empty()) {
    faults.invalid(At(at, field), *member(rule, field),
                   "if '*' is present, must not specify other " + std::string(others));
  }
}

void check_versions(const Node& hook, const At& at, Faults& faults) {
  const At list(at, "admissionReviewVersions");
  const auto versions = items_of(hook, "admissionReviewVersions");
  if (versions.empty()) return faults.required(list, "must specify one of v1, v1beta1");
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const std::string_view version = text_of(versions[i]);
    if (has_text(versions.first(i), version)) {
      faults.invalid(At(list, i), version, "duplicate version");
    } else {
      check_dns_1035_label(version, At(list, i), faults);
    }
  }
  if (has_text(versions, "v1") || has_text(versions, "v1beta1")) return;
  faults.invalid(list, *member(hook, "admissionReviewVersions"), "must include at least one of v1, v1beta1");
}

void check_client(const Node* client, const At& at, Faults& faults) {
  const Node* url = member(client, "url");
  const Node* service = member(client, "service");
  if ((url == nullptr) == (service == nullptr)) {
    return faults.required(at, "exactly one of url or service is required");
  }
  if (url != nullptr) {
    const std::string_view text = text_of(*url);
    if (text.starts_with("https://")) return;
    const std::size_t colon = text.find("://");
    const std::string_view scheme = colon == std::string_view::npos ? std::string_view() : text.substr(0, colon);
    return faults.invalid(At(at, "url"), scheme,
                          "'https' is the only allowed URL scheme; desired format: https://host[/path]");
  }
  const At place(at, "service");
  if (text_member(service, "name").empty()) faults.required(At(place, "name"), "service name is required");
  if (text_member(service, "namespace").empty()) {
    faults.required(At(place, "namespace"), "service namespace is required");
  }
  const std::int64_t port = int_member(service, "port", 443);
  if (port < 1 || port > 65535) {
    faults.invalid_json(At(place, "port"), std::to_string(port),
                        "port is not valid: must be between 1 and 65535, inclusive");
  }
}

/// A name is a domain of three parts or more.
void check_hook_name(const Node& hook, const At& at, Faults& faults) {
  const std::string_view name = text_member(hook, "name");
  const At name_at(at, "name");
  if (name.empty()) return faults.required(name_at);
  check_dns_subdomain(name, name_at, faults);
  if (std::count(name.begin(), name.end(), '.') < 2) {
    faults.invalid(name_at, name, "should be a domain with at least three segments separated by dots");
  }
}

}  // namespace

void check_hook_rule(const Subject& subject) {
  check_names(subject.value, "operations", "operations", subject.at, subject.faults);
  check_names(subject.value, "apiGroups", "API groups", subject.at, subject.faults);
  check_names(subject.value, "apiVersions", "API versions", subject.at, subject.faults);
  check_names(subject.value, "resources", "", subject.at, subject.faults);
  for (const std::string_view field : {"apiVersions", "resources"}) {
    const At list(subject.at, field);
    const auto items = items_of(subject.value, field);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (text_of(items[i]).empty()) subject.faults.required(At(list, i));
    }
  }
}

void check_hook(const Subject& subject) {
  check_hook_name(subject.value, subject.at, subject.faults);
  const Node* effects = member(subject.value, "sideEffects");
  const At effects_at(subject.at, "sideEffects");
  if (effects == nullptr) {
    subject.faults.required(effects_at, "must specify one of None, NoneOnDryRun");
  } else if (text_of(*effects) != "None" && text_of(*effects) != "NoneOnDryRun") {
    subject.faults.unsupported(effects_at, text_of(*effects), {"None", "NoneOnDryRun"});
  }
  const auto timeout = number_member(&subject.value, "timeoutSeconds");
  if (timeout && (*timeout < 1 || *timeout > 30)) {
    subject.faults.invalid_json(At(subject.at, "timeoutSeconds"), std::to_string(*timeout),
                                "the timeout value must be between 1 and 30 seconds");
  }
  check_client(member(subject.value, "clientConfig"), At(subject.at, "clientConfig"), subject.faults);
  check_versions(subject.value, subject.at, subject.faults);
}

void check_hooks(const Subject& subject) {
  const auto hooks = items_of(subject.value, "webhooks");
  const At list(subject.at, "webhooks");
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    const std::string_view name = text_member(hooks[i], "name");
    const At item(list, i);
    if (!name.empty() && std::find(names.begin(), names.end(), name) != names.end()) {
      subject.faults.duplicate(At(item, "name"), name);
    }
    names.push_back(name);
  }
}

}  // namespace troupe::api
