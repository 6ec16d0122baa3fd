#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "api/environment.hpp"
#include "api/request_metrics.hpp"
#include "net/http.hpp"
#include "net/upgrade.hpp"

namespace troupe::api {

/// Stands between a verb and the connection: counts and times the answer, and compresses a long one for a client that
/// takes gzip and is on another machine.
class AnswerWriter final : public net::ResponseWriter,
                           public net::UpgradableWriter,
                           public std::enable_shared_from_this<AnswerWriter> {
 public:
  static constexpr std::size_t kCompressFrom = 128 * 1024;
  static constexpr std::size_t kCompressAtOnce = 1024 * 1024;  ///< Longer ones are compressed in turns of as much.

  AnswerWriter(std::shared_ptr<net::ResponseWriter> connection, const net::HttpRequest& request, Environment& env);
  ~AnswerWriter() override;

  /// Whose request it is, once that is known; `long_running` counts it as open until its end, and its stream is never
  /// compressed.
  void count_in(RequestSeries& series, bool long_running);

  void respond(net::HttpResponse response) override;
  void start(net::HttpResponse head) override;
  bool write(net::SharedBytes bytes) override;
  void finish() override;
  void abort() override;
  std::size_t buffered() const override { return connection_->buffered(); }
  void on_drain(std::function<void()> drained) override { connection_->on_drain(std::move(drained)); }
  void on_close(std::function<void()> closed) override { connection_->on_close(std::move(closed)); }

  /// 400 where the connection cannot be left to another protocol.
  void upgrade(net::HttpResponse head, std::shared_ptr<net::ByteSink> sink) override;
  void pause_reading(bool paused) override;

 private:
  class Deflater;
  void ended();
  void send_packed(std::shared_ptr<const std::string> body, std::size_t from);

  Environment& env_;
  std::shared_ptr<net::ResponseWriter> connection_;
  const std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
  RequestSeries* series_ = nullptr;
  std::unique_ptr<Deflater> deflater_;  ///< Of a stream.
  int status_ = 0;
  bool may_compress_ = false;
  bool long_running_ = false;
};

}  // namespace troupe::api
