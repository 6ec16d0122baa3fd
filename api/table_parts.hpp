#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "api/routes.hpp"
#include "schema/codec/document.hpp"

/// What the cells of the built-in kinds are made of; for the files of table_*.cpp only.
namespace troupe::api::cells {

using Time = std::chrono::system_clock::time_point;

/// The node at a dotted path, or null.
const schema::Node* node_at(const schema::Node& object, std::string_view path);
std::int64_t number_at(const schema::Node& object, std::string_view path, std::int64_t otherwise = 0);
/// Members of an object or items of a list; 0 when there is neither.
std::size_t count_at(const schema::Node& object, std::string_view path);
std::span<const schema::Node> items_at(const schema::Node& object, std::string_view path);
bool is_true_at(const schema::Node& object, std::string_view path);
/// "Terminating", an object that is being deleted.
bool is_going(const schema::Node& object);

std::string text_or(std::string&& text, std::string_view otherwise);
/// "5m", or "<unknown>".
std::string age_since(const schema::Node& object, std::string_view path, Time now);
/// The texts at `path` of each item (of the item itself when empty), with commas; empty ones left out.
std::string join_at(std::span<const schema::Node> items, std::string_view path);
/// "a=b,c=d" by key, or "<none>".
std::string labels_text(const schema::Node* labels);
/// A LabelSelector: "a=b,c in (d,e),!f" by key, or "<none>".
std::string selector_text(const schema::Node* selector);
/// The status of a condition, or "".
std::string condition(const schema::Node& object, std::string_view type);

std::string pod_cell(std::string_view column, const schema::Node& pod, Time now);
std::string event_cell(const Resource& resource, std::string_view column, const schema::Node& event, Time now);
/// Services, Endpoints, EndpointSlices, Ingresses and what belongs to them.
std::string network_cell(std::string_view kind, std::string_view column, const schema::Node& object);
/// Volumes, claims, classes and drivers.
std::string storage_cell(std::string_view kind, std::string_view column, const schema::Node& object);
/// Quotas, budgets, autoscalers, requests of certificates, and kinds of the server's own.
std::string policy_cell(std::string_view kind, std::string_view column, const schema::Node& object);

}  // namespace troupe::api::cells
