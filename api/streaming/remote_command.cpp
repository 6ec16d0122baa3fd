#include "api/streaming/remote_command.hpp"

#include <optional>
#include <utility>

namespace troupe::api {

namespace {

constexpr std::size_t kMaxPendingInput = 256 * 1024;   ///< More is not read from the client.
constexpr std::chrono::milliseconds kDrainTime(1000);  ///< For output that a command's descendants still hold open.
constexpr int kMaxDrainTimes = 300;  ///< As often is waited for a client that takes nothing of a command that ended.

class RemoteCommand final : public std::enable_shared_from_this<RemoteCommand> {
 public:
  RemoteCommand(std::shared_ptr<Call> call, std::shared_ptr<CommandChannels> channels, std::shared_ptr<Serial> serial,
                std::vector<std::string> command)
      : call_(std::move(call)),
        channels_(std::move(channels)),
        serial_(std::move(serial)),
        command_(std::move(command)) {}

  void start(const std::function<void(NodeStreams::Opened, NodeStreams::Ended)>& open) {
    CommandChannels::Events events;
    auto self = shared_from_this();
    events.input = [self](std::string_view bytes) { self->input(bytes); };
    events.input_ended = [self] {
      self->input_ended_ = true;
      self->write_input();
    };
    events.resize = [self](std::uint16_t width, std::uint16_t height) {
      self->size_ = {width, height};
      if (self->node_.resize) self->node_.resize(width, height);
    };
    events.gone = [self] { self->close(); };
    channels_->listen(std::move(events));
    channels_->when_ready([weak = weak_from_this()] {
      if (const auto held = weak.lock()) held->client_ready();
    });
    open(
        [self](Result<Connected> opened) {
          self->serial_->run([self, opened = std::move(opened)] { self->opened(opened); });
        },
        [self](Result<int> code) { self->serial_->run([self, code = std::move(code)] { self->ended(code); }); });
  }

 private:
  void opened(const Result<Connected>& opened) {
    if (closed_) return;
    opened_ = true;
    if (opened) {
      node_ = *opened;
      if (size_ && node_.resize) node_.resize(size_->first, size_->second);
      write_input();
    } else {
      failure_ = failure_status_json(opened.error(), command_.empty());
    }
    begin();
  }

  void client_ready() {
    ready_ = true;
    begin();
  }

  /// Nothing is read of the command before the client can take it.
  void begin() {
    if (closed_ || !opened_ || !ready_ || std::exchange(begun_, true)) return;
    if (failure_) return finish(*failure_);
    if (node_.output) pump(Channel::kOutput);
    if (node_.error) pump(Channel::kError);
    if (exit_code_) ended(*exit_code_);
  }

  // Output: a piece is read when the one before is on its way.

  std::shared_ptr<net::ByteStream>& stream(Channel channel) {
    return channel == Channel::kOutput ? node_.output : node_.error;
  }

  void pump(Channel channel) {
    const auto from = stream(channel);
    if (closed_ || !from) return;
    from->read([self = shared_from_this(), channel](std::string bytes) {
      self->serial_->run([self, channel, bytes = std::move(bytes)] { self->read(channel, bytes); });
    });
  }

  void read(Channel channel, const std::string& bytes) {
    if (closed_) return;
    if (bytes.empty()) {
      stream(channel) = nullptr;
      return finish_when_done();
    }
    active_ = true;
    if (channels_->write(channel, bytes)) return pump(channel);
    (channel == Channel::kOutput ? output_waits_ : error_waits_) = true;
    if (std::exchange(drain_asked_, true)) return;
    channels_->on_drain([self = shared_from_this()] { self->drained(); });
  }

  void drained() {
    drain_asked_ = false;
    if (std::exchange(output_waits_, false)) pump(Channel::kOutput);
    if (std::exchange(error_waits_, false)) pump(Channel::kError);
  }

  // Input.

  void input(std::string_view bytes) {
    if (closed_ || input_ended_ || input_broken_) return;
    pending_.append(bytes);
    if (pending_.size() > kMaxPendingInput && !paused_) {
      paused_ = true;
      channels_->pause_input(true);
    }
    write_input();
  }

  void write_input() {
    if (closed_ || writing_ || !node_.input) return;
    if (pending_.empty()) {
      if (input_ended_ && !std::exchange(input_closed_, true)) node_.input->end_writes();
      return;
    }
    writing_ = true;
    node_.input->write(std::exchange(pending_, {}), [self = shared_from_this()](bool good) {
      self->serial_->run([self, good] { self->written(good); });
    });
    if (std::exchange(paused_, false)) channels_->pause_input(false);
  }

