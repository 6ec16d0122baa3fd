#include "api/shared_events.hpp"

#include <algorithm>

#include "api/object_codec.hpp"

namespace troupe::api {

namespace {

std::size_t size_of(const storage::Event& event) {
  std::size_t size = 0;
  if (event.old) size += event.old.payload().size();
  if (event.current) size += event.current.payload().size();
  return size;
}

}  // namespace

const schema::Document* EventForms::document(bool current) {
  const std::lock_guard lock(mutex_);
  const storage::Record& record = current ? event_->current : event_->old;
  auto& kept = documents_[current ? 1 : 0];
  if (!kept && record) {
    if (auto made = to_document(record.view(), resource_)) kept.emplace(std::move(*made));
  }
  return kept ? &*kept : nullptr;
}

net::SharedBytes EventForms::bytes(std::string_view form, const std::function<std::string()>& make) {
  const std::lock_guard lock(mutex_);
  if (const auto found = forms_.find(form); found != forms_.end()) return found->second;
  auto made = std::make_shared<const std::string>(make());
  forms_.emplace(std::string(form), made);
  return made;
}

std::shared_ptr<EventForms> SharedEvents::of(const std::shared_ptr<const storage::Event>& event,
                                             const Resource& resource) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(newest_.rbegin(), newest_.rend(), [&](const std::shared_ptr<EventForms>& known) {
    return &known->event() == event.get() && &known->resource() == &resource;
  });
  if (found != newest_.rend()) return *found;
  newest_.push_back(std::make_shared<EventForms>(event, resource));
  bytes_ += size_of(*event);
  while (newest_.size() > 1 && (newest_.size() > kMaxEvents || bytes_ > kMaxBytes)) {
    bytes_ -= size_of(newest_.front()->event());
    newest_.pop_front();
  }
  return newest_.back();
}

}  // namespace troupe::api
