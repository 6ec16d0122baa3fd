#include <linux/seccomp.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <limits>
#include <optional>
#include <utility>

#include "runtime/capabilities.hpp"
#include "runtime/seccomp.hpp"
#include "schema/codec/json.hpp"

namespace troupe::runtime {
namespace {

using schema::Node;
using schema::PathStep;

constexpr std::uint16_t kRefused = 1;  // EPERM, as every runtime answers without an errnoRet
constexpr std::int64_t kMostErrno = 4095;
constexpr std::size_t kMostArguments = 6;

template <class T>
using Words = std::pair<std::string_view, T>;

constexpr std::array<Words<CallAction>, 8> kActions = {{{"SCMP_ACT_ALLOW", CallAction::kAllow},
                                                        {"SCMP_ACT_ERRNO", CallAction::kErrno},
                                                        {"SCMP_ACT_KILL", CallAction::kKillThread},
                                                        {"SCMP_ACT_KILL_THREAD", CallAction::kKillThread},
                                                        {"SCMP_ACT_KILL_PROCESS", CallAction::kKillProcess},
                                                        {"SCMP_ACT_TRAP", CallAction::kTrap},
                                                        {"SCMP_ACT_TRACE", CallAction::kTrace},
                                                        {"SCMP_ACT_LOG", CallAction::kLog}}};
constexpr std::array<Words<CallComparison>, 7> kComparisons = {{{"SCMP_CMP_NE", CallComparison::kNotEqual},
                                                                {"SCMP_CMP_LT", CallComparison::kLess},
                                                                {"SCMP_CMP_LE", CallComparison::kLessEqual},
                                                                {"SCMP_CMP_EQ", CallComparison::kEqual},
                                                                {"SCMP_CMP_GE", CallComparison::kGreaterEqual},
                                                                {"SCMP_CMP_GT", CallComparison::kGreater},
                                                                {"SCMP_CMP_MASKED_EQ", CallComparison::kMaskedEqual}}};
constexpr std::array<Words<std::uint32_t>, 3> kFlags = {
    {{"SECCOMP_FILTER_FLAG_TSYNC", 0},  // there is one thread only
     {"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
     {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW}}};

template <class Table>
auto lookup(const Table& table, std::string_view word) -> std::optional<decltype(table[0].second)> {
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& one) { return one.first == word; });
  if (found == table.end()) return std::nullopt;
  return found->second;
}

/// "SCMP_ARCH_X86_64" → "x86_64".
std::string architecture_name(std::string_view word) {
  constexpr std::string_view kPrefix = "SCMP_ARCH_";
  if (word.starts_with(kPrefix)) word.remove_prefix(kPrefix.size());
  std::string out(word);
  for (char& letter : out) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return out;
}

/// As Docker names them in `includes.arches`, and as libseccomp does.
constexpr std::array<Words<std::string_view>, 4> kMachines = {
    {{"amd64", "x86_64"}, {"x86", "x86"}, {"arm64", "aarch64"}, {"riscv64", "riscv64"}}};

constexpr std::string_view kOwnMachine =
#if defined(__x86_64__)
    "amd64";
#elif defined(__i386__)
    "x86";
#elif defined(__aarch64__)
    "arm64";
#elif defined(__riscv)
    "riscv64";
#else
    "unknown";
#endif

/// Reads a profile's tree. Keeps the first thing that is wrong and goes on with what is empty.
class ProfileReader {
 public:
  explicit ProfileReader(const ProfileContext& context) : context_(context) {}

  Result<CallProfile> read(const Node& root) {
    const PathStep* top = nullptr;
    if (!root.is_object()) return fail(ErrorCode::kInvalidArgument, "expected an object");
    CallProfile out;
    out.otherwise = verdict(root, top, "defaultAction", "defaultErrnoRet");
    read_architectures(root, out);
    const PathStep flags(top, "flags");
    for (const std::string& word : texts(root, flags)) {
      const auto flag = lookup(kFlags, word);
      if (!flag) wrong(&flags, "\"" + word + "\" is no flag that can be kept");
      out.flags |= flag.value_or(0);
    }
    if (const Node* path = root.find("listenerPath"); path != nullptr && !path->is_null()) refuse_listener();
    const PathStep list(top, "syscalls");
    const Node* calls = member(root, list, Node::Kind::kArray);
    for (std::size_t i = 0; calls != nullptr && i < calls->size() && !error_; ++i) {
      const PathStep step(&list, i);
      read_rule(calls->items()[i], step, out);
    }
    if (error_) return fail(std::move(*error_));
    return out;
  }

