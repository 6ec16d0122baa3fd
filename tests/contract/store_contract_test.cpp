// What every store keeps, whatever it is made of.
#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

#include "tests/contract/store_fixture.hpp"

namespace troupe::storage::testing {
namespace {

TYPED_TEST_SUITE(StoreContract, Makers);

using Names = std::vector<std::string>;

Names page(Store& store, ListRequest request, ListEnd* end = nullptr) {
  Names names;
  auto got = list_now(store, std::move(request), [&names](std::string_view key, const RecordView& record) {
    names.push_back(std::string(split_key(key)->name) + "=" + std::string(record.text()));
    return true;
  });
  if (!got) return {"!" + std::string(to_string(got.error().code))};
  if (end != nullptr) *end = *got;
  return names;
}
Names all(Store& store, Revision at = kNow) {
  ListRequest request;
  request.prefix = prefix_of(7);
  request.at = at;
  request.limit = 1'000'000;
  return page(store, request);
}

STORE_CONTRACT(GivesBackWhatWasPutWithItsRevisions) {
  const Revision first = put(test.store(), "a", "one");
  const Revision second = put(test.store(), "a", "two");
  EXPECT_LT(first, second);
  auto got = get_now(test.store(), key_of("a"));
  ASSERT_TRUE(got && got->record);
  EXPECT_EQ(got->record->text(), "two");
  EXPECT_EQ(got->record->header().revision, second);
  EXPECT_EQ(got->record->header().create_revision, first);
  EXPECT_EQ(got->record->header().kind, 3u);
  EXPECT_EQ(got->record->header().form, Form::kJson);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(got->record->payload().data()) % 8, 0u);
  EXPECT_EQ(text_of(test.store(), "b"), "-");
}

STORE_CONTRACT(ReadsEveryKeyAtEveryRetainedRevision) {
  std::map<Revision, std::string> texts;
  const Revision before = test.store().revision();
  for (int i = 0; i < 20; ++i) texts[put(test.store(), "a", "v" + std::to_string(i))] = "v" + std::to_string(i);
  texts[erase(test.store(), "a")] = "-";
  texts[put(test.store(), "a", "again")] = "again";
  put(test.store(), "other", "x");
  if (before != 0) {
    EXPECT_EQ(text_of(test.store(), "a", before), "-");
  }
  for (const auto& [revision, text] : texts) EXPECT_EQ(text_of(test.store(), "a", revision), text) << revision;
  EXPECT_EQ(text_of(test.store(), "a", test.store().revision() + 1), "!FutureRevision");
}

STORE_CONTRACT(AnObjectThatWasRecreatedHasANewCreateRevision) {
  put(test.store(), "a", "one");
  erase(test.store(), "a");
  const Revision again = put(test.store(), "a", "two");
  EXPECT_EQ(get_now(test.store(), key_of("a"))->record->header().create_revision, again);
}

STORE_CONTRACT(AConditionOnAbsenceHoldsOnlyWhileTheKeyIsAbsent) {
  Batch create;
  create.put(key_of("a"), record_of("one"), Condition::absent());
  EXPECT_TRUE(commit_and_wait(test.store(), std::move(create)));
  auto again =
      commit_and_wait(test.store(), std::move(Batch().put(key_of("a"), record_of("two"), Condition::absent())));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(text_of(test.store(), "a"), "one");
  erase(test.store(), "a");
  EXPECT_TRUE(
      commit_and_wait(test.store(), std::move(Batch().put(key_of("a"), record_of("three"), Condition::absent()))));
}

STORE_CONTRACT(AConditionOnARevisionRefusesEveryOtherOne) {
  const Revision first = put(test.store(), "a", "one");
  const Revision second = put(test.store(), "a", "two");
  const auto write = [&](Condition condition) {
    return commit_and_wait(test.store(), std::move(Batch().put(key_of("a"), record_of("x"), condition)));
  };
  EXPECT_EQ(write(Condition::at(first)).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(write(Condition::at(second)));
  auto absent = commit_and_wait(test.store(), std::move(Batch().erase(key_of("none"), Condition::at(second))));
  EXPECT_EQ(absent.error().code, ErrorCode::kConflict);
}

STORE_CONTRACT(ABatchIsAllOrNothingUnderOneRevision) {
  const Revision a = put(test.store(), "a", "1");
  put(test.store(), "b", "1");
  const Revision before = test.store().revision();
  Batch bad;
  bad.put(key_of("a"), record_of("2"), Condition::at(a)).put(key_of("b"), record_of("2"), Condition::absent());
  EXPECT_FALSE(commit_and_wait(test.store(), std::move(bad)));
  EXPECT_EQ(test.store().revision(), before);
  EXPECT_EQ(text_of(test.store(), "a"), "1");
  Batch good;
  good.put(key_of("a"), record_of("2"), Condition::at(a)).erase(key_of("b")).put(key_of("c"), record_of("2"));
  good.check(key_of("d"), Condition::absent());
  auto done = commit_and_wait(test.store(), std::move(good));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->revision, before + 1);
  EXPECT_EQ(get_now(test.store(), key_of("a"))->record->header().revision, done->revision);
  EXPECT_EQ(get_now(test.store(), key_of("c"))->record->header().revision, done->revision);
  EXPECT_EQ(text_of(test.store(), "b"), "-");
}

STORE_CONTRACT(ABatchThatChangesNothingTakesNoRevision) {
  put(test.store(), "a", "1");
  const Revision before = test.store().revision();
  auto done = commit_and_wait(test.store(), std::move(Batch().erase(key_of("none"))));
  ASSERT_TRUE(done);
  EXPECT_FALSE(done->changed);
  EXPECT_EQ(done->revision, before);
  EXPECT_EQ(test.store().revision(), before);
}

STORE_CONTRACT(RefusesBatchesOverItsLimits) {
  const auto refused = [&](Batch batch) { return commit_and_wait(test.store(), std::move(batch)).error().code; };
  EXPECT_EQ(refused(Batch()), ErrorCode::kInvalidArgument);
  Batch many;
  for (int i = 0; i < 129; ++i) many.put(key_of("k" + std::to_string(i)), record_of("x"));
  EXPECT_EQ(refused(std::move(many)), ErrorCode::kTooLarge);
  EXPECT_EQ(refused(std::move(Batch().put(key_of("a"), record_of("x")).erase(key_of("a")))),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused(std::move(Batch().put(key_of("a"), record_of(std::string(kMaxPayload + 1, 'x'))))),
            ErrorCode::kTooLarge);
  EXPECT_EQ(refused(std::move(Batch().put(key_of("a"), Record()))), ErrorCode::kInvalidArgument);
}

STORE_CONTRACT(ListsInOrderWithinAPrefix) {
  put(test.store(), "b", "1");
  put(test.store(), "a", "1");
  put(test.store(), "a-b", "1");
  put(test.store(), "c", "1");
  erase(test.store(), "c");
  ASSERT_TRUE(commit_and_wait(
      test.store(),
      std::move(Batch().put(key_of("z", "other"), record_of("1")).put(key_of("q", "default", 8), record_of("1")))));
  EXPECT_EQ(all(test.store()), (Names{"a=1", "a-b=1", "b=1", "z=1"}));
  ListRequest request;
  request.prefix = *prefix_of(7, "default");
  EXPECT_EQ(page(test.store(), request), (Names{"a=1", "a-b=1", "b=1"}));
  EXPECT_EQ(*test.store().count(prefix_of(7)), 4u);
  EXPECT_EQ(*test.store().count(*prefix_of(7, "default")), 3u);
  EXPECT_EQ(test.store().stats().objects, 5u);
}

STORE_CONTRACT(PagesAreOneStateHoweverManyThereAre) {
  for (int i = 0; i < 30; ++i) put(test.store(), "k" + std::to_string(100 + i), "old");
  erase(test.store(), "k105");
  const Names expected = all(test.store());
  ListRequest request;
  request.prefix = prefix_of(7);
  request.limit = 4;
  Names seen;
  ListEnd end;
  int round = 0;
  do {
    const Names some = page(test.store(), request, &end);
    seen.insert(seen.end(), some.begin(), some.end());
    request.after = end.last;
    request.at = end.revision;
    for (int i = 0; i < 30; i += 3) put(test.store(), "k" + std::to_string(100 + i), "new" + std::to_string(round));
    erase(test.store(), "k" + std::to_string(101 + round * 3));
    put(test.store(), "fresh" + std::to_string(round++), "x");
  } while (end.more);
  EXPECT_EQ(seen, expected);
}

/// Full scale: TROUPE_STORE_OBJECTS=100000 TROUPE_STORE_UPDATES=1000000.
STORE_CONTRACT(PagesBesideUpdatesShowExactlyTheStateOfTheFirstPage) {
  const char* o = std::getenv("TROUPE_STORE_OBJECTS");
  const char* u = std::getenv("TROUPE_STORE_UPDATES");
  const int objects = o != nullptr ? std::atoi(o) : 2'000;
  const int updates = u != nullptr ? std::atoi(u) : 20'000;
  Store& store = test.store();
  const auto name = [](int i) { return "k" + std::to_string(1'000'000 + i); };
  for (int i = 0; i < objects;) {
    Batch batch;
    for (int n = 0; n < 100 && i < objects; ++n, ++i) batch.put(key_of(name(i)), record_of("first"));
    ASSERT_TRUE(commit_and_wait(store, std::move(batch)));
  }
  ListRequest request;
  request.prefix = prefix_of(7);
  request.limit = 100;
  ListEnd end;
  Names seen = page(store, request, &end);
  std::thread writer([&] {
    for (int i = 0; i < updates;) {
      Batch batch;
      for (int n = 0; n < 100; ++n, ++i) {
        // Far apart, so that the pages to come are changed from the start, deleted and made again.
        Key key = key_of(name(static_cast<int>(i * 7919ll % (objects + 50))));
        if (i % 3 == 0) {
          batch.erase(std::move(key));
        } else {
          batch.put(std::move(key), record_of("changed"));
        }
      }
      EXPECT_TRUE(commit_and_wait(store, std::move(batch)));
    }
  });
  while (end.more) {
    request.at = end.revision;
    request.after = end.last;
    const Names some = page(store, request, &end);
    seen.insert(seen.end(), some.begin(), some.end());
    if (some.empty() || some.front().front() == '!') break;
  }
  writer.join();
  // Once more, now that all updates are behind it.
  request.at = end.revision;
  request.after = Key();
  request.limit = 10'000'000;
  const Names later = page(store, request);
  Names expected;
  for (int i = 0; i < objects; ++i) expected.push_back(name(i) + "=first");
  EXPECT_TRUE(seen == expected) << seen.size() << " of " << expected.size() << " objects";
  EXPECT_TRUE(later == expected) << later.size() << " of " << expected.size() << " objects";
}

STORE_CONTRACT(APageSaysExactlyWhetherThereIsMore) {
  for (int i = 0; i < 6; ++i) put(test.store(), "k" + std::to_string(i), "x");
  erase(test.store(), "k5");
  ListRequest request;
  request.prefix = prefix_of(7);
  ListEnd end;
  request.limit = 5;
  EXPECT_EQ(page(test.store(), request, &end).size(), 5u);
  EXPECT_FALSE(end.more);
  request.limit = 4;
  EXPECT_EQ(page(test.store(), request, &end).size(), 4u);
  EXPECT_TRUE(end.more);
  request.limit = 0;
  EXPECT_EQ(page(test.store(), request), Names{"!InvalidArgument"});
  request.limit = 100;
  int visited = 0;
  auto cut = list_now(test.store(), request, [&](std::string_view, const RecordView&) { return ++visited < 2; });
  EXPECT_EQ(visited, 2);
  EXPECT_TRUE(cut->more);
  EXPECT_EQ(split_key(cut->last.bytes())->name, "k1");
}

STORE_CONTRACT(CompactionGivesUpOnlyWhatIsOlder) {
  put(test.store(), "a", "1");
  const Revision second = put(test.store(), "a", "2");
  put(test.store(), "gone", "1");
  const Revision dead = erase(test.store(), "gone");
  put(test.store(), "a", "3");
  ASSERT_TRUE(compact_and_wait(test.store(), dead));
  EXPECT_EQ(text_of(test.store(), "a", second), "!Compacted");
  EXPECT_EQ(text_of(test.store(), "a", dead), "2");
  EXPECT_EQ(text_of(test.store(), "gone", dead), "-");
  EXPECT_EQ(text_of(test.store(), "a"), "3");
  EXPECT_EQ(all(test.store(), dead), Names{"a=2"});
  EXPECT_TRUE(compact_and_wait(test.store(), second)) << "older than before: nothing happens";
  EXPECT_EQ(test.store().stats().compacted, dead);
  EXPECT_EQ(compact_and_wait(test.store(), test.store().revision() + 1).error().code, ErrorCode::kFutureRevision);
  WatchRequest request;
  request.after = second;
  EXPECT_EQ(test.store().watch(request, {}).error().code, ErrorCode::kCompacted);
}

// ---- Watches ------------------------------------------------------------------------------------------------

/// Takes events until a condition holds; waits for `ready`, never for time.
class Watcher {
 public:
  Watcher(Store& store, WatchRequest request) {
    auto watch = store.watch(std::move(request), [this] {
      std::lock_guard lock(mutex_);
      ready_ = true;
      changed_.notify_all();
    });
    if (watch) {
      watch_ = std::move(*watch);
    } else {
      error_ = watch.error();
    }
  }
  /// "+a=1@5" created, "~a=1>2@6" changed, "-a=2@7" deleted.
  const Names& until(Revision revision) {
    while (!error_ && (seen_ < revision)) {
      auto events = watch_->take(3);
      if (!events) {
        error_ = events.error();
        break;
      }
      for (const EventPtr& event : *events) add(*event);
      seen_ = std::max(seen_, watch_->revision());
      if (!events->empty() || seen_ >= revision) continue;
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ready_; });
      ready_ = false;
    }
    return lines_;
  }
  const std::optional<Error>& error() const { return error_; }
  const Names& lines() const { return lines_; }
  Watch& watch() { return *watch_; }

 private:
  void add(const Event& event) {
    const std::string name(split_key(event.key.bytes())->name);
    const std::string at = "@" + std::to_string(event.revision);
    if (!event.old) {
      lines_.push_back("+" + name + "=" + std::string(event.current.text()) + at);
    } else if (!event.current) {
      lines_.push_back("-" + name + "=" + std::string(event.old.text()) + at);
    } else {
      lines_.push_back("~" + name + "=" + std::string(event.old.text()) + ">" + std::string(event.current.text()) + at);
    }
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ready_ = false;
  std::unique_ptr<Watch> watch_;
  std::optional<Error> error_;
  Names lines_;
  Revision seen_ = 0;
};

