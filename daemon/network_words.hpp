#pragma once

#include <boost/asio/error.hpp>
#include <cstdint>
#include <string>

namespace troupe::daemon {

/// An error of the network as Go words it: "connection refused".
inline std::string go_words(const boost::system::error_code& error) {
  if (error == boost::asio::error::connection_refused) return "connection refused";
  if (error == boost::asio::error::network_unreachable) return "network is unreachable";
  if (error == boost::asio::error::host_unreachable) return "no route to host";
  if (error == boost::asio::error::connection_reset) return "connection reset by peer";
  if (error == boost::asio::error::eof) return "EOF";
  return error.message();
}

inline std::string dial_text(const std::string& host, std::uint16_t port) {
  return "dial tcp " + host + ":" + std::to_string(port);
}

/// "dial tcp 10.0.0.5:80: connect: connection refused"
inline std::string dial_words(const std::string& host, std::uint16_t port, const boost::system::error_code& error) {
  return dial_text(host, port) + ": connect: " + go_words(error);
}

}  // namespace troupe::daemon
