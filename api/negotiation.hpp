#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/error.hpp"

namespace troupe::api {

enum class MediaType { kJson, kYaml, kProtobuf };

/// What an answer's object is turned into before it is encoded.
enum class View { kObject, kTable, kPartialMetadata, kAggregatedDiscoveryV2, kAggregatedDiscoveryV2Beta1 };

/// One choice of an Accept header that we can serve.
struct Accepted {
  MediaType media = MediaType::kJson;
  View view = View::kObject;
  std::string version;  ///< Of the view's group: "v1", "v1beta1".
};

/// What the caller can serve.
struct Offer {
  bool yaml = true;
  bool protobuf = true;
  bool protobuf_objects = true;  ///< Not of metadata only.
  bool table = true;
  bool partial_metadata = true;
  bool aggregated_discovery = false;
};

/// The first choice of the client (by q, then by place) that is offered; JSON when there is no Accept at all.
/// NotAcceptable when there is none.
ApiResult<Accepted> negotiate(std::string_view accept, const Offer& offer);

/// "application/json; charset=utf-8" → kJson. An empty one is JSON, as for kube-apiserver.
ApiResult<MediaType> body_media_type(std::string_view content_type);

/// "Application/JSON; charset=utf-8" → "application/json".
std::string media_essence(std::string_view content_type);

std::string_view content_type_of(MediaType media);

}  // namespace troupe::api
