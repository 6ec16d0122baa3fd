#include "net/pki.hpp"

#include <arpa/inet.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <filesystem>

#include "net/openssl.hpp"

namespace troupe::net {

namespace {

using openssl::take_error;
using SystemTime = std::chrono::system_clock::time_point;

constexpr std::chrono::hours kAuthorityLifetime(24 * 3650);
constexpr std::chrono::hours kRenewBefore(24 * 30);
constexpr std::chrono::hours kClockSkew(1);  ///< A client's clock may be behind ours.

bool is_ip(const std::string& name) {
  unsigned char address[16];
  return ::inet_pton(AF_INET, name.c_str(), address) == 1 || ::inet_pton(AF_INET6, name.c_str(), address) == 1;
}

openssl::Key new_key() { return openssl::Key(EVP_EC_gen("P-256")); }

Result<std::string> key_to_pem(EVP_PKEY* key) {
  const openssl::Bio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return fail(ErrorCode::kInternal, "write a private key: " + take_error());
  }
  return openssl::contents(bio.get());
}

Result<std::string> certificate_to_pem(X509* certificate) {
  const openssl::Bio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(bio.get(), certificate) != 1) {
    return fail(ErrorCode::kInternal, "write a certificate: " + take_error());
  }
  return openssl::contents(bio.get());
}

openssl::Certificate certificate_from_pem(const std::string& pem) {
  const auto bio = openssl::reader(pem);
  openssl::Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

openssl::Key key_from_pem(const std::string& pem) {
  const auto bio = openssl::reader(pem);
  openssl::Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return key;
}

bool add_name(X509_NAME* name, const char* field, const std::string& value) {
  return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                                    static_cast<int>(value.size()), -1, 0) == 1;
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool set_serial_and_dates(X509* certificate, SystemTime from, SystemTime to) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
  bytes[0] &= 0x7f;
  const openssl::Bignum serial(BN_bin2bn(bytes, sizeof bytes, nullptr));
  const auto seconds = [](SystemTime time) { return std::chrono::system_clock::to_time_t(time); };
  return serial && BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr &&
         ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(from)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(to)) != nullptr;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ",";
    text += (is_ip(name) ? "IP:" : "DNS:") + name;
  }
  return text;
}

Result<KeyPair> finish(openssl::Certificate certificate, openssl::Key key) {
  auto certificate_pem = certificate_to_pem(certificate.get());
  if (!certificate_pem) return fail(certificate_pem.error());
  auto key_pem = key_to_pem(key.get());
  if (!key_pem) return fail(key_pem.error());
  return KeyPair{std::move(*certificate_pem), std::move(*key_pem)};
}

Result<KeyPair> load_pair(const std::string& base) {
  auto certificate = read_small_file(base + ".crt");
  if (!certificate) return fail(certificate.error());
  auto key = read_small_file(base + ".key");
  if (!key) return fail(key.error());
  return KeyPair{std::move(*certificate), std::move(*key)};
}

Status save_pair(const std::string& base, const KeyPair& pair) {
  // The key first: a certificate without its key is made again, a key without its certificate harms nobody.
  if (auto saved = write_file_atomically(base + ".key", pair.key, 0600); !saved) return saved;
  return write_file_atomically(base + ".crt", pair.certificate, 0644);
}

Result<KeyPair> keep_or_issue(const std::string& base, const KeyPair& authority, const CertificateRequest& request) {
  if (auto loaded = load_pair(base)) {
    if (is_usable(*loaded, authority, request.names, request.now, kRenewBefore)) return loaded;
  } else if (loaded.error().code != ErrorCode::kNotFound) {
    return loaded;
  }
  auto issued = issue(authority, request);
  if (!issued) return issued;
  if (auto saved = save_pair(base, *issued); !saved) return fail(saved.error());
  return issued;
}

bool belong_together(const KeyPair& pair) {
  const auto certificate = certificate_from_pem(pair.certificate);
  const auto key = key_from_pem(pair.key);
  return certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
}

