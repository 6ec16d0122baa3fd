#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "api/routes.hpp"
#include "api/views.hpp"
#include "schema/codec/document.hpp"

namespace troupe::api {

/// Writes objects of one resource as a meta.k8s.io Table in JSON: `begin`, any number of `add_row`, `end`.
class TableWriter {
 public:
  using Time = std::chrono::system_clock::time_point;

  TableWriter(const Resource& resource, std::string_view version, IncludeObject include, Time now)
      : resource_(resource), version_(version.empty() ? "v1" : version), include_(include), now_(now) {}

  /// `metadata` is the list's metadata as JSON. Without columns for all but the first Table of a watch.
  void begin(std::string& out, std::string_view metadata, bool columns = true) const;
  void add_row(std::string& out, const schema::Node& object);
  void end(std::string& out) const;

 private:
  const Resource& resource_;
  std::string version_;
  IncludeObject include_;
  Time now_;
  bool first_ = true;
};

/// One cell as JSON: by the column's name and the kind; `<none>` and the like where Kubernetes shows them.
void append_cell(std::string& out, const Resource& resource, const schema::Column& column, const schema::Node& object,
                 TableWriter::Time now);

/// "3d4h", "12m", "7s": as kubectl shows ages.
std::string human_duration(std::chrono::seconds duration);

}  // namespace troupe::api