Names script(Store& store, int rounds) {
  Names expected;
  std::map<std::string, std::string> state;
  for (int i = 0; i < rounds; ++i) {
    const std::string name = "w" + std::to_string(i * 7 % 5);
    const std::string text = std::to_string(i);
    const bool erases = i % 4 == 3 && state.contains(name);
    const Revision revision = erases ? erase(store, name) : put(store, name, text);
    const std::string at = "@" + std::to_string(revision);
    if (erases) {
      expected.push_back("-" + name + "=" + state[name] + at);
      state.erase(name);
    } else if (state.contains(name)) {
      expected.push_back("~" + name + "=" + state[name] + ">" + text + at);
      state[name] = text;
    } else {
      expected.push_back("+" + name + "=" + text + at);
      state[name] = text;
    }
  }
  return expected;
}

STORE_CONTRACT(AWatchGivesOldAndNewOfEveryChangeInOrder) {
  WatchRequest request;
  request.prefix = prefix_of(7);
  Watcher watcher(test.store(), request);
  EXPECT_TRUE(watcher.watch().take(10)->empty());
  const Names expected = script(test.store(), 60);
  EXPECT_EQ(watcher.until(test.store().revision()), expected);
}

STORE_CONTRACT(AWatchFromAnOldRevisionMissesNothing) {
  put(test.store(), "before", "x");
  const Revision start = test.store().revision();
  Names expected = script(test.store(), 700);
  WatchRequest request;
  request.prefix = prefix_of(7);
  request.after = start;
  Watcher watcher(test.store(), request);
  watcher.until(start + 50);
  // More than a watcher reads at once is written meanwhile.
  std::thread writer([&] {
    for (int i = 0; i < 300; ++i) put(test.store(), "late" + std::to_string(i), "x");
  });
  for (int i = 0; i < 300; ++i) {
    expected.push_back("+late" + std::to_string(i) + "=x@" + std::to_string(start + 701 + static_cast<unsigned>(i)));
  }
  EXPECT_EQ(watcher.until(start + 1000), expected);
  writer.join();
}

