#include "daemon/pod_ports.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/fd.hpp"

namespace troupe::daemon {
namespace {

using Kind = PortOwner::Kind;

/// A socket of this process that listens on a free port.
class Listener {
 public:
  explicit Listener(std::uint32_t address) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(address);
    socklen_t size = sizeof(where);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&where), size), 0);
    EXPECT_EQ(listen(socket_.get(), 1), 0);
    EXPECT_EQ(getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&where), &size), 0);
    port_ = ntohs(where.sin_port);
  }
  std::uint16_t port() const { return port_; }
  void close() { socket_.reset(); }

 private:
  runtime::Fd socket_;
  std::uint16_t port_ = 0;
};

TEST(PodSockets, FindTheListenerOfAPodsMainProcessAndRecallIt) {
  PodSockets sockets;
  Listener everywhere(INADDR_ANY);
  const PortOwner ours{Kind::kPod, "127.0.0.1"};
  EXPECT_EQ(sockets.recall("a", everywhere.port()), PortOwner{Kind::kUnknown});
  EXPECT_EQ(sockets.look("a", everywhere.port(), {getpid()}), ours);
  EXPECT_EQ(sockets.recall("a", everywhere.port()), ours);
  EXPECT_EQ(sockets.recall("b", everywhere.port()), PortOwner{Kind::kUnknown});
  everywhere.close();
  EXPECT_EQ(sockets.recall("a", everywhere.port()), PortOwner{Kind::kNobody});
  EXPECT_EQ(sockets.look("a", everywhere.port(), {getpid()}), PortOwner{Kind::kNobody});
}

TEST(PodSockets, KnowAPodsProcessByItsSession) {
  PodSockets sockets;
  const Listener local(INADDR_LOOPBACK);
  EXPECT_EQ(sockets.look("a", local.port(), {getsid(0)}), (PortOwner{Kind::kPod, "127.0.0.1"}));
}

TEST(PodSockets, TellAnothersListenerApart) {
  PodSockets sockets;
  const Listener local(INADDR_LOOPBACK);
  EXPECT_EQ(sockets.look("a", local.port(), {}), PortOwner{Kind::kOther});
  // Which of the two depends on whether a second has passed since.
  const PortOwner later = sockets.recall("a", local.port());
  EXPECT_TRUE(later.kind == Kind::kOther || later.kind == Kind::kUnknown);
  EXPECT_EQ(sockets.look("a", local.port(), {getpid()}).kind, Kind::kPod) << "who looks again sees what is there now";
}

TEST(PodSockets, MainProcessesAreThoseOfThePodsContainersThatRun) {
  runtime::Inventory inventory;
  const auto add = [&](const std::string& sandbox, pid_t pid, runtime::ContainerState state) {
    runtime::ContainerInfo container;
    container.sandbox_id = sandbox;
    container.state = state;
    container.start.pid = pid;
    inventory.containers.push_back(container);
  };
  add("a", 11, runtime::ContainerState::kRunning);
  add("a", 12, runtime::ContainerState::kExited);
  add("b", 13, runtime::ContainerState::kRunning);
  EXPECT_EQ(main_processes(inventory, "a"), (std::vector<pid_t>{11}));
  EXPECT_EQ(main_processes(inventory, ""), (std::vector<pid_t>{11, 13}));
}

}  // namespace
}  // namespace troupe::daemon
