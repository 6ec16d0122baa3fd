// The `troupe` command: reads the command line, everything else is in the folders below.
#include <arpa/inet.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "cli/convert.hpp"
#include "cli/crash.hpp"
#include "cli/doctor.hpp"
#include "cli/down.hpp"
#include "cli/keeper_upgrade.hpp"
#include "cli/status.hpp"
#include "cli/supervise.hpp"
#include "cli/tree.hpp"
#include "cli/version.hpp"
#include "daemon/kernel.hpp"
#include "daemon/up.hpp"

namespace troupe::cli {
namespace {

/// The chosen command, run after the whole command line has been read and checked.
using Action = std::function<int()>;

constexpr int kUsageError = 2;

void add_convert(CLI::App& app, Action& action) {
  auto options = std::make_shared<ConvertOptions>();
  CLI::App* command = app.add_subcommand("convert", "Convert objects between JSON, YAML, protobuf and Cap'n Proto");
  command->add_option("-f,--filename", options->file, "File to read; - reads standard input")->capture_default_str();
  const std::map<std::string, ConvertOptions::Output> forms = {{"json", ConvertOptions::Output::kJson},
                                                               {"yaml", ConvertOptions::Output::kYaml},
                                                               {"protobuf", ConvertOptions::Output::kProtobuf},
                                                               {"capnp", ConvertOptions::Output::kCapnp}};
  command->add_option("-o,--output", options->output, "json, yaml, protobuf or capnp")
      ->transform(CLI::Transformer(forms))
      ->option_text("FORM [yaml]");
  command->add_flag("--strict", options->strict, "Refuse unknown and duplicate fields");
  command->callback(
      [&action, options] { action = [options] { return run_convert(*options, std::cin, std::cout, std::cerr); }; });
}

void add_supervise(CLI::App& app, Action& action) {
  auto options = std::make_shared<SuperviseOptions>();
  CLI::App* command =
      app.add_subcommand("supervise", "Run a scenario of supervisors and print its events as JSON lines");
  command->add_option("--scenario", options->scenario, "File to read; - reads standard input")->required();
  command->add_option("--seed", options->seed, "Seed of the order of delivery")->capture_default_str();
  command->callback(
      [&action, options] { action = [options] { return run_supervise(*options, std::cout, std::cerr); }; });
}

/// "127.0.0.1:6443", "[::1]:6443": into address and port.
std::string read_listen(const std::string& text, daemon::KernelOptions& options) {
  const std::size_t colon = text.rfind(':');
  std::string wrong = "--listen: \"" + text + "\" is not ADDRESS:PORT, as in 127.0.0.1:6443";
  if (colon == std::string::npos || colon == 0) return wrong;
  const std::string port = text.substr(colon + 1);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size() || number > 65535) return wrong;
  options.listen_address = text.substr(0, colon);
  if (options.listen_address.front() == '[' && options.listen_address.back() == ']') {
    options.listen_address = options.listen_address.substr(1, options.listen_address.size() - 2);
  }
  in6_addr address;
  if (inet_pton(AF_INET, options.listen_address.c_str(), &address) != 1 &&
      inet_pton(AF_INET6, options.listen_address.c_str(), &address) != 1) {
    return "--listen: \"" + options.listen_address + "\" is not an IP address, as 127.0.0.1 and [::1] are";
  }
  options.port = static_cast<std::uint16_t>(number);
  return {};
}

/// The options that `up` and the kernel it starts have in common.
void add_kernel_options(CLI::App& command, daemon::KernelOptions& options) {
  command.add_option("--data-dir", options.data_dir, "Where everything is kept")
      ->required()
      ->envname("TROUPE_DATA_DIR");
  command
      .add_option_function<std::string>(
          "--listen",
          [&options](const std::string& text) {
            if (std::string wrong = read_listen(text, options); !wrong.empty()) throw CLI::ValidationError(wrong);
          },
          "Address and port of the API; port 0 picks a free one [127.0.0.1:6443]")
      ->envname("TROUPE_LISTEN");
  command.add_option("--kubeconfig", options.kubeconfig, "File to write the administrator's kubeconfig to")
      ->envname("TROUPE_KUBECONFIG");
  command.add_option("--token-auth-file,--token-file", options.token_file, "CSV of token,user,uid,\"group1,group2\"")
      ->envname("TROUPE_TOKEN_AUTH_FILE")
      ->check(CLI::ExistingFile);
  command.add_option("--service-cluster-ip-range", options.service_range, "Network of Services' addresses")
      ->capture_default_str()
      ->envname("TROUPE_SERVICE_CLUSTER_IP_RANGE");
  command.add_option("--service-node-port-range", options.node_port_range, "Ports for Services of type NodePort")
      ->capture_default_str()
      ->envname("TROUPE_SERVICE_NODE_PORT_RANGE");
  command.add_option("--node-name", options.node_name, "Name of this machine's Node [its host name]")
      ->envname("TROUPE_NODE_NAME");
  command.add_option("--max-pods", options.max_pods, "Pods this node takes")
      ->capture_default_str()
      ->envname("TROUPE_MAX_PODS");
  command.add_option("--threads", options.threads, "Threads for actors and HTTP; 0: one a core")
      ->capture_default_str()
      ->envname("TROUPE_THREADS");
  command.add_flag("--memory-store", options.memory_store, "Keep nothing on disk")->envname("TROUPE_MEMORY_STORE");
  command
      .add_option_function<std::string>(
          "--log-format", [&options](const std::string& form) { options.log_json = form == "json"; },
          "Form of log lines: text or json [text]")
      ->check(CLI::IsMember({"text", "json"}))
      ->envname("TROUPE_LOG_FORMAT");
  command.add_option("-v,--verbosity", options.verbosity, "How much is logged: 0 to 10; from 2 what developers follow")
      ->capture_default_str()
      ->check(CLI::Range(0, 10))
      ->envname("TROUPE_VERBOSITY");
}

void add_up(CLI::App& app, Action& action) {
  auto options = std::make_shared<daemon::UpOptions>();
  CLI::App* command = app.add_subcommand("up", "Start Troupe in the foreground; SIGTERM stops it in order");
  add_kernel_options(*command, options->kernel);
  command->add_flag("--keep-workloads", options->keep_workloads, "Leave the workloads running for the next start")
      ->envname("TROUPE_KEEP_WORKLOADS");
  command->callback([&action, options] { action = [options] { return daemon::run_up(*options); }; });
}

void add_kernel(CLI::App& app, Action& action) {
  auto options = std::make_shared<daemon::KernelOptions>();
  CLI::App* command = app.add_subcommand("kernel", "The kernel process, as the keeper starts it");
  command->group("");  // not in the help: `up` is what people start
  add_kernel_options(*command, *options);
  command->callback([&action, options] { action = [options] { return daemon::run_kernel(*options); }; });
}

void add_down(CLI::App& app, Action& action) {
  auto options = std::make_shared<DownOptions>();
  CLI::App* command = app.add_subcommand("down", "Stop the Troupe of a data directory, its workloads first");
  command->add_option("--data-dir", options->data_dir, "The one given to up")->required()->envname("TROUPE_DATA_DIR");
  command->callback([&action, options] { action = [options] { return run_down(*options, std::cerr); }; });
}

void add_keeper_upgrade(CLI::App& app, Action& action) {
  auto options = std::make_shared<KeeperUpgradeOptions>();
  CLI::App* command = app.add_subcommand(
      "keeper-upgrade", "Have the keeper run its program on disk, in place, without touching a workload");
  command->add_option("--data-dir", options->data_dir, "The one given to up")->required()->envname("TROUPE_DATA_DIR");
  command->callback(
      [&action, options] { action = [options] { return run_keeper_upgrade(*options, std::cout, std::cerr); }; });
}

void add_tree(CLI::App& app, Action& action) {
  auto options = std::make_shared<TreeOptions>();
  CLI::App* command = app.add_subcommand("tree", "Print the supervision tree: restarts, mailboxes, last reasons");
  command->add_option("--data-dir", options->data_dir, "The one given to up")->required()->envname("TROUPE_DATA_DIR");
  command->callback([&action, options] { action = [options] { return run_tree(*options, std::cout, std::cerr); }; });
}

void add_crash(CLI::App& app, Action& action) {
  auto options = std::make_shared<CrashOptions>();
  CLI::App* command = app.add_subcommand(
      "crash", "Make one actor end as if its handler had thrown: an experiment; its supervisor acts, workloads run on");
  command->add_option("--data-dir", options->data_dir, "The one given to up")->required()->envname("TROUPE_DATA_DIR");
  command
      ->add_option("actor", options->actor,
                   "Its name as `troupe tree` prints it, up to the first comma or bracket; of a pod's actor also "
                   "\"pod NAMESPACE/NAME\"")
      ->required();
  command->footer("Exit codes: 0 it has ended, 1 it has not (no actor of that name, not allowed, no answer).");
  command->callback([&action, options] { action = [options] { return run_crash(*options, std::cout, std::cerr); }; });
}

/// "-o json" as kubectl has it; without it, text for people.
void add_output(CLI::App& command, bool& json) {
  command
      .add_option_function<std::string>(
          "-o,--output", [&json](const std::string& form) { json = form == "json"; }, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->option_text("FORM [text]");
}

void add_status(CLI::App& app, Action& action) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* command =
      app.add_subcommand("status", "One screen: version, address, nodes, pods, restarts, store, keeper");
  command->add_option("--data-dir", options->data_dir, "The one given to up")->required()->envname("TROUPE_DATA_DIR");
  add_output(*command, options->json);
  command->footer("Exit codes: 0 kernel and keeper answer, 1 one of them does not.");
  command->callback([&action, options] { action = [options] { return run_status(*options, std::cout, std::cerr); }; });
}

void add_doctor(CLI::App& app, Action& action) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* command = app.add_subcommand(
      "doctor", "What this machine can and cannot do: limits, namespaces, privileges, real-time settings, costs");
  command->add_option("--data-dir", options->data_dir, "Where fdatasync is timed [the folder for temporary files]")
      ->envname("TROUPE_DATA_DIR");
  add_output(*command, options->json);
  command->footer("Each line is ok, limited or missing, and says what that means. Run it as the user of `troupe up`.");
  command->callback([&action, options] { action = [options] { return run_doctor(*options, std::cout); }; });
}

