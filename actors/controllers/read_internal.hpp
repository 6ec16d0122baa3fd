#pragma once

#include <charconv>
#include <cstdint>
#include <string>

#include "actors/controllers/deployment.hpp"
#include "actors/controllers/replicaset.hpp"
#include "schema/core_v1.capnp.h"
#include "schema/meta_v1.capnp.h"

namespace troupe::controllers {

/// A number, or a percentage: "25%".
template <class Reader>
Share share_of(Reader from) {
  if (from.isInt()) return {from.getInt(), false};
  const auto value = from.getStr();
  Share out;
  std::from_chars(value.begin(), value.end(), out.value);
  out.percent = value.endsWith("%");
  return out;
}

Selector selector_of(k8s::meta::v1::LabelSelector::Reader from);
/// Equal for equal templates, whatever their hash label.
std::string template_key(k8s::core::v1::PodTemplateSpec::Reader from);
/// Letters and digits that spell nothing.
std::string template_hash(const std::string& key, std::int32_t collisions);

}  // namespace troupe::controllers
