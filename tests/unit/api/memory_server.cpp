// The API over a store in memory, for trying it by hand with kubectl: memory_server DIR [PORT]. Ends on SIGTERM or
// SIGINT.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "api/server.hpp"
#include "storage/memory_store.hpp"
#include "tests/unit/api/numbering.hpp"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: memory_server DIR [PORT]\n");
    return 2;
  }
  auto types = troupe::schema::TypeTable::built_in();
  auto resources = troupe::schema::ResourceTable::built_in();
  if (!types || !resources) return 1;
  boost::asio::io_context io;
  troupe::storage::MemoryStore store;
  troupe::api::testing::Numbering numbering;
  troupe::api::ApiServerOptions options;
  options.data_dir = argv[1];
  options.kubeconfig = options.data_dir + "/admin.kubeconfig";
  options.port = argc > 2 ? static_cast<std::uint16_t>(std::atoi(argv[2])) : 0;
  auto server = troupe::api::ApiServer::make({io, store, *types, *resources, numbering.interning()}, options);
  const auto started = server->start([](troupe::Status ready) {
    std::printf("ready: %s\n", ready ? "ok" : ready.error().message.c_str());
    std::fflush(stdout);
  });
  if (!started) {
    std::fprintf(stderr, "%s\n", started.error().message.c_str());
    return 1;
  }
  std::printf("https://127.0.0.1:%u %s\n", server->port(), options.kubeconfig.c_str());
  std::fflush(stdout);
  boost::asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait(
      [&](const boost::system::error_code&, int) { server->stop(std::chrono::seconds(2), [&io] { io.stop(); }); });
  std::thread second([&io] { io.run(); });
  io.run();
  second.join();
  return 0;
}