Result<KeyPair> keep_or_make_authority(const std::string& base, SystemTime now) {
  auto loaded = load_pair(base);
  if (loaded) {
    if (!belong_together(*loaded)) {
      return fail(ErrorCode::kCorrupt, base +
                                           ".crt and .key do not belong together: restore them, or remove both to "
                                           "make a new authority (every kubeconfig must then be handed out again)");
    }
    return loaded;
  }
  if (loaded.error().code != ErrorCode::kNotFound) return loaded;
  auto made = make_authority("troupe-ca", now);
  if (!made) return made;
  if (auto saved = save_pair(base, *made); !saved) return fail(saved.error());
  return made;
}

std::string base64(const std::string& text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace

Result<KeyPair> make_authority(const std::string& common_name, SystemTime now) {
  auto key = new_key();
  openssl::Certificate certificate(X509_new());
  X509* raw = certificate.get();
  X509_NAME* name = X509_get_subject_name(raw);
  const bool made =
      key && X509_set_version(raw, X509_VERSION_3) == 1 &&
      set_serial_and_dates(raw, now - kClockSkew, now + kAuthorityLifetime) && add_name(name, "CN", common_name) &&
      X509_set_issuer_name(raw, name) == 1 && X509_set_pubkey(raw, key.get()) == 1 &&
      add_extension(raw, raw, NID_basic_constraints, "critical,CA:TRUE") &&
      add_extension(raw, raw, NID_key_usage, "critical,digitalSignature,keyCertSign,cRLSign") &&
      add_extension(raw, raw, NID_subject_key_identifier, "hash") && X509_sign(raw, key.get(), EVP_sha256()) != 0;
  if (!made) return fail(ErrorCode::kInternal, "make a certificate authority: " + take_error());
  return finish(std::move(certificate), std::move(key));
}

Result<KeyPair> issue(const KeyPair& authority, const CertificateRequest& request) {
  const auto issuer = certificate_from_pem(authority.certificate);
  const auto issuer_key = key_from_pem(authority.key);
  if (!issuer || !issuer_key) return fail(ErrorCode::kCorrupt, "the certificate authority's PEM text cannot be read");
  auto key = new_key();
  openssl::Certificate certificate(X509_new());
  X509* raw = certificate.get();
  X509_NAME* name = X509_get_subject_name(raw);
  bool made = key && X509_set_version(raw, X509_VERSION_3) == 1 &&
              set_serial_and_dates(raw, request.now - kClockSkew, request.now + request.lifetime);
  for (const std::string& organization : request.organizations) made = made && add_name(name, "O", organization);
  made = made && add_name(name, "CN", request.common_name) &&
         X509_set_issuer_name(raw, X509_get_subject_name(issuer.get())) == 1 && X509_set_pubkey(raw, key.get()) == 1 &&
         add_extension(raw, issuer.get(), NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(raw, issuer.get(), NID_key_usage, "critical,digitalSignature") &&
         add_extension(raw, issuer.get(), NID_ext_key_usage, request.for_server ? "serverAuth" : "clientAuth") &&
         add_extension(raw, issuer.get(), NID_authority_key_identifier, "keyid");
  if (!request.names.empty()) {
    made = made && add_extension(raw, issuer.get(), NID_subject_alt_name, alternative_names(request.names));
  }
  made = made && X509_sign(raw, issuer_key.get(), EVP_sha256()) != 0;
  if (!made) {
    return fail(ErrorCode::kInternal, "issue a certificate for '" + request.common_name + "': " + take_error());
  }
  return finish(std::move(certificate), std::move(key));
}

bool is_usable(const KeyPair& pair, const KeyPair& authority, const std::vector<std::string>& names, SystemTime now,
               std::chrono::hours margin) {
  const auto certificate = certificate_from_pem(pair.certificate);
  const auto key = key_from_pem(pair.key);
  const auto issuer = certificate_from_pem(authority.certificate);
  if (!certificate || !key || !issuer) return false;
  X509* raw = certificate.get();
  if (X509_check_private_key(raw, key.get()) != 1 || X509_verify(raw, X509_get0_pubkey(issuer.get())) != 1) {
    ERR_clear_error();
    return false;
  }
  auto from = std::chrono::system_clock::to_time_t(now);
  auto to = std::chrono::system_clock::to_time_t(now + margin);
  if (X509_cmp_time(X509_get0_notBefore(raw), &from) >= 0 || X509_cmp_time(X509_get0_notAfter(raw), &to) <= 0) {
    return false;
  }
  for (const std::string& name : names) {
    const int found = is_ip(name) ? X509_check_ip_asc(raw, name.c_str(), 0)
                                  : X509_check_host(raw, name.c_str(), name.size(), 0, nullptr);
    if (found != 1) return false;
  }
  return true;
}

Result<Pki> open_pki(const PkiRequest& request) {
  std::error_code error;
  std::filesystem::create_directories(request.directory, error);
  if (error) return fail(errno_error(error.value(), "create " + request.directory));
  if (::chmod(request.directory.c_str(), 0700) != 0) {
    return fail(errno_error(errno, "set the mode of " + request.directory));
  }
  Pki pki;
  auto authority = keep_or_make_authority(request.directory + "/ca", request.now);
  if (!authority) return fail(authority.error());
  pki.authority = std::move(*authority);

  CertificateRequest server;
  server.common_name = "troupe";
  server.names = request.server_names;
  server.for_server = true;
  server.now = request.now;
  auto server_pair = keep_or_issue(request.directory + "/server", pki.authority, server);
  if (!server_pair) return fail(server_pair.error());
  pki.server = std::move(*server_pair);

  CertificateRequest admin;
  admin.common_name = "kubernetes-admin";
  admin.organizations = {"system:masters"};
  admin.now = request.now;
  auto admin_pair = keep_or_issue(request.directory + "/admin", pki.authority, admin);
  if (!admin_pair) return fail(admin_pair.error());
  pki.admin = std::move(*admin_pair);
  return pki;
}

std::optional<Pki> read_pki(const PkiRequest& request) {
  struct stat folder {};
  if (::stat(request.directory.c_str(), &folder) != 0 || (folder.st_mode & 07777) != 0700) return std::nullopt;
  auto authority = load_pair(request.directory + "/ca");
  auto server = load_pair(request.directory + "/server");
  auto admin = load_pair(request.directory + "/admin");
  if (!authority || !server || !admin) return std::nullopt;
  const bool good = belong_together(*authority) &&
                    is_usable(*server, *authority, request.server_names, request.now, kRenewBefore) &&
                    is_usable(*admin, *authority, {}, request.now, kRenewBefore);
  if (!good) return std::nullopt;
  return Pki{std::move(*authority), std::move(*server), std::move(*admin)};
}

std::vector<std::string> default_server_names(const std::string& listen_address) {
  std::vector<std::string> names = {"localhost",
                                    "127.0.0.1",
                                    "::1",
                                    "kubernetes",
                                    "kubernetes.default",
                                    "kubernetes.default.svc",
                                    "kubernetes.default.svc.cluster.local",
                                    "10.96.0.1"};
  const bool any = listen_address == "0.0.0.0" || listen_address == "::";
  if (!listen_address.empty() && !any && std::find(names.begin(), names.end(), listen_address) == names.end()) {
    names.push_back(listen_address);
  }
  return names;
}

std::string admin_kubeconfig(const Pki& pki, const std::string& host, std::uint16_t port) {
  const std::string address = host.find(':') == std::string::npos ? host : "[" + host + "]";
  std::string text = "apiVersion: v1\nkind: Config\nclusters:\n- name: troupe\n  cluster:\n";
  text += "    server: https://" + address + ":" + std::to_string(port) + "\n";
  text += "    certificate-authority-data: " + base64(pki.authority.certificate) + "\n";
  text += "users:\n- name: kubernetes-admin\n  user:\n";
  text += "    client-certificate-data: " + base64(pki.admin.certificate) + "\n";
  text += "    client-key-data: " + base64(pki.admin.key) + "\n";
  text += "contexts:\n- name: kubernetes-admin@troupe\n  context:\n    cluster: troupe\n    user: kubernetes-admin\n";
  text += "current-context: kubernetes-admin@troupe\n";
  return text;
}

}  // namespace troupe::net
