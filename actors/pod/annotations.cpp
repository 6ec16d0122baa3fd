#include "actors/pod/annotations.hpp"

#include <string_view>

#include "actors/pod/backoff.hpp"
#include "actors/pod/siblings.hpp"

namespace troupe::pod {
namespace {

/// Of a value that is anybody's text, so much is repeated.
constexpr std::size_t kMostWords = 300;

template <class Parse>
void check(const std::map<std::string, std::string>& annotations, std::string_view name, Parse parse,
           std::string_view otherwise, std::vector<std::string>& out) {
  const auto found = annotations.find(std::string(name));
  if (found == annotations.end()) return;
  const auto parsed = parse(found->second);
  if (parsed) return;
  std::string why = parsed.error().message;
  if (why.size() > kMostWords) why = why.substr(0, kMostWords) + "...";
  out.push_back("metadata.annotations[" + std::string(name) + "]: " + why + "; " + std::string(otherwise));
}

}  // namespace

std::vector<std::string> annotation_faults(const std::map<std::string, std::string>& annotations) {
  std::vector<std::string> out;
  check(annotations, kBackoffAnnotation, parse_backoff_curve, "Kubernetes' curve holds", out);
  check(annotations, kStrategyAnnotation, parse_restart_strategy, "one_for_one holds", out);
  return out;
}

}  // namespace troupe::pod