STORE_CONTRACT(AWatchSeesOnlyItsPrefixAndStillMovesOn) {
  WatchRequest request;
  request.prefix = *prefix_of(7, "default");
  Watcher watcher(test.store(), request);
  (void)watcher.watch().take(1);
  ASSERT_TRUE(commit_and_wait(test.store(), std::move(Batch().put(key_of("x", "other"), record_of("1")))));
  ASSERT_TRUE(commit_and_wait(test.store(), std::move(Batch().put(key_of("x", "default", 8), record_of("1")))));
  const Revision mine = put(test.store(), "a", "1");
  EXPECT_EQ(watcher.until(mine), Names{"+a=1@" + std::to_string(mine)});
}

STORE_CONTRACT(EventsOfOneBatchComeTogether) {
  WatchRequest request;
  Watcher watcher(test.store(), request);
  EXPECT_TRUE(watcher.watch().take(1)->empty());
  Batch batch;
  for (int i = 0; i < 10; ++i) batch.put(key_of("k" + std::to_string(i)), record_of("x"));
  const Revision revision = commit_and_wait(test.store(), std::move(batch))->revision;
  EXPECT_EQ(watcher.until(revision).size(), 10u);
}

STORE_CONTRACT(ASlowWatcherIsCutAndComesBackWhereItWas) {
  WatchRequest request;
  request.prefix = prefix_of(7);
  request.max_events = 20;
  Watcher watcher(test.store(), request);
  ASSERT_TRUE(watcher.watch().take(1)->empty());
  const Revision begin = watcher.watch().revision();
  WatchRequest everything;
  everything.prefix = prefix_of(7);
  Watcher beside(test.store(), everything);
  ASSERT_TRUE(beside.watch().take(1)->empty());
  Names expected = script(test.store(), 100);
  // Events come on a thread of their own: the slow one looks when they have come, more than it may keep.
  EXPECT_EQ(beside.until(test.store().revision()), expected);
  watcher.until(test.store().revision());
  ASSERT_TRUE(watcher.error());
  EXPECT_EQ(watcher.error()->code, ErrorCode::kDisconnected);
  request.after = begin == 0 ? 1 : begin;
  if (begin == 0) expected.erase(expected.begin());
  // The rest of the script may still be on its way, all at once: this one is not to be cut.
  request.max_events = WatchRequest().max_events;
  Watcher again(test.store(), request);
  EXPECT_EQ(again.until(test.store().revision()), expected);
}

