#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/call.hpp"
#include "api/streaming/command_channels.hpp"
#include "api/streaming/node_streams.hpp"

namespace troupe::api {

/// Connects a client with something on the node that has a command's streams. `open` starts it and is given what to
/// call; `command` is for the words of errors, empty for an attachment. Lives until the end of either side, which
/// `Ended` must tell.
void run_remote_command(const std::shared_ptr<Call>& call, std::shared_ptr<CommandChannels> channels,
                        const std::shared_ptr<Serial>& serial, std::vector<std::string> command,
                        const std::function<void(NodeStreams::Opened, NodeStreams::Ended)>& open);

/// The Status that tells how a command ended, as the error channel of v4 and v5 carries it.
std::string exit_status_json(int exit_code, const std::vector<std::string>& command);

/// The Status of a command (or an attachment) that could not be started or was lost.
std::string failure_status_json(const Error& error, bool attached);

}  // namespace troupe::api
