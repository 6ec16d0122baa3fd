#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "bench/api/https_client.hpp"

namespace troupe::bench {

/// A real `troupe up` in a folder.
class ServerProcess {
 public:
  ServerProcess(std::string troupe, std::string folder);
  ~ServerProcess() { stop(); }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// Starts it and waits for its word that it is ready.
  void start();
  /// Starts it without waiting; the port must be known from an earlier run.
  void launch();
  void wait_until_ready();
  void stop();

  const Endpoint& endpoint() const { return *endpoint_; }
  std::string pki() const { return folder_ + "/pki"; }
  /// Anonymous resident memory of the kernel process and of the keeper, in bytes.
  std::size_t kernel_memory() const { return anonymous_of(kernel_); }
  std::size_t keeper_memory() const { return anonymous_of(keeper_); }
  /// Processor time that the kernel process has taken so far.
  double cpu_seconds() const;

 private:
  static std::size_t anonymous_of(pid_t pid);

  std::string troupe_;
  std::string folder_;
  pid_t keeper_ = -1;
  pid_t kernel_ = -1;
  int output_ = -1;
  std::unique_ptr<Endpoint> endpoint_;
};

}  // namespace troupe::bench