STORE_CONTRACT(StateHistoryAndRevisionsOutliveTheProcess) {
  if (!test.is_durable()) GTEST_SKIP() << "memory";
  std::map<Revision, Names> states;
  for (int i = 0; i < 40; ++i) {
    script(test.store(), 5);
    states[test.store().revision()] = all(test.store());
    if (i % 10 == 9) {
      const Revision before = test.store().revision();
      const auto objects = test.store().stats().objects;
      test.reopen();
      EXPECT_EQ(test.store().revision(), before);
      EXPECT_EQ(test.store().stats().objects, objects);
      EXPECT_EQ(*test.store().count(prefix_of(7)), objects);
    }
  }
  for (const auto& [revision, names] : states) EXPECT_EQ(all(test.store(), revision), names) << revision;
}

STORE_CONTRACT(AWatchResumesAfterARestart) {
  if (!test.is_durable()) GTEST_SKIP() << "memory";
  put(test.store(), "first", "x");
  const Revision start = test.store().revision();
  const Names expected = script(test.store(), 50);
  test.reopen();
  WatchRequest request;
  request.prefix = prefix_of(7);
  request.after = start;
  Watcher watcher(test.store(), request);
  EXPECT_EQ(watcher.until(test.store().revision()), expected);
}

// ---- Against a model ----------------------------------------------------------------------------------------

