#include "daemon/tree_page.hpp"

#include <gtest/gtest.h>

#include <string>

#include "schema/core_v1.capnp.h"
#include "schema/segment.hpp"

namespace troupe::daemon {
namespace {

using k8s::core::v1::Pod;

template <class Fill>
std::string shown(Fill fill) {
  capnp::MallocMessageBuilder builder;
  auto pod = builder.initRoot<Pod>();
  pod.getMetadata().setNamespace("default");
  pod.getMetadata().setName("web");
  fill(pod.getStatus());
  kernel::TreeNode actor;
  actor.name = "pod 1-2-3";
  show_pod(schema::to_segment<Pod>(pod.asReader()), actor);
  return kernel::render_tree(actor);
}

using Status = k8s::core::v1::PodStatus::Builder;

TEST(TreePage, ShowsHowAContainerThatComesBackEndedAndItsLastWords) {
  EXPECT_EQ(shown([](Status status) {
              auto main = status.initContainerStatuses(1)[0];
              main.setName("main");
              main.setRestartCount(3);
              main.getState().getWaiting().setReason("CrashLoopBackOff");
              auto end = main.getLastState().getTerminated();
              end.setReason("Error");
              end.setExitCode(7);
              end.setMessage("cannot open\n\tthe database\n");
            }),
            "pod 1-2-3, default/web\n"
            "└── main, restarting, 3 restarts, last: Error, exit code 7: cannot open the database, CrashLoopBackOff\n");
}

TEST(TreePage, ShowsContainersThatEndedThatRunAndThatWaitInTheOrderOfTheirStarts) {
  EXPECT_EQ(shown([](Status status) {
              auto init = status.initInitContainerStatuses(1)[0];
              init.setName("prepare");
              init.getState().getTerminated().setReason("Completed");
              auto both = status.initContainerStatuses(2);
              both[0].setName("main");
              both[0].getState().initRunning();
              both[0].setRestartCount(1);
              both[0].getLastState().getTerminated().setExitCode(137);
              both[0].getLastState().getTerminated().setSignal(9);
              both[1].setName("side");
              both[1].getState().getWaiting().setReason("ContainerCreating");
            }),
            "pod 1-2-3, default/web\n"
            "├── prepare, stopped, last: Completed, exit code 0\n"
            "├── main, 1 restart, last: ended, exit code 137, signal 9\n"
            "└── side, ContainerCreating\n");
}

TEST(TreePage, OfLongLastWordsTheEndIsShown) {
  const std::string words = shown([](Status status) {
    auto main = status.initContainerStatuses(1)[0];
    main.setName("main");
    std::string message;
    for (int i = 0; i < 1000; ++i) message += "ä";
    main.getState().getTerminated().setMessage(message + " the reason");
  });
  EXPECT_LT(words.size(), 320u) << words;
  EXPECT_NE(words.find("…ä"), std::string::npos) << "cut between letters: " << words;
  EXPECT_NE(words.find("ä the reason\n"), std::string::npos) << words;
}

}  // namespace
}  // namespace troupe::daemon
