#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "api/routes.hpp"
#include "net/http.hpp"
#include "schema/codec/document.hpp"
#include "storage/store.hpp"

namespace troupe::api {

/// One event as watches of one resource send it: every form is made once. Any thread.
class EventForms {
 public:
  EventForms(std::shared_ptr<const storage::Event> event, const Resource& resource)
      : event_(std::move(event)), resource_(resource) {}

  const storage::Event& event() const { return *event_; }
  const Resource& resource() const { return resource_; }

  /// The object after the event (`current`) or before it; null where there is none or it cannot be read.
  const schema::Document* document(bool current);
  /// What `make` gave when this form was first asked for.
  net::SharedBytes bytes(std::string_view form, const std::function<std::string()>& make);

 private:
  std::shared_ptr<const storage::Event> event_;
  const Resource& resource_;
  std::recursive_mutex mutex_;  ///< A form is made from the documents.
  std::optional<schema::Document> documents_[2];
  std::map<std::string, net::SharedBytes, std::less<>> forms_;
};

/// The forms of the newest events: watches of the same objects send the same bytes. Any thread.
class SharedEvents {
 public:
  static constexpr std::size_t kMaxEvents = 64;
  static constexpr std::size_t kMaxBytes = 1024 * 1024;  ///< Of stored objects; one event may be larger.

  std::shared_ptr<EventForms> of(const std::shared_ptr<const storage::Event>& event, const Resource& resource);

 private:
  std::mutex mutex_;
  std::deque<std::shared_ptr<EventForms>> newest_;
  std::size_t bytes_ = 0;
};

}  // namespace troupe::api