  void written(bool good) {
    writing_ = false;
    if (closed_) return;
    if (!good) {
      // The command reads no more; it goes on all the same.
      input_broken_ = true;
      pending_.clear();
      if (std::exchange(paused_, false)) channels_->pause_input(false);
      return;
    }
    write_input();
  }

  // The end.

  void ended(const Result<int>& code) {
    exit_code_ = code;
    if (closed_ || !begun_) return;
    finish_when_done();
    // Nobody but the keeper holds the output of a container that one is attached to: it ends by itself.
    if (!closed_ && !command_.empty()) wait_for_output();
  }

  void wait_for_output() {
    active_ = false;
    timer_ = call_->services.env.after(kDrainTime, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self) self->serial_->run([self] { self->waited(); });
    });
  }

  void waited() {
    if (closed_) return;
    idle_times_ = active_ ? 0 : idle_times_ + 1;
    if (active_ || (drain_asked_ && idle_times_ < kMaxDrainTimes)) return wait_for_output();
    for (auto* one : {&node_.output, &node_.error}) {
      if (*one) (*one)->close();
      one->reset();
    }
    finish_when_done();
  }

  void finish_when_done() {
    if (!exit_code_ || node_.output || node_.error) return;
    finish(*exit_code_ ? exit_status_json(**exit_code_, command_)
                       : failure_status_json(exit_code_->error(), command_.empty()));
  }

  void finish(const std::string& status) {
    channels_->finish(status);
    close();
  }

  void close() {
    closed_ = true;
    timer_.reset();
    const Connected node = std::exchange(node_, {});
    for (const auto& one : {node.input, node.output, node.error}) {
      if (one) one->close();
    }
    channels_->listen({});
    call_->ticket = {};
  }

  std::shared_ptr<Call> call_;
  std::shared_ptr<CommandChannels> channels_;
  std::shared_ptr<Serial> serial_;
  std::vector<std::string> command_;
  Connected node_;
  std::optional<Result<int>> exit_code_;
  std::optional<std::pair<std::uint16_t, std::uint16_t>> size_;
  std::unique_ptr<Environment::Timer> timer_;
  std::string pending_;                 ///< From the client, not yet given to the command.
  std::optional<std::string> failure_;  ///< The Status when nothing was opened.
  int idle_times_ = 0;                  ///< In a row, without output, after the command's end.
  bool ready_ = false;                  ///< The client, for what it is sent.
  bool opened_ = false;                 ///< The node answered.
  bool begun_ = false;                  ///< Both.
  bool writing_ = false;
  bool paused_ = false;
  bool input_ended_ = false;
  bool input_closed_ = false;
  bool input_broken_ = false;
  bool output_waits_ = false;
  bool error_waits_ = false;
  bool active_ = false;       ///< Something came since the last look.
  bool drain_asked_ = false;  ///< The client has yet to take what it was given.
  bool closed_ = false;
};

}  // namespace

void run_remote_command(const std::shared_ptr<Call>& call, std::shared_ptr<CommandChannels> channels,
                        const std::shared_ptr<Serial>& serial, std::vector<std::string> command,
                        const std::function<void(NodeStreams::Opened, NodeStreams::Ended)>& open) {
  auto session = std::make_shared<RemoteCommand>(call, std::move(channels), serial, std::move(command));
  serial->run([session, open] { session->start(open); });
}

std::string exit_status_json(int exit_code, const std::vector<std::string>& command) {
  if (exit_code == 0) return R"({"metadata":{},"status":"Success"})";
  const std::string code = std::to_string(exit_code);
  std::string words;
  for (const auto& word : command) words += (words.empty() ? "" : " ") + word;
  std::string out = R"({"metadata":{},"status":"Failure","message":)";
  append_json_string(
      out, "command terminated with non-zero exit code: error executing command [" + words + "], exit code " + code);
  out += R"(,"reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":")" + code + "\"}]}}";
  return out;
}

std::string failure_status_json(const Error& error, bool attached) {
  const std::string what = attached ? "error attaching to container: " : "error executing command in container: ";
  const std::string text = what + error.message;
  std::string out = R"({"metadata":{},"status":"Failure","message":)";
  append_json_string(out, "Internal error occurred: " + text);
  out += R"(,"reason":"InternalError","details":{"causes":[{"message":)";
  append_json_string(out, text);
  return out + "}]},\"code\":500}";
}

}  // namespace troupe::api