using Model = std::map<std::string, std::pair<Revision, std::string>>;

Names names_of(const Model& model) {
  Names names;
  for (const auto& [name, value] : model) names.push_back(name + "=" + value.second);
  return names;
}

/// A random batch, what it makes of the model, and whether its conditions hold.
struct Command {
  Batch batch;
  Model next;
  bool holds = true;
};

Condition random_condition(std::mt19937& random, const Model& model, const std::string& name, Revision revision,
                           bool& holds) {
  const auto there = model.find(name);
  const unsigned choice = random() % 6;
  if (choice == 0) {
    holds = holds && there == model.end();
    return Condition::absent();
  }
  if (choice > 1) return {};
  const bool right = there != model.end() && random() % 4 != 0;
  const Condition condition = Condition::at(right ? there->second.first : 1 + random() % revision);
  holds = holds && there != model.end() && there->second.first == condition.revision;
  return condition;
}

Command random_command(std::mt19937& random, const Model& model, Revision revision, char letter) {
  Command command;
  command.next = model;
  std::vector<std::string> touched;
  for (unsigned n = 1 + random() % 4; n > 0; --n) {
    const std::string name = "m" + std::to_string(random() % 12);
    if (std::find(touched.begin(), touched.end(), name) != touched.end()) continue;
    touched.push_back(name);
    const Condition condition = random_condition(random, model, name, revision, command.holds);
    const std::string text(random() % 5 == 0 ? random() % 9000 : random() % 40, letter);
    if (random() % 4 == 0) {
      command.batch.erase(key_of(name), condition);
      command.next.erase(name);
    } else {
      command.batch.put(key_of(name), record_of(text), condition);
      command.next[name] = {revision, text};
    }
  }
  return command;
}