void add_version(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("version", "Print the version");
  command->callback([&action] {
    action = [] {
      std::cout << "troupe " << version() << "\n";
      return EXIT_SUCCESS;
    };
  });
}

/// CLI11 looks for what is missing before it tells of what it did not know, which is often why something is missing.
int refuse(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> unknown = app.remaining(true);
  if (dynamic_cast<const CLI::RequiredError*>(&error) == nullptr || unknown.empty()) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : kUsageError;
  }
  app.exit(CLI::ExtrasError("troupe", unknown));
  return kUsageError;
}

int run(int argc, char** argv) {
  CLI::App app("Troupe: an orchestrator of supervised actors that speaks the Kubernetes API", "troupe");
  app.require_subcommand(1);
  app.footer("Exit codes: 0 done, 1 failed, 2 the command line is wrong.");
  Action action;
  app.set_config("--config", "", "File with options, a section a command: [up] and data-dir = \"/var/lib/troupe\"")
      ->envname("TROUPE_CONFIG");
  add_up(app, action);
  add_down(app, action);
  add_keeper_upgrade(app, action);
  add_kernel(app, action);
  add_tree(app, action);
  add_crash(app, action);
  add_status(app, action);
  add_doctor(app, action);
  add_convert(app, action);
  add_supervise(app, action);
  add_version(app, action);
  app.allow_config_extras(CLI::config_extras_mode::error);
  for (CLI::App* command : app.get_subcommands({})) command->allow_config_extras(CLI::config_extras_mode::error);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return refuse(app, error);
  }
  return action();
}

}  // namespace
}  // namespace troupe::cli

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  try {
    return troupe::cli::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "troupe: " << error.what() << "\n";
    return EXIT_FAILURE;
  }
}