 private:
  void wrong(const PathStep* step, const std::string& reason) {
    if (!error_) error_ = Error(ErrorCode::kInvalidArgument, schema::path_text(step) + ": " + reason);
  }
  void refuse_listener() {
    if (!error_) error_ = Error(ErrorCode::kUnsupported, "SCMP_ACT_NOTIFY and listenerPath are not supported");
  }

  /// The member that the step names, of the kind; null when it is absent or wrong.
  const Node* member(const Node& of, const PathStep& step, Node::Kind kind) {
    const Node* found = of.find(step.name);
    if (found == nullptr || found->is_null()) return nullptr;
    if (found->kind() == kind) return found;
    static constexpr const char* kNames[] = {"null",   "a boolean", "an integer", "a number",
                                             "a text", "a list",    "an object"};
    wrong(&step, std::string("expected ") + kNames[static_cast<std::size_t>(kind)]);
    return nullptr;
  }
  std::string text(const Node& of, const PathStep& step) {
    const Node* found = member(of, step, Node::Kind::kString);
    return found != nullptr ? std::string(found->as_string()) : std::string();
  }
  std::vector<std::string> texts(const Node& of, const PathStep& step) {
    std::vector<std::string> out;
    const Node* list = member(of, step, Node::Kind::kArray);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      const PathStep item(&step, i);
      if (!list->items()[i].is_string())
        wrong(&item, "expected a text");
      else
        out.emplace_back(list->items()[i].as_string());
    }
    return out;
  }
  std::optional<std::uint64_t> number(const Node& of, const PathStep& step, std::int64_t most) {
    const Node* found = of.find(step.name);
    if (found == nullptr || found->is_null()) return std::nullopt;
    if (found->is_int() && found->as_int() >= 0 && found->as_int() <= most) {
      return static_cast<std::uint64_t>(found->as_int());
    }
    wrong(&step, "expected an integer from 0 to " + std::to_string(most));
    return std::nullopt;
  }

  CallVerdict verdict(const Node& of, const PathStep* where, std::string_view action, std::string_view value) {
    const PathStep step(where, action);
    const PathStep value_step(where, value);
    const std::string word = text(of, step);
    if (word == "SCMP_ACT_NOTIFY") refuse_listener();
    const auto found = lookup(kActions, word);
    if (!found) wrong(&step, word.empty() ? "missing" : "\"" + word + "\" is no action");
    CallVerdict out{found.value_or(CallAction::kErrno), 0};
    const auto given = number(of, value_step, kMostErrno);
    const bool takes = out.action == CallAction::kErrno || out.action == CallAction::kTrace;
    if (takes) out.value = static_cast<std::uint16_t>(given.value_or(kRefused));
    return out;
  }

  void read_architectures(const Node& root, CallProfile& out) {
    const PathStep plain(nullptr, "architectures");
    const PathStep map(nullptr, "archMap");
    const Node* entries = member(root, map, Node::Kind::kArray);
    for (const std::string& word : texts(root, plain)) out.architectures.push_back(architecture_name(word));
    if (entries == nullptr || entries->size() == 0) return;
    if (!out.architectures.empty()) wrong(&map, "not beside architectures");
    for (std::size_t i = 0; i < entries->size(); ++i) {
      const PathStep entry(&map, i);
      const PathStep name(&entry, "architecture");
      const PathStep more(&entry, "subArchitectures");
      const std::string machine = architecture_name(text(entries->items()[i], name));
      const std::vector<std::string> with = texts(entries->items()[i], more);
      if (machine != lookup(kMachines, context_.architecture).value_or("")) continue;
      for (const std::string& word : with) out.architectures.push_back(architecture_name(word));
    }
  }

  bool is_newer_than(const Node& of, const PathStep& step) {
    unsigned major = 0;
    unsigned minor = 0;
    const std::string version = text(of, step);
    if (std::sscanf(version.c_str(), "%u.%u", &major, &minor) != 2) wrong(&step, "expected a version like \"4.8\"");
    return std::pair(context_.kernel_major, context_.kernel_minor) >= std::pair(major, minor);
  }

  /// Whether the capabilities named are there: all for `includes`, any for `excludes`.
  bool has(const std::vector<std::string>& names, bool all) const {
    const auto held = [&](const std::string& name) {
      return (capability_bit(name).value_or(0) & context_.capabilities) != 0;
    };
    return all ? std::all_of(names.begin(), names.end(), held) : std::any_of(names.begin(), names.end(), held);
  }

