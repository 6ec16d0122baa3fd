#include "actors/pod/environment.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

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

/// A quantity as a number: exact for what resources are asked in.
Result<double> quantity(const std::string& text) {
  static constexpr std::pair<std::string_view, double> kSuffixes[] = {{"Ki", 1024.0},
                                                                      {"Mi", 1048576.0},
                                                                      {"Gi", 1073741824.0},
                                                                      {"Ti", 1099511627776.0},
                                                                      {"Pi", 1125899906842624.0},
                                                                      {"m", 1e-3},
                                                                      {"k", 1e3},
                                                                      {"M", 1e6},
                                                                      {"G", 1e9},
                                                                      {"T", 1e12},
                                                                      {"P", 1e15},
                                                                      {"", 1.0}};
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  for (const auto& [suffix, factor] : kSuffixes) {
    if (end != text.c_str() && suffix == end) return value * factor;
  }
  return fail(ErrorCode::kInvalidArgument, "quantity \"" + text + "\": not understood");
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

std::vector<std::pair<EnvVar::Source, std::string>> object_references(const ContainerSpec& container) {
  std::vector<std::pair<EnvVar::Source, std::string>> out;
  const auto add = [&](EnvVar::Source source, const std::string& object) {
    const std::pair<EnvVar::Source, std::string> one(source, object);
    if (std::find(out.begin(), out.end(), one) == out.end()) out.push_back(one);
  };
  for (const auto& from : container.env_from) add(from.source, from.object);
  for (const auto& variable : container.env) {
    const bool object = variable.source == EnvVar::Source::kConfigMap || variable.source == EnvVar::Source::kSecret;
    if (object) add(variable.source, variable.object);
  }
  return out;
}

Result<std::string> resource_value(const PodSpec& spec, const ContainerSpec& container, const PodFacts& facts,
                                   const EnvVar& variable) {
  const auto found = std::find_if(spec.containers.begin(), spec.containers.end(),
                                  [&](const ContainerSpec& one) { return one.name == variable.object; });
  if (!variable.object.empty() && found == spec.containers.end()) {
    return fail(ErrorCode::kInvalidArgument, "container " + variable.object + " not found");
  }
  const ContainerSpec& of = variable.object.empty() ? container : *found;
  const bool limit = variable.path.starts_with("limits.");
  const auto dot = variable.path.find('.');
  if ((!limit && !variable.path.starts_with("requests.")) || dot == std::string::npos) {
    return fail(ErrorCode::kInvalidArgument, "unsupported container resource : " + variable.path);
  }
  const std::string resource = variable.path.substr(dot + 1);
  const auto& values = limit ? of.limits : of.requests;
  const auto written = values.find(resource);
  const bool cpu = resource == "cpu";
  double value = 0;
  if (written != values.end()) {
    auto read = quantity(written->second);
    if (!read) return fail(read.error());
    value = *read;
  } else if (limit && facts.machine.contains(resource)) {
    value = static_cast<double>(facts.machine.at(resource)) / (cpu ? 1000.0 : 1.0);
  }
  auto divisor = quantity(variable.divisor.empty() || variable.divisor == "0" ? "1" : variable.divisor);
  if (!divisor) return fail(divisor.error());
  return std::to_string(static_cast<std::int64_t>(std::ceil(value / *divisor - 1e-9)));
}

namespace {

Error missing_object(EnvVar::Source source, const std::string& name) {
  return Error(ErrorCode::kNotFound,
               std::string(source == EnvVar::Source::kSecret ? "secret" : "configmap") + " \"" + name + "\" not found");
}

Status add_all(const ContainerSpec& container, const PodFacts& facts, Variables& variables) {
  for (const EnvFrom& from : container.env_from) {
    const auto object = facts.objects.find({from.source, from.object});
    if (object == facts.objects.end()) {
      if (from.optional) continue;
      return fail(missing_object(from.source, from.object));
    }
    for (const auto& [key, value] : object->second) {
      const std::string name = from.prefix + key;
      const bool good = !name.empty() && name.find_first_of(std::string_view("=\0", 2)) == std::string::npos;
      if (good) set_variable(variables, name, value);
    }
  }
  return {};
}

/// Nothing when the key is not there and may be missing.
Result<std::optional<std::string>> key_value(const PodSpec& spec, const PodFacts& facts, const EnvVar& variable) {
  const auto object = facts.objects.find({variable.source, variable.object});
  if (object == facts.objects.end()) {
    if (variable.optional) return std::optional<std::string>();
    return fail(missing_object(variable.source, variable.object));
  }
  const auto found = object->second.find(variable.path);
  if (found != object->second.end()) return std::optional<std::string>(found->second);
  if (variable.optional) return std::optional<std::string>();
  return fail(ErrorCode::kNotFound, "couldn't find key " + variable.path + " in " +
                                        (variable.source == EnvVar::Source::kSecret ? "Secret " : "ConfigMap ") +
                                        spec.ns + "/" + variable.object);
}

}  // namespace

Result<Variables> resolve_env(const PodSpec& spec, const ContainerSpec& container, const PodFacts& facts) {
  Variables variables = facts.services;
  if (auto added = add_all(container, facts, variables); !added) return fail(added.error());
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
      case EnvVar::Source::kResource: {
        auto value = resource_value(spec, container, facts, variable);
        if (!value) return fail(value.error());
        set_variable(variables, variable.name, std::move(*value));
        break;
      }
      case EnvVar::Source::kConfigMap:
      case EnvVar::Source::kSecret: {
        auto value = key_value(spec, facts, variable);
        if (!value) return fail(value.error());
        if (*value) set_variable(variables, variable.name, std::move(**value));
        break;
      }
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
