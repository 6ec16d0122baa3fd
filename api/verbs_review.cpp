#include <algorithm>
#include <string>

#include "api/metadata.hpp"
#include "api/object_codec.hpp"
#include "api/selectors.hpp"
#include "api/validation/faults.hpp"
#include "api/verbs.hpp"

namespace troupe::api {

namespace {

using schema::Node;

constexpr std::string_view kAll = R"(["*"])";

std::string text_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& each : texts) {
    if (out.size() > 1) out += ",";
    append_json_string(out, each);
  }
  return out + "]";
}

/// Until roles exist, who is in system:masters may do all and nobody else anything.
std::string access_status(bool allowed) {
  return allowed ? R"({"allowed":true,"reason":"the user is in the group system:masters"})"
                 : R"({"allowed":false,"reason":"until roles exist only the group system:masters is allowed"})";
}

bool names_masters(const Node& root) {
  const Node* groups = member(member(root, "spec"), "groups");
  if (groups == nullptr) return false;
  return std::any_of(groups->items().begin(), groups->items().end(),
                     [](const Node& each) { return each.is_string() && each.as_string() == "system:masters"; });
}

ApiStatus check_access_spec(const Call& call, const Node& root) {
  const Node* spec = member(root, "spec");
  const bool resource = member(spec, "resourceAttributes") != nullptr;
  const bool path = member(spec, "nonResourceAttributes") != nullptr;
  if (resource != path) return {};
  const std::string why = resource ? "cannot be specified in combination with resourceAttributes"
                                   : "exactly one of nonResourceAttributes or resourceAttributes must be specified";
  return refuse(invalid(call.info.group, call.resource->kind, "",
                        {invalid_value("spec.nonResourceAttributes", resource ? "{}" : "null", why)}));
}

/// The status of a review, as JSON; nothing when no part of this server answers the kind.
std::string status_of(const Call& call, const Node& root) {
  const std::string_view kind = call.resource->kind;
  const User& user = *call.info.user;
  if (kind == "SelfSubjectAccessReview") return access_status(user.in_group("system:masters"));
  if (kind == "SubjectAccessReview" || kind == "LocalSubjectAccessReview") return access_status(names_masters(root));
  if (kind == "SelfSubjectRulesReview") {
    const std::string all(kAll);
    return R"({"resourceRules":[{"verbs":)" + all + R"(,"apiGroups":)" + all + R"(,"resources":)" + all +
           R"(}],"nonResourceRules":[{"verbs":)" + all + R"(,"nonResourceURLs":)" + all + R"(}],"incomplete":false})";
  }
  if (kind != "SelfSubjectReview") return "";
  std::string status = R"({"userInfo":{"username":)";
  append_json_string(status, user.name);
  if (!user.uid.empty()) {
    status += ",\"uid\":";
    append_json_string(status, user.uid);
  }
  auto groups = user.groups;
  if (!user.in_group("system:authenticated")) groups.emplace_back("system:authenticated");
  return status + ",\"groups\":" + text_list(groups) + "}}";
}

}  // namespace

void review_access(const CallPtr& call) {
  if (call->info.user == nullptr) return call->answer(unauthorized());
  const std::string* header = call->request.headers.find("content-type");
  auto media = body_media_type(header != nullptr ? *header : "");
  if (!media) return call->answer(media.error());
  schema::Diagnostics diagnostics;
  auto review = parse_body(*media, call->request.body, *call->resource->type, diagnostics);
  if (!review) return call->answer(review.error());
  if (auto same = check_identity(*review, *call->resource, call->info); !same) return call->answer(same.error());
  Node& root = review->root();
  if (call->resource->kind.ends_with("SubjectAccessReview")) {
    if (auto good = check_access_spec(*call, root); !good) return call->answer(good.error());
  }
  const std::string status = status_of(*call, root);
  if (status.empty()) {
    return call->answer(
        not_implemented(std::string(call->resource->kind) + " is answered by no part of this server yet"));
  }
  auto parsed = parse_json(status);
  if (!parsed) return call->answer(parsed.error());
  auto copied = review->copy(parsed->root());
  if (!copied) return call->answer(too_large(copied.error().message));
  if (auto set = set_node(*review, root, "status", *copied); !set) return call->answer(set.error());
  std::string json;
  append_json(root, json);
  call->answer_json(201, json, call->resource->type);
}

}  // namespace troupe::api
