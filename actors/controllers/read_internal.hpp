#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>

#include "actors/controllers/deployment.hpp"
#include "actors/controllers/replicaset.hpp"
#include "schema/core_v1.capnp.h"
#include "schema/meta_v1.capnp.h"
#include "schema/segment.hpp"

namespace troupe::controllers {

using schema::changed;
using schema::entries;
using schema::text;
using schema::to_segment;
using schema::with_object;

/// `init` makes a list of entries of a size: `[&](unsigned n) { return meta.initLabels(n); }`.
template <class Init>
void set_labels(const Labels& labels, Init&& init) {
  auto list = init(static_cast<unsigned>(labels.size()));
  unsigned i = 0;
  for (const auto& [key, value] : labels) {
    list[i].setKey(key);
    list[i].setValue(value);
    ++i;
  }
}

/// A number, or a percentage: "25%". Any other text, which the API does not let in, is 0.
template <class Reader>
Share share_of(Reader from) {
  if (from.isInt()) return {from.getInt(), false};
  const auto value = from.getStr();
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(value.begin(), value.end(), number);
  if (error != std::errc() || end + 1 != value.end() || *end != '%') return {};
  return {number, true};
}

Selector selector_of(k8s::meta::v1::LabelSelector::Reader from);
/// Equal for equal templates, whatever their hash label.
std::string template_key(k8s::core::v1::PodTemplateSpec::Reader from);
/// Letters and digits that spell nothing.
std::string template_hash(const std::string& key, std::int32_t collisions);

}  // namespace troupe::controllers
