#include "api/watch.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#include "api/custom/watches.hpp"
#include "api/list_query.hpp"
#include "api/object_codec.hpp"
#include "api/revision_wait.hpp"
#include "api/shared_events.hpp"
#include "api/table.hpp"
#include "api/verbs.hpp"

namespace troupe::api {

namespace {

constexpr std::size_t kBatch = 64;          ///< Events encoded before other work gets the thread.
constexpr std::size_t kPiece = 128 * 1024;  ///< Of what is there at first: bytes encoded before they are sent.
constexpr std::size_t kVisits = 4096;       ///< The same: objects looked at in a turn.
constexpr std::chrono::seconds kBookmarkEvery(60);
constexpr std::uint64_t kMaxTimeout = 24 * 3600;
constexpr std::uint64_t kDefaultTimeout = 1800;

using storage::Event;
using storage::Revision;

/// One watch of one client. Whoever may call back into it (store, writer, timers) holds it weakly or until its end;
/// it is kept alive by the writer's close callback, which goes with the answer.
///
/// `pump` runs on one thread at a time: wake-ups while it runs make it run again.
class WatchSession : public std::enable_shared_from_this<WatchSession> {
 public:
  WatchSession(CallPtr call, ListQuery query, storage::Prefix prefix, SharedEvents* shared)
      : call_(std::move(call)), query_(std::move(query)), prefix_(std::move(prefix)), shared_(shared) {}

  /// At a revision that is not there yet, a watch begins when it is; one that first shows what is there waits for it
  /// only as long as a list.
  void start() {
    const storage::Store& store = store_of(call_->services, *call_->resource);
    if (query_.revision <= store.revision()) return begin();
    if (query_.send_initial_events) {
      wait_for_revision(call_->services, *call_->resource, query_.revision, kRevisionPatience,
                        [self = shared_from_this()](bool reached) {
                          if (reached) return self->begin();
                          const Revision newest = store_of(self->call_->services, *self->call_->resource).revision();
                          self->call_->answer(future_revision(self->query_.revision, newest));
                        });
      return;
    }
    begin_answer();
    arm_timers();
    auto give_up = wait_for_revision(call_->services, *call_->resource, query_.revision, timeout(),
                                     [self = shared_from_this()](bool reached) {
                                       const std::lock_guard<std::recursive_mutex> lock(self->mutex_);
                                       if (reached && !self->closed_) self->follow(self->query_.revision);
                                     });
    const std::lock_guard<std::recursive_mutex> lock(mutex_);
    give_up_waiting_ = std::move(give_up);
    if (closed_) stop_waiting();  // the client left already
  }

  /// Ends in order, when all that has happened is sent.
  void expire() {
    {
      const std::lock_guard<std::recursive_mutex> lock(mutex_);
      ending_ = true;
      if (!watch_) return finish_locked();
    }
    wake();
  }

 private:
  void begin() {
    if (query_.send_initial_events || !query_.has_revision || query_.revision == 0) return show_state();
    begin_answer();
    arm_timers();
    follow(query_.revision);
  }

  /// ADDED for what is there now, all at one revision, and with sendInitialEvents the bookmark behind it. A piece a
  /// turn, sent when the client has taken the ones before; then what happened since. So neither a long state nor a
  /// slow client takes memory.
  void show_state() {
    const std::lock_guard<std::recursive_mutex> lock(mutex_);
    if (closed_) return;
    std::string out;
    const auto end = add_state(out);
    if (!end && !begun_) return call_->answer(end.error());
    if (!std::exchange(begun_, true)) {
      begin_answer();
      arm_timers();
    }
    if (closed_) return;
    if (!end) {
      send_error(end.error());
      return finish_locked();
    }
    state_at_ = end->revision;
    state_after_ = end->last;
    if (!end->more && query_.send_initial_events) append_bookmark(state_at_, true, out);
    const bool room = out.empty() || write(std::move(out));
    const auto next = [self = shared_from_this(), more = end->more] {
      self->call_->services.env.post([self, more] { more ? self->show_state() : self->follow(self->state_at_); });
    };
    if (room) return next();
    call_->writer->on_drain(next);
  }

