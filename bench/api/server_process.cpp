#include "bench/api/server_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace troupe::bench {

namespace {

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

pid_t kernel_of(pid_t keeper) {
  const std::string own = std::to_string(keeper);
  std::istringstream children(file_text("/proc/" + own + "/task/" + own + "/children"));
  for (pid_t child = 0; children >> child;) {
    const std::string words = file_text("/proc/" + std::to_string(child) + "/cmdline");
    if (words.find(std::string("\0kernel\0", 8)) != std::string::npos) return child;
  }
  die("troupe up has no kernel process");
}

}  // namespace

ServerProcess::ServerProcess(std::string troupe, std::string folder)
    : troupe_(std::move(troupe)), folder_(std::move(folder)) {}

void ServerProcess::launch() {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) die("no pipe");
  keeper_ = ::fork();
  if (keeper_ < 0) die("no fork");
  if (keeper_ == 0) {
    ::dup2(pipe[1], STDOUT_FILENO);
    const int log = ::open((folder_ + ".log").c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0644);
    ::dup2(log, STDERR_FILENO);
    const std::string kubeconfig = folder_ + ".kubeconfig";
    ::execl(troupe_.c_str(), troupe_.c_str(), "up", "--data-dir", folder_.c_str(), "--listen", "127.0.0.1:0",
            "--kubeconfig", kubeconfig.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(pipe[1]);
  output_ = pipe[0];
}

void ServerProcess::wait_until_ready() {
  std::string said;
  while (said.find("ready") == std::string::npos || said.back() != '\n') {
    std::array<char, 512> buffer{};
    const ssize_t got = ::read(output_, buffer.data(), buffer.size());
    if (got <= 0) die("troupe up ended before it was ready: " + said + file_text(folder_ + ".log"));
    said.append(buffer.data(), static_cast<std::size_t>(got));
  }
  const std::size_t at = said.find("https://127.0.0.1:");
  if (at == std::string::npos) die("troupe up does not say where it serves: " + said);
  const auto port = static_cast<std::uint16_t>(std::atoi(said.c_str() + at + 18));
  endpoint_ = std::make_unique<Endpoint>(pki(), port);
  kernel_ = kernel_of(keeper_);
}

void ServerProcess::start() {
  launch();
  wait_until_ready();
}

void ServerProcess::stop() {
  if (keeper_ <= 0) return;
  ::kill(keeper_, SIGTERM);
  ::waitpid(keeper_, nullptr, 0);
  ::close(output_);
  keeper_ = kernel_ = -1;
}

double ServerProcess::cpu_seconds() const {
  const std::string stat = file_text("/proc/" + std::to_string(kernel_) + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;  // state up to cmajflt
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::size_t ServerProcess::anonymous_of(pid_t pid) {
  const std::string status = file_text("/proc/" + std::to_string(pid) + "/status");
  const std::size_t at = status.find("RssAnon:");
  if (at == std::string::npos) die("no RssAnon of process " + std::to_string(pid));
  return static_cast<std::size_t>(std::atoll(status.c_str() + at + 8)) * 1024;
}

}  // namespace troupe::bench
