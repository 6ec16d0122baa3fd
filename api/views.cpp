#include "api/views.hpp"

#include "api/error.hpp"
#include "api/object_codec.hpp"

namespace troupe::api {

void append_partial(const schema::Node& object, std::string_view version, bool type_meta, std::string& out) {
  out += "{";
  if (type_meta) {
    out += R"("kind":"PartialObjectMetadata","apiVersion":)";
    append_json_string(out, "meta.k8s.io/" + std::string(version.empty() ? "v1" : version));
    out += ",";
  }
  out += "\"metadata\":";
  if (const schema::Node* metadata = object.find("metadata")) {
    append_json(*metadata, out);
  } else {
    out += "{}";
  }
  out += "}";
}

std::string include_object_fault(const Query& query) {
  const std::string_view text = query.get("includeObject");
  for (const std::string_view known : {"", "None", "Metadata", "Object"}) {
    if (text == known) return {};
  }
  return "Unable to convert to Table as requested: includeObject: Invalid value: \"" + std::string(text) +
         "\": must be 'Metadata', 'Object', 'None', or empty";
}

IncludeObject include_object(const Query& query) {
  const std::string_view text = query.get("includeObject");
  if (text == "None") return IncludeObject::kNone;
  if (text == "Object") return IncludeObject::kObject;
  return IncludeObject::kMetadata;
}

}  // namespace troupe::api