  void follow(Revision after) {
    const std::lock_guard<std::recursive_mutex> lock(mutex_);
    if (closed_) return;
    storage::WatchRequest request;
    request.prefix = prefix_;
    request.after = after;
    auto watch = call_->services.store.watch(std::move(request), [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->wake();
    });
    if (!watch) {
      send_error(from_store(watch.error(), call_->about()));
      return finish();
    }
    watch_ = std::move(*watch);
    wake();
  }

  void begin_answer() {
    const bool protobuf = call_->accepted.media == MediaType::kProtobuf;
    call_->writer->start(
        call_->head(200, protobuf ? "application/vnd.kubernetes.protobuf;stream=watch" : "application/json"));
    call_->writer->on_close([self = shared_from_this()] { self->close(); });
  }

  ApiResult<storage::ListEnd> add_state(std::string& out) {
    storage::ListRequest request;
    request.prefix = prefix_;
    request.after = state_after_;
    request.at = state_at_;
    request.limit = kVisits;
    ApiResult<storage::ListEnd> result = refuse(internal_error("the store did not answer"));
    std::optional<ApiError> fault;
    // A store in this process completes inline; another one will need this part to be asynchronous.
    call_->services.store.list(
        std::move(request),
        [this, &out, &fault](std::string_view, const storage::RecordView& record) {
          auto document = to_document(record, *call_->resource);
          if (!document) {
            fault = document.error();
            return false;
          }
          if (query_.matches(document->root())) append_event("ADDED", record, &document->root(), out);
          return out.size() < kPiece;
        },
        [this, &result](Result<storage::ListEnd> end) {
          if (end) {
            result = std::move(*end);
          } else {
            result = refuse(from_store(end.error(), call_->about()));
          }
        });
    if (fault) return refuse(*fault);
    return result;
  }

  void wake() {
    if (wakes_.fetch_add(1) != 0) return;  // it runs, and will look again
    call_->services.env.post([self = shared_from_this()] { self->pump(); });
  }

  void pump() {
    const unsigned seen = wakes_.load();
    bool more = take_some();
    // Mostly nothing more has come: to see that here is cheaper than in a turn of its own.
    if (more) more = take_some();
    if (more) {
      call_->services.env.post([self = shared_from_this()] { self->pump(); });
      return;
    }
    if (wakes_.fetch_sub(seen) != seen) call_->services.env.post([self = shared_from_this()] { self->pump(); });
  }

  /// True when there is more to take at once.
  bool take_some() {
    const std::lock_guard<std::recursive_mutex> lock(mutex_);
    if (closed_ || !watch_ || paused_) return false;
    auto events = watch_->take(kBatch);
    if (!events) {
      if (events.error().code == ErrorCode::kCompacted) send_error(from_store(events.error(), call_->about()));
      finish_locked();
      return false;
    }
    if (events->empty()) {
      if (bookmark_due_) send_bookmark();
      if (ending_) finish_locked();
      return false;
    }
    std::vector<net::SharedBytes> pieces;
    for (const auto& event : *events) {
      if (auto bytes = encode(event); bytes && !bytes->empty()) pieces.push_back(std::move(bytes));
    }
    // What waits for a client that does not read waits in the store's watch, which is cut at its bound.
    if (!pieces.empty() && !call_->writer->write(joined(std::move(pieces)))) {
      paused_ = true;
      call_->writer->on_drain([self = shared_from_this()] {
        {
          const std::lock_guard<std::recursive_mutex> again(self->mutex_);
          self->paused_ = false;
        }
        self->wake();
      });
      return false;
    }
    return true;
  }

  static net::SharedBytes joined(std::vector<net::SharedBytes> pieces) {
    if (pieces.size() == 1) return std::move(pieces.front());
    std::string all;
    for (const auto& piece : pieces) all += *piece;
    return std::make_shared<const std::string>(std::move(all));
  }

  bool selects(EventForms& forms, bool current) const {
    if (query_.selects_all()) return true;
    const schema::Document* document = forms.document(current);
    return document != nullptr && query_.matches(document->root());
  }

