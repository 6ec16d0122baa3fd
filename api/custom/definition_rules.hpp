#pragma once

#include <string>
#include <vector>

#include "api/error.hpp"
#include "api/routes.hpp"
#include "api/validation/faults.hpp"
#include "schema/codec/document.hpp"

/// What holds for CustomResourceDefinitions themselves.
namespace troupe::api::custom {

bool is_definition(const Resource& resource);

/// Names that follow from others, and the conversion.
ApiStatus default_definition(schema::Document& object);
/// The status a definition is born with.
std::string status_at_birth(const schema::Node& object);

/// What a client is warned of: rules that are kept and not enforced, one warning a version.
std::vector<std::string> definition_warnings(const schema::Node& object);

void definition_faults(const schema::Node& object, Faults& faults);
/// `old` is the definition before.
void definition_change_faults(const schema::Node& object, const schema::Node& old, Faults& faults);
/// What is wrong with an openAPIV3Schema, as a structural schema. `room` is what its patterns may take
/// (Structural::kMaxPatterns of a definition), and shrinks by that.
void schema_faults(const schema::Node& schema, const At& at, Faults& faults, std::size_t& room);

/// customresourcecleanup.apiextensions.k8s.io: no definition goes before its objects.
bool has_cleanup_finalizer(const schema::Node& object);
ApiStatus add_cleanup_finalizer(schema::Document& object);
/// All finalizers but that one, as a JSON list.
std::string other_finalizers_json(const schema::Node& object);

}  // namespace troupe::api::custom
