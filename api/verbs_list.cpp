#include <atomic>
#include <limits>
#include <optional>

#include "api/list_body.hpp"
#include "api/list_query.hpp"
#include "api/pretty.hpp"
#include "api/revision_wait.hpp"
#include "api/verbs.hpp"

namespace troupe::api {

namespace {

constexpr std::size_t kPiece = 128 * 1024;  ///< Bytes encoded before they are sent and other work gets the thread.
constexpr std::size_t kVisits = 4096;       ///< Objects looked at in a turn, whether they are selected or not.
constexpr std::size_t kKeptPage = 5000;     ///< A page of at most so many objects is sent whole, its metadata first.

/// One list: reads the store in turns, all at one revision. A short answer is sent whole; of a long one each turn's
/// piece is sent when the client has taken the ones before, so that it never stands in memory as a whole. Protobuf
/// begins with its length: a long one is made twice, the first time to measure it.
class ListAnswer : public std::enable_shared_from_this<ListAnswer> {
 public:
  ListAnswer(CallPtr call, ListQuery query, const storage::Prefix& prefix)
      : call_(std::move(call)), query_(std::move(query)), prefix_(prefix), body_(*call_, query_) {
    after_ = query_.after;
    at_ = query_.at;
    const bool whole = query_.limit != 0 && query_.limit <= kKeptPage;
    may_stream_ = !whole && (query_.limit == 0 || call_->accepted.view != View::kTable);
  }

  void turn() {
    if (gone_) return;
    storage::ListRequest request;
    request.prefix = prefix_;
    request.after = after_;
    request.at = at_;
    request.limit = kVisits;
    body_.forget_turn();
    // A store in this process completes inline.
    call_->services.store.list(
        std::move(request),
        [this](std::string_view, const storage::RecordView& record) {
          if (!body_.add(record)) return false;
          return (query_.limit == 0 || body_.count() < query_.limit) && body_.size() < kPiece;
        },
        [self = shared_from_this()](Result<storage::ListEnd> end) { self->turn_ended(std::move(end)); });
  }

 private:
  void turn_ended(Result<storage::ListEnd> end) {
    if (!end) return fail_with(store_error(end.error()));
    if (body_.error()) return fail_with(*body_.error());
    at_ = end->revision;
    after_ = end->last;
    const bool page_full = query_.limit != 0 && body_.count() >= query_.limit;
    const bool last = !end->more || page_full;
    if (measuring_) return last ? measured(*end) : again();
    if (last) return finish(*end);
    if (!may_stream_ || body_.size() < kPiece) return again();
    if (!streaming_ && body_.needs_length()) return measure();
    // Without a limit there is nothing more to say; with one, what is left is known at the end.
    if (!streaming_) begin_stream(query_.limit == 0 ? std::optional(metadata(storage::ListEnd())) : std::nullopt);
    send_on();
  }

  /// The first piece is kept; of what is behind it the length is needed before it is sent.
  void measure() {
    measuring_ = true;
    kept_until_ = after_;
    body_.measure();
    again();
  }

  /// All is read at one revision: the second time it is the same.
  void measured(const storage::ListEnd& end) {
    const ListMeta facts = metadata(end);
    measuring_ = false;
    after_ = kept_until_;
    begin_stream(facts);
    send_on();
  }

  void send_on() {
    if (body_.error()) return fail_with(*body_.error());
    if (send()) return again();
    call_->writer->on_drain([self = shared_from_this()] { self->again(); });
  }

  void again() {
    call_->services.env.post([self = shared_from_this()] { self->turn(); });
  }

  void begin_stream(const std::optional<ListMeta>& facts) {
    streaming_ = true;
    if (call_->accepted.media == MediaType::kJson && wants_pretty(*call_)) indenter_.emplace();
    call_->writer->start(call_->head(200, content_type_of(call_->accepted.media)));
    call_->writer->on_close([self = shared_from_this()] { self->gone_ = true; });
    body_.begin(facts);
  }

  void finish(const storage::ListEnd& end) {
    const ListMeta facts = metadata(end);
    if (!streaming_) {
      auto whole = body_.whole(facts);
      if (!whole) return call_->answer(whole.error());
      return call_->answer(200, content_type_of(call_->accepted.media), std::move(*whole));
    }
    if (!body_.end(query_.limit == 0 ? std::nullopt : std::optional(facts))) return call_->writer->abort();
    send();
    call_->writer->finish();
  }

  /// What was encoded since the last piece.
  bool send() {
    std::string piece = body_.take();
    if (indenter_) piece = indenter_->add(piece);
    return call_->writer->write(std::make_shared<const std::string>(std::move(piece)));
  }

  ListMeta metadata(const storage::ListEnd& end) const {
    ListMeta meta;
    meta.revision = at_;
    if (!end.more || query_.limit == 0) return meta;
    meta.token = query_.inconsistent ? inconsistent_token(end.last) : continue_token(end.revision, end.last);
    if (!query_.after.empty() || !query_.selects_all()) return meta;
    const auto all = call_->services.store.count(prefix_);  // walks a namespace's keys
    if (all && *all > body_.count()) meta.remaining = *all - body_.count();
    return meta;
  }

  /// A page that is too old may be followed by one that shows another state.
  ApiError store_error(const Error& error) const {
    ApiError out = from_store(error, call_->about());
    if (error.code == ErrorCode::kCompacted && !query_.after.empty()) {
      out.message =
          "The provided continue parameter is too old to display a consistent list result. You can start a new list "
          "without the continue parameter, or use the continue token in this response to retrieve the remainder of the "
          "results. Continuing with the provided token results in an inconsistent list - objects that were created, "
          "modified, or deleted between the time the first chunk was returned and now may show up in the list.";
      out.continue_token = inconsistent_token(query_.after);
    }
    return out;
  }

  void fail_with(const ApiError& error) {
    if (streaming_) return call_->writer->abort();
    call_->answer(error);
  }

  CallPtr call_;
  ListQuery query_;
  storage::Prefix prefix_;
  ListBody body_;
  std::optional<Indenter> indenter_;  ///< Of a stream.
  storage::Key after_;
  storage::Revision at_ = storage::kNow;
  storage::Key kept_until_;  ///< While its length is measured: where to go on.
  bool measuring_ = false;
  bool may_stream_ = false;
  bool streaming_ = false;
  std::atomic<bool> gone_{false};
};

}  // namespace

void list_objects(const CallPtr& call) {
  auto query = parse_list_query(call->info, *call->resource);
  if (!query) return call->answer(query.error());
  auto prefix = prefix_for(call->info, *call->resource);
  if (!prefix) return call->answer(prefix.error());
  const storage::Revision least = std::max(query->at_least, query->at);
  auto answer = std::make_shared<ListAnswer>(call, std::move(*query), *prefix);
  wait_for_revision(call->services, *call->resource, least, kRevisionPatience, [call, answer, least](bool reached) {
    if (!reached) return call->answer(future_revision(least, store_of(call->services, *call->resource).revision()));
    answer->turn();
  });
}

}  // namespace troupe::api
