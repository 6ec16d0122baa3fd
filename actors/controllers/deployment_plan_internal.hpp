#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "actors/controllers/deployment.hpp"

namespace troupe::controllers {

/// One decision in the making: the ReplicaSets as they will be, and what it takes.
class DeploymentPlanner {
 public:
  DeploymentPlanner(const DeploymentView& deployment, std::int32_t old_pods, std::int64_t now)
      : d_(deployment), old_pods_(old_pods), now_(now) {}
  DeploymentPlan plan(std::vector<RevisionView> sets);

 private:
  using Sets = std::vector<RevisionView*>;

  void take_own(std::vector<RevisionView> sets);
  void find_new();
  void sync_new();
  void create_new();
  bool is_scaling_event() const;
  void scale_only();
  void scale_in_proportion(Sets active);
  void roll();
  bool grow_new();
  bool shrink_old();
  void recreate();
  void clean_up();
  bool scale(RevisionView& set, std::int32_t replicas);
  RevisionChange& change_of(RevisionView& set);
  void annotate(RevisionView& set, const std::string& key, const std::string& value);
  std::int64_t fraction_of(const RevisionView& set) const;
  Labels copied_annotations() const;

  Sets all() const;
  Sets active(const Sets& sets) const;
  std::int32_t asked(const Sets& sets) const;
  std::int32_t surge() const;
  std::int32_t unavailable() const;
  std::int32_t new_size(std::int32_t current) const;
  bool complete(const DeploymentStatus& status) const;
  bool has_deadline() const;

  void check_paused();
  void sync_status(bool rollout);
  void count();
  void progress();
  void report_failures();
  const DeploymentCondition* condition(const std::string& type) const;
  void set(DeploymentCondition condition);
  void drop(const std::string& type);

  const DeploymentView& d_;
  const std::int32_t old_pods_;
  const std::int64_t now_;
  std::vector<RevisionView> own_;
  RevisionView* new_ = nullptr;
  Sets old_;  ///< By creation, the oldest first.
  RevisionView created_;
  DeploymentPlan plan_;
};

}  // namespace troupe::controllers
