#include "actors/controllers/deployment.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include "actors/controllers/deployment_plan_internal.hpp"

namespace troupe::controllers {
namespace {

constexpr std::size_t kMaxHistoryText = 2000;

std::int64_t number_of(const Labels& annotations, const char* key, std::int64_t otherwise) {
  const auto found = annotations.find(key);
  if (found == annotations.end()) return otherwise;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
  return error == std::errc() && end == found->second.data() + found->second.size() ? value : otherwise;
}

bool older(const RevisionView* a, const RevisionView* b) {
  return a->created != b->created ? a->created < b->created : a->name < b->name;
}

std::string with_past(const Labels& annotations, const std::string& revision) {
  const auto found = annotations.find(kHistoryAnnotation);
  if (found == annotations.end() || found->second.empty()) return revision;
  std::string past = found->second;
  while (past.size() + 1 + revision.size() > kMaxHistoryText) {
    const std::size_t comma = past.find(',');
    if (comma == std::string::npos) return revision;
    past.erase(0, comma + 1);
  }
  return past + "," + revision;
}

}  // namespace

std::int32_t Share::of(std::int32_t replicas, bool round_up) const {
  if (!percent) return value;
  const std::int64_t exact = std::int64_t{value} * replicas;
  return static_cast<std::int32_t>(round_up ? (exact + 99) / 100 : exact / 100);
}

std::int32_t DeploymentPlanner::surge() const { return d_.recreate ? 0 : d_.max_surge.of(d_.replicas, true); }

std::int32_t DeploymentPlanner::unavailable() const {
  if (d_.recreate || d_.replicas == 0) return 0;
  std::int32_t may = d_.max_unavailable.of(d_.replicas, false);
  if (may == 0 && surge() == 0) may = 1;  // else nothing could ever move
  return std::min(may, d_.replicas);
}

DeploymentPlanner::Sets DeploymentPlanner::all() const {
  Sets out = old_;
  if (new_ != nullptr) out.push_back(new_);
  return out;
}

DeploymentPlanner::Sets DeploymentPlanner::active(const Sets& sets) const {
  Sets out;
  std::copy_if(sets.begin(), sets.end(), std::back_inserter(out), [](const auto* one) { return one->replicas > 0; });
  return out;
}

std::int32_t DeploymentPlanner::asked(const Sets& sets) const {
  std::int32_t sum = 0;
  for (const auto* one : sets) sum += one->replicas;
  return sum;
}

void DeploymentPlanner::take_own(std::vector<RevisionView> sets) {
  for (auto& set : sets) {
    const bool selected = d_.selector.matches(set.labels);
    if (set.controller_uid == d_.uid) {
      if (selected) {
        own_.push_back(std::move(set));
      } else if (!d_.deleting && !set.deleting) {
        plan_.release.push_back(set.name);
      }
    } else if (set.controller_uid.empty() && selected && !set.deleting && !d_.deleting) {
      plan_.adopt.push_back(set.name);
      own_.push_back(std::move(set));
    }
  }
}

void DeploymentPlanner::find_new() {
  Sets sets;
  for (auto& set : own_) sets.push_back(&set);
  std::sort(sets.begin(), sets.end(), older);
  for (auto* set : sets) {
    if (new_ == nullptr && set->template_key == d_.template_key) {
      new_ = set;
    } else {
      old_.push_back(set);
    }
  }
}

RevisionChange& DeploymentPlanner::change_of(RevisionView& set) {
  for (auto& one : plan_.change) {
    if (one.name == set.name) return one;
  }
  RevisionChange change;
  change.name = set.name;
  change.uid = set.uid;
  return plan_.change.emplace_back(std::move(change));
}

void DeploymentPlanner::annotate(RevisionView& set, const std::string& key, const std::string& value) {
  auto& now = set.annotations[key];
  if (now == value) return;
  now = value;
  if (&set == &created_) return;
  change_of(set).annotations[key] = value;
}

Labels DeploymentPlanner::copied_annotations() const {
  Labels out = d_.annotations;
  for (const char* own : {"kubectl.kubernetes.io/last-applied-configuration", kRevisionAnnotation, kHistoryAnnotation,
                          kDesiredAnnotation, kMaxAnnotation, "deprecated.deployment.rollback.to"}) {
    out.erase(own);
  }
  return out;
}

/// Annotations and revision of the newest ReplicaSet, and the Deployment's own revision.
void DeploymentPlanner::sync_new() {
  std::int64_t newest = 0;
  for (const auto* set : old_) newest = std::max(newest, number_of(set->annotations, kRevisionAnnotation, 0));
  const std::int64_t mine = newest + 1;
  for (const auto& [key, value] : copied_annotations()) annotate(*new_, key, value);
  const auto before = new_->annotations.find(kRevisionAnnotation);
  if (number_of(new_->annotations, kRevisionAnnotation, 0) < mine) {
    if (before != new_->annotations.end()) {
      annotate(*new_, kHistoryAnnotation, with_past(new_->annotations, before->second));
    }
    annotate(*new_, kRevisionAnnotation, std::to_string(mine));
  }
  if (new_->min_ready != d_.min_ready && new_ != &created_) change_of(*new_).min_ready = d_.min_ready;
  const std::string& revision = new_->annotations.at(kRevisionAnnotation);
  const auto shown = d_.annotations.find(kRevisionAnnotation);
  if (shown == d_.annotations.end() || shown->second != revision) plan_.revision = revision;
  if (new_ != &created_ && has_deadline() && condition("Progressing") == nullptr) {
    set({"Progressing", "True", "FoundNewReplicaSet", "Found new replica set \"" + new_->name + "\"", 0, 0});
  }
}

std::int32_t DeploymentPlanner::new_size(std::int32_t current) const {
  if (d_.recreate) return d_.replicas;
  const std::int32_t room = d_.replicas + surge() - asked(all());
  if (room <= 0) return current;
  return current + std::min(room, d_.replicas - current);
}

void DeploymentPlanner::create_new() {
  created_.name = d_.name + "-" + d_.template_hash;
  created_.replicas = new_size(0);
  created_.template_key = d_.template_key;
  created_.min_ready = d_.min_ready;
  created_.created = now_;
  new_ = &created_;
  annotate(created_, kDesiredAnnotation, std::to_string(d_.replicas));
  annotate(created_, kMaxAnnotation, std::to_string(d_.replicas + surge()));
  sync_new();
  plan_.create = NewRevision{created_.name, d_.template_hash, created_.replicas, created_.annotations, ""};
  if (created_.replicas > 0) {
    plan_.create->event = "Scaled up replica set " + created_.name + " from 0 to " + std::to_string(created_.replicas);
  }
  if (has_deadline()) {
    set({"Progressing", "True", "NewReplicaSetCreated", "Created new replica set \"" + created_.name + "\"", 0, 0});
  }
}

/// True when the number of replicas changes.
bool DeploymentPlanner::scale(RevisionView& set, std::int32_t replicas) {
  replicas = std::max(replicas, 0);
  const std::int32_t before = set.replicas;
  annotate(set, kDesiredAnnotation, std::to_string(d_.replicas));
  annotate(set, kMaxAnnotation, std::to_string(d_.replicas + surge()));
  if (before == replicas) return false;
  set.replicas = replicas;
  RevisionChange& change = change_of(set);
  change.replicas = replicas;
  change.event = std::string("Scaled ") + (replicas > before ? "up" : "down") + " replica set " + set.name + " from " +
                 std::to_string(before) + " to " + std::to_string(replicas);
  return true;
}

bool DeploymentPlanner::is_scaling_event() const {
  const Sets sets = active(all());
  return std::any_of(sets.begin(), sets.end(), [this](const RevisionView* set) {
    return number_of(set->annotations, kDesiredAnnotation, d_.replicas) != d_.replicas;
  });
}

void DeploymentPlanner::scale_only() {
  const Sets sets = active(all());
  if (sets.size() <= 1) {
    RevisionView* one = !sets.empty() ? sets[0] : new_ != nullptr ? new_ : old_.empty() ? nullptr : old_.back();
    // Also when the number fits by chance: the annotation has to say so, or this would be taken for a scaling for ever.
    if (one != nullptr) scale(*one, d_.replicas);
    return;
  }
  const bool saturated = new_ != nullptr && new_->replicas == d_.replicas && new_->available == d_.replicas &&
                         number_of(new_->annotations, kDesiredAnnotation, -1) == d_.replicas;
  if (saturated) {
    for (auto* set : active(old_)) scale(*set, 0);
  } else if (!d_.recreate) {
    scale_in_proportion(sets);
  }
}

std::int64_t DeploymentPlanner::fraction_of(const RevisionView& set) const {
  if (d_.replicas == 0) return -set.replicas;
  const std::int64_t before = number_of(set.annotations, kMaxAnnotation, d_.status.replicas);
  if (before == 0) return 0;
  const double size = static_cast<double>(set.replicas) * (d_.replicas + surge()) / static_cast<double>(before);
  return std::llround(size) - set.replicas;
}

void DeploymentPlanner::scale_in_proportion(Sets sets) {
  const std::int32_t allowed = d_.replicas > 0 ? d_.replicas + surge() : 0;
  const std::int64_t to_add = allowed - asked(sets);
  std::sort(sets.begin(), sets.end(), [to_add](const RevisionView* a, const RevisionView* b) {
    if (a->replicas != b->replicas) return a->replicas > b->replicas;
    return to_add > 0 ? older(b, a) : older(a, b);
  });
  std::int64_t added = 0;
  std::vector<std::int64_t> sizes;
  for (const auto* set : sets) {
    std::int64_t share = 0;
    if (to_add != 0 && to_add != added) {
      share = to_add > 0 ? std::min(fraction_of(*set), to_add - added) : std::max(fraction_of(*set), to_add - added);
    }
    added += share;
    sizes.push_back(set->replicas + share);
  }
  sizes[0] = std::max<std::int64_t>(0, sizes[0] + to_add - added);
  for (std::size_t i = 0; i < sets.size(); ++i) scale(*sets[i], static_cast<std::int32_t>(sizes[i]));
}

bool DeploymentPlanner::grow_new() {
  if (new_ == &created_ || new_->replicas == d_.replicas) return false;
  const std::int32_t wanted = new_->replicas > d_.replicas ? d_.replicas : new_size(new_->replicas);
  return wanted != new_->replicas && scale(*new_, wanted);
}

bool DeploymentPlanner::shrink_old() {
  if (asked(old_) == 0) return false;
  const std::int32_t least = d_.replicas - unavailable();
  const std::int32_t may = asked(all()) - least - (new_->replicas - new_->available);
  if (may <= 0) return false;
  std::int32_t done = 0;
  for (auto* set : old_) {  // those that serve nobody first
    const std::int32_t count = std::min(may - done, set->replicas - set->available);
    if (done >= may || set->replicas == 0 || count <= 0) continue;
    if (scale(*set, set->replicas - count)) done += count;
  }
  std::int32_t available = 0;
  for (const auto* set : all()) available += set->available;
  std::int32_t spare = available - least;
  for (auto* set : old_) {
    const std::int32_t count = std::min(spare, set->replicas);
    if (count <= 0) continue;
    if (scale(*set, set->replicas - count)) done += count;
    spare -= count;
  }
  return done > 0;
}

void DeploymentPlanner::roll() {
  if (new_ == nullptr) {
    create_new();
  } else {
    sync_new();
  }
  if (!grow_new() && !shrink_old() && complete(d_.status)) clean_up();
}

void DeploymentPlanner::recreate() {
  if (new_ != nullptr) sync_new();
  bool shrunk = false;
  for (auto* set : active(old_)) shrunk = scale(*set, 0) || shrunk;
  if (shrunk || old_pods_ > 0) return;
  if (new_ == nullptr) {
    create_new();
  } else if (new_->replicas != d_.replicas) {
    scale(*new_, d_.replicas);
  }
  if (complete(d_.status)) clean_up();
}

void DeploymentPlanner::clean_up() {
  if (!d_.history_limit || *d_.history_limit == std::numeric_limits<std::int32_t>::max()) return;
  Sets sets;
  std::copy_if(old_.begin(), old_.end(), std::back_inserter(sets), [](const auto* one) { return !one->deleting; });
  std::stable_sort(sets.begin(), sets.end(), [](const RevisionView* a, const RevisionView* b) {
    return number_of(a->annotations, kRevisionAnnotation, 0) < number_of(b->annotations, kRevisionAnnotation, 0);
  });
  const auto over = static_cast<std::int64_t>(sets.size()) - *d_.history_limit;
  for (std::int64_t i = 0; i < over; ++i) {
    const RevisionView& set = *sets[static_cast<std::size_t>(i)];
    const bool idle = set.shown == 0 && set.replicas == 0 && set.generation <= set.observed_generation;
    if (idle) plan_.remove.push_back(set.name);
  }
}

DeploymentPlan DeploymentPlanner::plan(std::vector<RevisionView> sets) {
  plan_.status = d_.status;
  take_own(std::move(sets));
  find_new();
  if (d_.deleting) {
    sync_status(false);
    return std::move(plan_);
  }
  check_paused();
  // Recreate with several active ReplicaSets (the strategy was changed in a rollout) has no way to scale them all:
  // Kubernetes waits there for ever, here the rollout goes on.
  const bool stuck = d_.recreate && active(all()).size() > 1;
  if (d_.paused || (is_scaling_event() && !stuck)) {
    if (new_ != nullptr) sync_new();
    scale_only();
    if (d_.paused) clean_up();
    sync_status(false);
    return std::move(plan_);
  }
  if (d_.recreate) {
    recreate();
  } else {
    roll();
  }
  sync_status(true);
  return std::move(plan_);
}

DeploymentPlan plan_deployment(const DeploymentView& deployment, std::vector<RevisionView> sets, std::int32_t old_pods,
                               std::int64_t now) {
  return DeploymentPlanner(deployment, old_pods, now).plan(std::move(sets));
}

}  // namespace troupe::controllers
