#include "storage/record_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::storage {
namespace {

TEST(RecordPool, BlocksAreAlignedAndDoNotOverlap) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    RecordPool pool(1u << 20);
    struct Taken {
      unsigned char* at;
      std::size_t bytes;
      unsigned char mark;
    };
    std::vector<Taken> taken;
    for (int i = 0; i < 5000; ++i) {
      if (taken.empty() || random() % 5 < 3) {
        const std::size_t bytes = random() % 20'000;
        auto* at = static_cast<unsigned char*>(pool.take(bytes));
        ASSERT_EQ(reinterpret_cast<std::uintptr_t>(at) % 16, 0u);
        const auto mark = static_cast<unsigned char>(random());
        std::memset(at, mark, bytes);
        taken.push_back({at, bytes, mark});
      } else {
        std::swap(taken[random() % taken.size()], taken.back());
        const Taken last = taken.back();
        taken.pop_back();
        const std::vector<unsigned char> written(last.bytes, last.mark);
        ASSERT_TRUE(std::equal(written.begin(), written.end(), last.at));  // one comparison of memory
        pool.give_back(last.at, last.bytes);
      }
    }
    for (const Taken& t : taken) pool.give_back(t.at, t.bytes);
  }
}

TEST(RecordPool, GivesMemoryBackAboveItsBound) {
  constexpr std::size_t kSpare = 4 * RecordPool::kSlab;
  RecordPool pool(kSpare);
  std::vector<void*> blocks;
  for (int i = 0; i < 20'000; ++i) blocks.push_back(pool.take(2112));
  EXPECT_GE(pool.held_bytes(), 20'000u * 2112);
  for (void* block : blocks) pool.give_back(block, 2112);
  EXPECT_LE(pool.held_bytes(), kSpare + RecordPool::kSlab);
}

TEST(RecordPool, BlocksMayBeGivenBackByAnotherThread) {
  RecordPool pool(1u << 20);
  for (int round = 0; round < 20; ++round) {
    std::vector<void*> blocks;
    std::thread taker([&] {
      for (int i = 0; i < 1000; ++i) blocks.push_back(pool.take(512));
    });
    std::vector<void*> own;
    for (int i = 0; i < 1000; ++i) own.push_back(pool.take(512));
    taker.join();
    std::thread giver([&] {
      for (void* block : own) pool.give_back(block, 512);
    });
    for (void* block : blocks) pool.give_back(block, 512);
    giver.join();
  }
  EXPECT_LE(pool.held_bytes(), (1u << 20) + RecordPool::kSlab);
}

}  // namespace
}  // namespace troupe::storage