  /// What this event is for this watch; null: nothing. An object that enters or leaves the selection is ADDED or
  /// DELETED (its old content under the new revision).
  net::SharedBytes encode(const std::shared_ptr<const Event>& event) {
    const auto forms = shared_ != nullptr ? shared_->of(event, *call_->resource)
                                          : std::make_shared<EventForms>(event, *call_->resource);
    const bool now = event->current && selects(*forms, true);
    const bool before = event->old && selects(*forms, false);
    if (!now && !before) return nullptr;
    const std::string_view type = !now ? "DELETED" : before ? "MODIFIED" : "ADDED";
    auto bytes = forms->bytes(form_name(type), [&] {
      const storage::Record& record = now ? event->current : event->old;
      storage::RecordHeader header = record.header();
      header.revision = event->revision;
      const storage::RecordView view{&header, record.payload()};
      std::string out;
      if (now || call_->accepted.view == View::kObject) {
        const schema::Document* document = call_->accepted.view == View::kObject ? nullptr : forms->document(true);
        append_event(type, view, document != nullptr ? &document->root() : nullptr, out);
      } else if (auto gone = to_document(view, *call_->resource)) {  // shows the revision of its end
        append_event(type, view, &gone->root(), out);
      }
      return out;
    });
    columns_sent_ = true;
    return bytes;
  }

  /// Watches with the same name of a form send the same bytes of an event.
  std::string form_name(std::string_view type) const {
    std::string name(type);
    name += static_cast<char>('0' + static_cast<int>(call_->accepted.media));
    name += static_cast<char>('0' + static_cast<int>(call_->accepted.view));
    if (call_->accepted.view == View::kTable) {
      name += columns_sent_ ? 'r' : 'c';
      name += static_cast<char>('0' + static_cast<int>(include_object(call_->info.query)));
    }
    return name + call_->accepted.version;
  }

  /// `object` is needed for all views but the object itself.
  void append_event(std::string_view type, const storage::RecordView& record, const schema::Node* object,
                    std::string& out) {
    std::string json;
    const schema::Type* object_type = call_->resource->type;
    const bool needed = call_->accepted.view != View::kObject;
    if (needed && object == nullptr) return;
    if (call_->accepted.view == View::kTable) {
      TableWriter table(*call_->resource, call_->accepted.version, include_object(call_->info.query),
                        call_->services.env.now());
      table.begin(json, "{\"resourceVersion\":\"" + std::to_string(record.header->revision) + "\"}", !columns_sent_);
      columns_sent_ = true;
      table.add_row(json, *object);
      table.end(json);
    } else if (call_->accepted.view == View::kPartialMetadata) {
      append_partial(*object, call_->accepted.version, true, json);
      object_type = call_->services.types.find("meta.k8s.io", "v1", "PartialObjectMetadata");
    } else if (auto made = append_json(record, *call_->resource, true, json); !made) {
      return;
    }
    static_cast<void>(append_watch_frame(type, json, object_type, call_->accepted.media, out));
  }

  void append_bookmark(Revision revision, bool initial_end, std::string& out) {
    std::string metadata = "\"metadata\":{\"resourceVersion\":\"" + std::to_string(revision) +
                           "\",\"creationTimestamp\":null" +
                           (initial_end ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "") + "}";
    std::string json;
    const schema::Type* type = call_->resource->type;
    if (call_->accepted.view == View::kObject) {
      json = "{\"kind\":\"" + std::string(call_->resource->kind) + "\",\"apiVersion\":\"" +
             call_->resource->api_version() + "\"," + metadata + "}";
    } else if (call_->accepted.view == View::kPartialMetadata) {
      type = call_->services.types.find("meta.k8s.io", "v1", "PartialObjectMetadata");
      json = R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1",)" + metadata + "}";
    } else {
      json = R"({"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":")" +
             std::to_string(revision) + R"("},"columnDefinitions":null,"rows":[{"cells":[],"object":{)" +
             R"("kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1",)" + metadata + "}}]}";
    }
    static_cast<void>(append_watch_frame("BOOKMARK", json, type, call_->accepted.media, out));
  }

  void send_bookmark() {
    bookmark_due_ = false;
    std::string out;
    append_bookmark(watch_->revision(), false, out);
    write(std::move(out));
  }

