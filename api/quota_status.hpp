#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "api/admission/quota.hpp"
#include "api/call.hpp"

namespace troupe::api {

/// Keeps what the status of ResourceQuotas says in step with what is there: admission counts what is created, this
/// counts anew when something goes, a pod ends, or a quota is made or changed. It follows all objects only while there
/// is a quota. Changes of a fifth of a second are counted together. Any thread.
class QuotaStatus : public std::enable_shared_from_this<QuotaStatus> {
 public:
  /// `services` outlives it; `quotas` is the resource of ResourceQuotas.
  QuotaStatus(const Services& services, const Resource& quotas) : services_(services), quotas_(quotas) {}

  /// Follows the store until `stop`. Only for stores that complete inline.
  Status start();
  void stop();

 private:
  /// By namespace, by the key's bytes.
  using Quotas = std::map<std::string, std::map<std::string, storage::Key>, std::less<>>;

  std::unique_ptr<storage::Watch> follow(const storage::Prefix& prefix, storage::Revision after);
  Status read_quotas();
  void look();
  void take_quotas();
  void take_objects();
  void note(const storage::Event& event);
  void arm();
  void count_changed();
  std::optional<Amounts> used_of(const schema::Node& quota, const std::string& name_space);
  void write(const storage::Key& key, const std::string& name_space);

  const Services& services_;
  const Resource& quotas_;
  std::mutex mutex_;
  Quotas known_;
  std::set<std::string> changed_;  ///< Namespaces to count anew.
  std::unique_ptr<storage::Watch> quota_watch_;
  std::unique_ptr<storage::Watch> object_watch_;  ///< Of everything; null while there is no quota.
  std::unique_ptr<Environment::Timer> timer_;
  bool armed_ = false;
  bool stopped_ = false;
};

}  // namespace troupe::api
