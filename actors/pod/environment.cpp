#include "actors/pod/environment.hpp"

#include <algorithm>

namespace troupe::pod {
namespace {

/// A label or annotation by its key, from `metadata.labels['key']`; null when the path is not of that form.
const std::map<std::string, std::string>* subscripted(const PodSpec& spec, std::string_view path,
                                                      std::string_view* key) {
  const auto open = path.find("['");
  if (open == std::string_view::npos || !path.ends_with("']") || path.size() < open + 4) return nullptr;
  *key = path.substr(open + 2, path.size() - open - 4);
  const auto field = path.substr(0, open);
  if (field == "metadata.labels") return &spec.labels;
  if (field == "metadata.annotations") return &spec.annotations;
  return nullptr;
}

const std::string* find_variable(const Variables& variables, std::string_view name) {
  for (auto it = variables.rbegin(); it != variables.rend(); ++it) {
    if (it->first == name) return &it->second;
  }
  return nullptr;
}

void set_variable(Variables& variables, const std::string& name, std::string value) {
  const auto found = std::find_if(variables.begin(), variables.end(), [&](const auto& v) { return v.first == name; });
  if (found == variables.end()) {
    variables.emplace_back(name, std::move(value));
  } else {
    found->second = std::move(value);
  }
}

}  // namespace

std::string expand(std::string_view text, const std::function<const std::string*(std::string_view)>& lookup) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char next = text[i + 1];
    const auto close = next == '(' ? text.find(')', i + 2) : std::string_view::npos;
    if (next == '$') {
      out += '$';
      ++i;
    } else if (close != std::string_view::npos) {
      const std::string* value = lookup(text.substr(i + 2, close - i - 2));
      out += value != nullptr ? *value : std::string(text.substr(i, close - i + 1));
      i = close;
    } else {
      // Kubernetes keeps an unfinished reference, and any other character behind a dollar sign, as written.
      out += '$';
      out += next;
      ++i;
    }
  }
  return out;
}

Result<std::string> field_value(const PodSpec& spec, const PodFacts& facts, std::string_view path) {
  std::string_view key;
  if (const auto* map = subscripted(spec, path, &key)) {
    const auto found = map->find(std::string(key));
    return found == map->end() ? std::string() : found->second;
  }
  if (path == "metadata.name") return spec.name;
  if (path == "metadata.namespace") return spec.ns;
  if (path == "metadata.uid") return spec.uid;
  if (path == "spec.nodeName") return spec.node_name;
  if (path == "spec.serviceAccountName") return spec.service_account;
  if (path == "status.hostIP" || path == "status.hostIPs") return facts.host_ip;
  if (path == "status.podIP" || path == "status.podIPs") return facts.pod_ip;
  return fail(ErrorCode::kInvalidArgument, "unsupported fieldPath: " + std::string(path));
}

Result<Variables> resolve_env(const PodSpec& spec, const ContainerSpec& container, const PodFacts& facts) {
  Variables variables;
  const auto lookup = [&](std::string_view name) { return find_variable(variables, name); };
  for (const EnvVar& variable : container.env) {
    switch (variable.source) {
      case EnvVar::Source::kValue:
        set_variable(variables, variable.name, expand(variable.value, lookup));
        break;
      case EnvVar::Source::kField: {
        auto value = field_value(spec, facts, variable.path);
        if (!value) return fail(value.error());
        set_variable(variables, variable.name, std::move(*value));
        break;
      }
      case EnvVar::Source::kResource:
      case EnvVar::Source::kConfigMap:
      case EnvVar::Source::kSecret:
      case EnvVar::Source::kOther:
        if (variable.optional) break;
        return fail(ErrorCode::kUnsupported, "env " + variable.name + ": this source of a value is not supported here");
    }
  }
  return variables;
}

Result<std::vector<std::string>> command_line(const ContainerSpec& container, const Variables& variables) {
  const auto lookup = [&](std::string_view name) { return find_variable(variables, name); };
  std::vector<std::string> words;
  words.reserve(container.command.size() + container.args.size());
  for (const auto& word : container.command) words.push_back(expand(word, lookup));
  for (const auto& word : container.args) words.push_back(expand(word, lookup));
  if (words.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "no command specified: the process runtime takes nothing from the image, write command or args");
  }
  return words;
}

}  // namespace troupe::pod
