#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/environment.hpp"
#include "api/error.hpp"
#include "api/negotiation.hpp"
#include "api/request_info.hpp"
#include "api/routes.hpp"
#include "api/service_ranges.hpp"
#include "net/http.hpp"
#include "schema/codec/diagnostics.hpp"
#include "storage/store.hpp"

namespace troupe::api {

/// What verbs work with. All of it outlives them.
struct Services {
  storage::Store& store;
  const schema::TypeTable& types;
  const Routes& routes;
  Environment& env;
  std::string pod_logs{};  ///< The folder of containers' logs; empty: this server has none.
  ServiceRanges ranges{};
  const LiveRoutes* live = nullptr;  ///< With the custom kinds; null: there are none.
};

/// Requests of one class that are being served. Over the bound: 429 with Retry-After.
class InFlight {
 public:
  explicit InFlight(std::size_t bound) : bound_(bound) {}

  class Ticket {
   public:
    Ticket() = default;
    explicit Ticket(InFlight* of) : of_(of) {}
    Ticket(Ticket&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    Ticket& operator=(Ticket&& other) noexcept {
      std::swap(of_, other.of_);
      return *this;
    }
    ~Ticket() {
      if (of_ != nullptr) --of_->count_;
    }
    explicit operator bool() const { return of_ != nullptr; }

   private:
    InFlight* of_ = nullptr;
  };

  /// An empty ticket when the bound is reached.
  Ticket enter();
  std::size_t count() const { return count_; }

 private:
  const std::size_t bound_;
  std::atomic<std::size_t> count_{0};
};

/// One request on its way through a verb, and its answer. Held by whoever goes on with it.
struct Call : std::enable_shared_from_this<Call> {
  explicit Call(Services& all) : services(all) {}

  Services& services;
  net::HttpRequest request;
  std::shared_ptr<net::ResponseWriter> writer;
  RequestInfo info;
  const Resource* resource = nullptr;  ///< Null for paths that are no resource.
  std::shared_ptr<const Routes> held;  ///< Of a custom resource: what keeps it.
  Accepted accepted;
  std::vector<std::string> warnings;  ///< Sent as Warning headers.
  InFlight::Ticket ticket;
  int retries = 0;

  About about() const;
  void answer(const ApiError& error);
  void answer(int status, std::string_view content_type, std::string body);
  /// An object in the form and view that was negotiated.
  void answer(int status, const storage::RecordView& record);
  /// JSON of a known type (Status, Scale, ...) in the negotiated form.
  void answer_json(int status, std::string_view json, const schema::Type* type);
  /// A Status that says Success, of the object named.
  void answer_success(int status, std::string_view uid);

  /// Head of an answer, with warnings.
  net::HttpResponse head(int status, std::string_view content_type) const;
};

/// `application/json` and the like for the answer of a Status by the request's Accept, JSON when in doubt.
net::HttpResponse error_response(const ApiError& error);

/// fieldValidation of the query; absent means Warn. Invalid options for other values.
ApiResult<schema::Strictness> field_validation(const RequestInfo& info);

/// True for dryRun=All. Invalid options for other values.
ApiResult<bool> dry_run(const RequestInfo& info);

/// "CreateOptions" and the like: what the query of a verb is called when it is wrong.
const char* options_kind(std::string_view verb);

}  // namespace troupe::api
