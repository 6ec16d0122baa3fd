#include "net/pki.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

namespace troupe::net {
namespace {

using namespace std::chrono_literals;

class PkiDirectory : public ::testing::Test {
 protected:
  PkiDirectory() {
    std::string name = ::testing::TempDir() + "troupe-pki-XXXXXX";
    root_ = ::mkdtemp(name.data());
    request_.directory = root_ + "/pki";
    request_.server_names = default_server_names("192.0.2.7");
    request_.now = std::chrono::system_clock::time_point(1'700'000'000s);
  }
  ~PkiDirectory() override { std::filesystem::remove_all(root_); }

  int mode(const std::string& file) const {
    struct stat info {};
    return ::stat((request_.directory + "/" + file).c_str(), &info) == 0 ? static_cast<int>(info.st_mode & 0777) : -1;
  }

  std::string root_;
  PkiRequest request_;
};

TEST_F(PkiDirectory, FirstStartMakesEverythingWithPrivateKeys) {
  const auto pki = open_pki(request_);
  ASSERT_TRUE(pki) << pki.error().message;
  for (const char* key : {"ca.key", "server.key", "admin.key"}) EXPECT_EQ(mode(key), 0600) << key;
  EXPECT_EQ(mode(""), 0700);
  EXPECT_TRUE(is_usable(pki->server, pki->authority, request_.server_names, request_.now, 24h));
  EXPECT_TRUE(is_usable(pki->admin, pki->authority, {}, request_.now, 24h));
  EXPECT_FALSE(is_usable(pki->server, pki->authority, {"example.com"}, request_.now, 24h));
}

TEST_F(PkiDirectory, SecondStartKeepsEverything) {
  const auto first = open_pki(request_);
  const auto second = open_pki(request_);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->authority.certificate, second->authority.certificate);
  EXPECT_EQ(first->server.certificate, second->server.certificate);
  EXPECT_EQ(first->admin.key, second->admin.key);
}

TEST_F(PkiDirectory, ServerCertificateIsMadeAgainForANewNameOrBeforeItsEnd) {
  const auto first = open_pki(request_);
  request_.server_names.push_back("troupe.example");
  const auto renamed = open_pki(request_);
  ASSERT_TRUE(first && renamed);
  EXPECT_NE(first->server.certificate, renamed->server.certificate);
  EXPECT_EQ(first->admin.certificate, renamed->admin.certificate);
  request_.now += 24h * 340;
  const auto later = open_pki(request_);
  ASSERT_TRUE(later);
  EXPECT_NE(renamed->server.certificate, later->server.certificate);
  EXPECT_NE(renamed->admin.certificate, later->admin.certificate);
  EXPECT_EQ(first->authority.certificate, later->authority.certificate);
}

TEST_F(PkiDirectory, AnAuthorityWhoseKeyDoesNotFitIsRefusedAndNeverReplaced) {
  ASSERT_TRUE(open_pki(request_));
  const auto stranger = make_authority("stranger", request_.now);
  ASSERT_TRUE(stranger);
  ASSERT_TRUE(write_file_atomically(request_.directory + "/ca.key", stranger->key, 0600));
  const auto pki = open_pki(request_);
  ASSERT_FALSE(pki);
  EXPECT_EQ(pki.error().code, ErrorCode::kCorrupt);
}

TEST_F(PkiDirectory, CertificatesOfAnotherAuthorityAreNotUsable) {
  const auto pki = open_pki(request_);
  const auto stranger = make_authority("stranger", request_.now);
  ASSERT_TRUE(pki && stranger);
  EXPECT_FALSE(is_usable(pki->admin, *stranger, {}, request_.now, 24h));
}

TEST_F(PkiDirectory, KubeconfigHoldsAddressAndCredentials) {
  const auto pki = open_pki(request_);
  ASSERT_TRUE(pki);
  const std::string text = admin_kubeconfig(*pki, "::1", 6443);
  EXPECT_NE(text.find("server: https://[::1]:6443\n"), std::string::npos);
  EXPECT_NE(text.find("client-key-data: LS0tLS1CRUdJTi"), std::string::npos);
}

TEST_F(PkiDirectory, IsReadOnlyWhenItIsGoodAsItIs) {
  EXPECT_FALSE(read_pki(request_).has_value());
  EXPECT_FALSE(std::filesystem::exists(request_.directory)) << "nothing is made";
  const auto made = open_pki(request_);
  ASSERT_TRUE(made);
  const auto read = read_pki(request_);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->authority.key, made->authority.key);
  EXPECT_EQ(read->server.certificate, made->server.certificate);
  EXPECT_EQ(read->admin.key, made->admin.key);

  PkiRequest other = request_;
  other.server_names.emplace_back("other.example");
  EXPECT_FALSE(read_pki(other).has_value()) << "a name is missing";
  other = request_;
  other.now += std::chrono::hours(24 * 350);
  EXPECT_FALSE(read_pki(other).has_value()) << "they are about to end";
  std::filesystem::permissions(request_.directory,
                               std::filesystem::perms::owner_all | std::filesystem::perms::group_read);
  EXPECT_FALSE(read_pki(request_).has_value()) << "others could look into it";
  ASSERT_TRUE(open_pki(request_));
  ASSERT_TRUE(read_pki(request_).has_value());
  std::filesystem::remove(request_.directory + "/admin.key");
  EXPECT_FALSE(read_pki(request_).has_value());
}

TEST_F(PkiDirectory, AtomicWriteReplacesContentAndMode) {
  std::filesystem::create_directories(request_.directory);
  const std::string path = request_.directory + "/file";
  ASSERT_TRUE(write_file_atomically(path, "old", 0644));
  ASSERT_TRUE(write_file_atomically(path, "new", 0600));
  EXPECT_EQ(read_small_file(path).value(), "new");
  EXPECT_EQ(mode("file"), 0600);
  EXPECT_EQ(write_file_atomically(root_ + "/missing/file", "x", 0600).error().code, ErrorCode::kNotFound);
}

TEST_F(PkiDirectory, AFileThatSaysTheSameStaysTheFileItIs) {
  std::filesystem::create_directories(request_.directory);
  const std::string path = request_.directory + "/file";
  const auto number = [&path] {
    struct stat there {};
    EXPECT_EQ(::lstat(path.c_str(), &there), 0);
    return there.st_ino;
  };
  ASSERT_TRUE(keep_file(path, "text", 0600));
  const std::string other_name = path + ".kept";
  std::filesystem::create_hard_link(path, other_name);  // so that its number is not given to another
  const auto first = number();
  ASSERT_TRUE(keep_file(path, "text", 0600));
  EXPECT_EQ(number(), first);
  ASSERT_TRUE(keep_file(path, "text", 0640));
  EXPECT_NE(number(), first) << "another mode";
  EXPECT_EQ(mode("file"), 0640);
  ASSERT_TRUE(keep_file(path, "texts", 0640));
  EXPECT_EQ(read_small_file(path).value(), "texts");
  std::filesystem::remove(path);
  std::filesystem::create_symlink(other_name, path);
  ASSERT_TRUE(keep_file(path, "text", 0600));
  EXPECT_FALSE(std::filesystem::is_symlink(path)) << "nobody else chooses where it lies";
}

}  // namespace
}  // namespace troupe::net