  void send_error(const ApiError& error) {
    std::string out;
    const schema::Type* status = call_->services.types.find("", "v1", "Status");
    static_cast<void>(append_watch_frame("ERROR", status_json(error), status, call_->accepted.media, out));
    write(std::move(out));
  }

  bool write(std::string bytes) { return call_->writer->write(std::make_shared<const std::string>(std::move(bytes))); }

  std::chrono::seconds timeout() const {
    const std::uint64_t seconds = std::min(query_.timeout_seconds.value_or(kDefaultTimeout), kMaxTimeout);
    return std::chrono::seconds(std::max<std::uint64_t>(1, seconds));
  }

  void arm_timers() {
    const std::weak_ptr<WatchSession> weak = weak_from_this();
    timeout_ = call_->services.env.after(timeout(), [weak] {
      if (const auto self = weak.lock()) self->finish();
    });
    if (query_.allow_bookmarks) arm_bookmark();
  }

  void arm_bookmark() {
    bookmark_ = call_->services.env.after(kBookmarkEvery, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      {
        const std::lock_guard<std::recursive_mutex> lock(self->mutex_);
        if (self->closed_) return;
        self->bookmark_due_ = true;
        self->arm_bookmark();
      }
      self->wake();
    });
  }

  void finish() {
    const std::lock_guard<std::recursive_mutex> lock(mutex_);
    finish_locked();
  }
  void finish_locked() {
    if (closed_) return;
    end_locked();
    call_->writer->finish();
  }
  void close() {
    const std::lock_guard<std::recursive_mutex> lock(mutex_);
    if (closed_) return;
    end_locked();
    call_->writer->finish();
  }
  /// Nothing is sent any more; the store is left on another turn, because it may be calling us.
  void end_locked() {
    closed_ = true;
    stop_waiting();
    call_->services.env.post([watch = std::shared_ptr<storage::Watch>(std::move(watch_)),
                              timeout = std::shared_ptr<Environment::Timer>(std::move(timeout_)),
                              bookmark = std::shared_ptr<Environment::Timer>(std::move(bookmark_))] {});
  }

  /// The wait for a revision to come holds this session, and so its connection.
  void stop_waiting() {
    if (auto give_up = std::exchange(give_up_waiting_, nullptr)) call_->services.env.post(std::move(give_up));
  }

  CallPtr call_;
  ListQuery query_;
  storage::Prefix prefix_;
  SharedEvents* shared_;
  std::function<void()> give_up_waiting_;
  std::unique_ptr<storage::Watch> watch_;
  std::unique_ptr<Environment::Timer> timeout_;
  std::unique_ptr<Environment::Timer> bookmark_;
  std::atomic<unsigned> wakes_{0};
  std::recursive_mutex mutex_;  ///< The writer may tell of its client's end inside a write.
  storage::Revision state_at_ =
      storage::kNow;  ///< Of what is there at first: its revision, and behind which key to go on.
  storage::Key state_after_;
  bool begun_ = false;
  bool paused_ = false;
  bool closed_ = false;
  bool ending_ = false;
  bool bookmark_due_ = false;
  bool columns_sent_ = false;
};

}  // namespace

void watch_objects(const CallPtr& call) { watch_objects(call, nullptr); }

void watch_objects(const CallPtr& call, SharedEvents* shared, custom::Watches* custom) {
  if (call->accepted.media == MediaType::kYaml) {
    return call->answer(not_acceptable("application/json, application/vnd.kubernetes.protobuf;stream=watch"));
  }
  auto query = parse_list_query(call->info, *call->resource);
  if (!query) return call->answer(query.error());
  auto prefix = prefix_for(call->info, *call->resource);
  if (!prefix) return call->answer(prefix.error());
  const auto session = std::make_shared<WatchSession>(call, std::move(*query), *prefix, shared);
  session->start();
  if (custom == nullptr || !call->resource->custom) return;
  custom->add(*call->resource, *call->services.live, session, [weak = std::weak_ptr(session)] {
    if (const auto held = weak.lock()) held->expire();
  });
}

}  // namespace troupe::api
