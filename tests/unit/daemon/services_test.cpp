#include "daemon/services.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <optional>

#include "kernel/supervision_tree.hpp"
#include "kernel/supervisor.hpp"
#include "kernel/system.hpp"

namespace troupe::daemon {
namespace {

using namespace std::chrono_literals;

/// Signals are for who waits for them, as in the kernel process.
struct Services : testing::Test {
  Services() {
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, &before);
  }
  ~Services() override { pthread_sigmask(SIG_SETMASK, &before, nullptr); }

  bool was_signalled() const {
    const timespec now{};
    return sigtimedwait(&term, nullptr, &now) == SIGTERM;
  }
  kernel::ActorRef start(kernel::System& system, std::uint32_t intensity = 1) {
    kernel::SupervisorSpec plane;
    plane.name = "control plane";
    plane.flags = {kernel::Strategy::kRestForOne, intensity, 5s};
    plane.children = {kernel::service("store", store), kernel::service("threads", threads),
                      kernel::service("api", api)};
    kernel::SupervisorSpec root;
    root.name = "root";
    root.flags = {kernel::Strategy::kOneForOne, intensity, 5s};
    root.children = {kernel::supervisor("control plane", std::move(plane))};
    auto started = kernel::Supervisor::start_root(system, std::move(root), watch.options());
    EXPECT_TRUE(started);
    system.run_ready();
    return started ? *started : kernel::ActorRef();
  }

  sigset_t term{};
  sigset_t before{};
  RootWatch watch;
  Adopted store;
  Adopted threads;
  Adopted api;
};

TEST_F(Services, WhatWasStartedBeforeTheActorsIsInTheTreeAndStopsInOrder) {
  kernel::System system{kernel::SystemOptions{}};
  const kernel::ActorRef root = start(system);
  std::string tree;
  system.request(root, kernel::make_local<kernel::TreeQuery>(), 1s,
                 [&](auto answer) { tree = kernel::render_tree(*kernel::Local<kernel::TreeNode>::from(*answer)); });
  system.run_ready();
  EXPECT_NE(tree.find("store"), std::string::npos) << tree;
  EXPECT_NE(tree.find("api"), std::string::npos) << tree;
  watch.stopping();
  EXPECT_TRUE(system.stop(5s).empty());
  EXPECT_FALSE(watch.gave_up());
  EXPECT_FALSE(was_signalled());
}

TEST_F(Services, WhatBreaksForGoodEndsTheProcessOnce) {
  kernel::System system{kernel::SystemOptions{}};
  const kernel::ActorRef root = start(system);
  EXPECT_TRUE(root.alive());
  threads.broke(Error(ErrorCode::kIo, "no threads"));
  system.run_until_idle();
  EXPECT_FALSE(root.alive()) << "a start of it cannot succeed any more";
  EXPECT_EQ(system.actor_count(), 0U);
  EXPECT_TRUE(watch.gave_up());
  EXPECT_TRUE(was_signalled());
  EXPECT_FALSE(was_signalled());
}

TEST_F(Services, WhatWorksIsAdoptedAgainWhenItsSupervisorIsRestarted) {
  int started = 0;
  for (int i = 0; i < 3; ++i) {
    store.start([&](Status status) { started += status ? 1 : 0; }, [](Error) {});
    store.stop([] {});
  }
  EXPECT_EQ(started, 3);
  std::optional<Status> last;
  store.broke(Error(ErrorCode::kIo, "the disk is gone"));
  store.start([&](Status status) { last = std::move(status); }, [](Error) {});
  ASSERT_TRUE(last && !*last);
  EXPECT_EQ(last->error().message, "the disk is gone");
}

}  // namespace
}  // namespace troupe::daemon