  bool applies(const Node& rule, const PathStep& step) {
    bool out = true;
    for (const bool include : {true, false}) {
      const PathStep filter(&step, include ? "includes" : "excludes");
      const Node* found = member(rule, filter, Node::Kind::kObject);
      if (found == nullptr) continue;
      const PathStep caps(&filter, "caps");
      const PathStep arches(&filter, "arches");
      const PathStep kernel(&filter, "minKernel");
      const auto names = texts(*found, caps);
      const auto machines = texts(*found, arches);
      const bool here = std::find(machines.begin(), machines.end(), context_.architecture) != machines.end();
      if (!names.empty() && has(names, include) != include) out = false;
      if (!machines.empty() && here != include) out = false;
      if (found->find("minKernel") != nullptr && is_newer_than(*found, kernel) != include) out = false;
    }
    return out;
  }

  std::optional<CallCondition> read_condition(const Node& from, const PathStep& step) {
    const PathStep index(&step, "index");
    const PathStep operation(&step, "op");
    const PathStep value(&step, "value");
    const PathStep second(&step, "valueTwo");
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    if (!from.is_object()) {
      wrong(&step, "expected an object");
      return std::nullopt;
    }
    const std::string word = text(from, operation);
    const auto comparison = lookup(kComparisons, word);
    if (!comparison) wrong(&operation, word.empty() ? "missing" : "\"" + word + "\" is no comparison");
    CallCondition out;
    out.argument = static_cast<unsigned>(number(from, index, kMostArguments - 1).value_or(0));
    out.comparison = comparison.value_or(CallComparison::kEqual);
    out.value = number(from, value, kMost).value_or(0);
    out.masked = number(from, second, kMost).value_or(0);
    return out;
  }

  void read_rule(const Node& from, const PathStep& step, CallProfile& out) {
    if (!from.is_object()) return wrong(&step, "expected an object");
    const PathStep names(&step, "names");
    const PathStep name(&step, "name");
    const PathStep args(&step, "args");
    CallRule rule;
    rule.place = schema::path_text(&step);
    rule.names = texts(from, names);
    if (std::string one = text(from, name); !one.empty()) {
      if (!rule.names.empty()) wrong(&name, "not beside names");
      rule.names.push_back(std::move(one));
    }
    if (rule.names.empty()) wrong(&names, "missing");
    rule.verdict = verdict(from, &step, "action", "errnoRet");
    const Node* conditions = member(from, args, Node::Kind::kArray);
    for (std::size_t i = 0; conditions != nullptr && i < conditions->size(); ++i) {
      const PathStep item(&args, i);
      if (auto condition = read_condition(conditions->items()[i], item)) rule.conditions.push_back(*condition);
    }
    if (applies(from, step)) add(std::move(rule), out);
  }

  /// Conditions on one argument more than once are alternatives, as container runtimes take them.
  static void add(CallRule rule, CallProfile& out) {
    std::array<unsigned, kMostArguments> count{};
    for (const CallCondition& each : rule.conditions) ++count.at(each.argument);
    if (std::all_of(count.begin(), count.end(), [](unsigned n) { return n < 2; })) {
      out.rules.push_back(std::move(rule));
      return;
    }
    for (const CallCondition& each : rule.conditions) {
      out.rules.push_back({rule.names, rule.verdict, {each}, rule.place});
    }
  }

  const ProfileContext& context_;
  std::optional<Error> error_;
};

}  // namespace

ProfileContext profile_context(std::uint64_t capabilities) {
  ProfileContext out{capabilities, std::string(kOwnMachine)};
  utsname system{};
  if (uname(&system) == 0) std::sscanf(system.release, "%u.%u", &out.kernel_major, &out.kernel_minor);
  return out;
}

Result<CallProfile> parse_profile(std::string_view json, const ProfileContext& context) {
  schema::Limits limits;
  limits.max_depth = 32;
  schema::Document document(limits);
  schema::Diagnostics diagnostics(schema::Strictness::kStrict);
  schema::JsonDecoder decoder(limits);
  if (Status parsed = decoder.parse(json, document, diagnostics); !parsed) {
    return fail(ErrorCode::kInvalidArgument, parsed.error().message);
  }
  return ProfileReader(context).read(document.root());
}

}  // namespace troupe::runtime
