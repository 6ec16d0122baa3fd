#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

/// The private certificate authority of one Troupe: ECDSA P-256 throughout.
namespace troupe::net {

struct KeyPair {
  std::string certificate;  ///< PEM.
  std::string key;          ///< PEM, PKCS#8.
};

/// Files in a data directory, made on first start:
///
///     pki/
///     ├── ca.crt       the authority's certificate, ten years
///     ├── ca.key       0600
///     ├── server.crt   one year; made again when it is about to end or a name is missing
///     ├── server.key   0600
///     ├── admin.crt    CN=kubernetes-admin, O=system:masters; one year, made again likewise
///     └── admin.key    0600
struct Pki {
  KeyPair authority;
  KeyPair server;
  KeyPair admin;
};

struct PkiRequest {
  std::string directory;                  ///< `DATA_DIR/pki`; made with mode 0700 when missing.
  std::vector<std::string> server_names;  ///< DNS names and IP addresses of the server, as text.
  std::chrono::system_clock::time_point now;
};

/// Reads what is there, makes what is missing or ends within 30 days. Files appear whole or not at all.
Result<Pki> open_pki(const PkiRequest& request);

/// What is there, if it is all there and open_pki would keep it as it is. Writes nothing.
std::optional<Pki> read_pki(const PkiRequest& request);

/// The names every Troupe server answers to, `listen_address` (an IP address or a name) among them.
std::vector<std::string> default_server_names(const std::string& listen_address);

Result<KeyPair> make_authority(const std::string& common_name, std::chrono::system_clock::time_point now);

struct CertificateRequest {
  std::string common_name;
  std::vector<std::string> organizations;
  std::vector<std::string> names;  ///< Subject alternative names; IP addresses are recognised.
  bool for_server = false;         ///< Else for a client.
  std::chrono::hours lifetime{24 * 365};
  std::chrono::system_clock::time_point now;
};

Result<KeyPair> issue(const KeyPair& authority, const CertificateRequest& request);

/// True when the PEM certificate was issued by `authority`, is good at `now` and `margin` later, fits `pair.key` and
/// holds all `names`.
bool is_usable(const KeyPair& pair, const KeyPair& authority, const std::vector<std::string>& names,
               std::chrono::system_clock::time_point now, std::chrono::hours margin);

/// A kubeconfig with everything in it: server `https://host:port`, authority, client certificate and key.
std::string admin_kubeconfig(const Pki& pki, const std::string& host, std::uint16_t port);

/// Writes beside `path`, syncs and renames: readers see the old file or the new one, also after a crash.
Status write_file_atomically(const std::string& path, const std::string& content, int mode);

/// As write_file_atomically, but a file of the caller's own that says the same already, with that mode, stays as it is.
Status keep_file(const std::string& path, const std::string& content, int mode);

Result<std::string> read_small_file(const std::string& path);

}  // namespace troupe::net
