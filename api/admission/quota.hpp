#pragma once

#include <map>
#include <string>

#include "api/routes.hpp"
#include "schema/codec/document.hpp"
#include "schema/codec/quantity.hpp"

/// What objects use of quotas, as plain functions: for the admission of new ones and for the counting of what is there.
namespace troupe::api {

using Amounts = std::map<std::string, schema::Quantity, std::less<>>;

void add_amount(Amounts& to, const std::string& name, const schema::Quantity& amount);

/// What one object uses, by the names that quotas have: "pods", "requests.cpu", "count/deployments.apps".
Amounts quota_usage(const schema::Node& object, const Resource& resource);

/// Whether a quota's scopes and scopeSelector are about the object; those with scopes are about pods only.
bool quota_covers(const schema::Node& quota, const schema::Node& object, const Resource& resource);

}  // namespace troupe::api