STORE_CONTRACT(BehavesAsAMapWithHistoryForAnyCommands) {
  const unsigned seed = 20261121;
  std::mt19937 random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  Model model;
  std::map<Revision, Names> history;
  Revision compacted = 0;
  for (int step = 0; step < 1500; ++step) {
    const Revision revision = test.store().revision() + 1;
    Command command = random_command(random, model, revision, static_cast<char>('a' + step % 26));
    auto done = commit_and_wait(test.store(), std::move(command.batch));
    ASSERT_EQ(done.has_value(), command.holds) << "step " << step;
    if (done && done->changed) {
      ASSERT_EQ(done->revision, revision);
      model = std::move(command.next);
    }
    if (test.store().revision() != 0) history[test.store().revision()] = names_of(model);
    if (step % 50 == 0) {
      for (const auto& [at, names] : history) ASSERT_EQ(all(test.store(), at), names) << "step " << step << " @" << at;
    }
    if (step % 400 == 399) {
      compacted = test.store().revision() - random() % 100;
      ASSERT_TRUE(compact_and_wait(test.store(), compacted));
      history.erase(history.begin(), history.lower_bound(compacted));
    }
    if (test.is_durable() && step % 300 == 299) {
      test.reopen();
      ASSERT_EQ(all(test.store()), names_of(model)) << "after reopening, step " << step;
    }
  }
}

}  // namespace
}  // namespace troupe::storage::testing
