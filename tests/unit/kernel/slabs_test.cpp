#include "kernel/slabs.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

namespace troupe::kernel {
namespace {

struct Piece {
  unsigned char* data = nullptr;
  std::size_t size = 0;
  unsigned char mark = 0;
};

Piece take(std::size_t size, unsigned char mark) {
  Piece piece{static_cast<unsigned char*>(SlabMemory::take(size)), size, mark};
  std::memset(piece.data, mark, size);
  return piece;
}

bool give(const Piece& piece) {
  bool whole = true;
  for (std::size_t i = 0; i < piece.size; ++i) whole = whole && piece.data[i] == piece.mark;
  SlabMemory::give(piece.data, piece.size);
  return whole;
}

TEST(Slabs, PiecesOfAllSizesAreAlignedAndNobodyElseWritesIntoThem) {
  constexpr std::uint32_t kSeed = 20261121;
  std::mt19937 random(kSeed);
  std::vector<Piece> held;
  for (int i = 0; i < 40'000; ++i) {
    if (held.size() < 2'000 || random() % 2 == 0) {
      const std::size_t size = 1 + random() % (SlabMemory::kLargest + 500);
      held.push_back(take(size, static_cast<unsigned char>(random())));
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(held.back().data) % 16, 0U) << "seed " << kSeed << ", step " << i;
    } else {
      std::swap(held[random() % held.size()], held.back());
      ASSERT_TRUE(give(held.back())) << "seed " << kSeed << ", step " << i;
      held.pop_back();
    }
  }
  for (const Piece& piece : held) ASSERT_TRUE(give(piece)) << "seed " << kSeed;
}

TEST(Slabs, EmptySlabsGoBackToTheMachine) {
  const std::size_t before = SlabMemory::reserved();
  std::vector<Piece> held;
  constexpr std::size_t kCount = 40'000;
  held.reserve(kCount);
  for (std::size_t i = 0; i < kCount; ++i) held.push_back(take(480, static_cast<unsigned char>(i)));
  EXPECT_GE(SlabMemory::reserved() - before, kCount * 480 - (std::size_t{4} << 20));
  for (const Piece& piece : held) ASSERT_TRUE(give(piece));
  EXPECT_LE(SlabMemory::reserved(), before + (std::size_t{4} << 20));
}

TEST(Slabs, WhatOneThreadTakesAnotherGives) {
  const std::size_t before = SlabMemory::reserved();
  std::mutex mutex;
  std::vector<Piece> under_way;
  bool done = false;
  bool whole = true;
  std::thread other([&] {
    for (bool last = false; !last;) {
      std::vector<Piece> mine;
      {
        const std::lock_guard lock(mutex);
        mine.swap(under_way);
        last = done;
      }
      for (const Piece& piece : mine) whole = give(piece) && whole;
    }
  });
  for (int i = 0; i < 100'000; ++i) {
    const Piece piece = take(168, static_cast<unsigned char>(i));
    const std::lock_guard lock(mutex);
    under_way.push_back(piece);
  }
  {
    const std::lock_guard lock(mutex);
    done = true;
  }
  other.join();
  EXPECT_TRUE(whole);
  EXPECT_LE(SlabMemory::reserved(), before + (std::size_t{4} << 20));
}

TEST(Slabs, AThreadThatEndsGivesBackWhatItHadAtHand) {
  std::vector<Piece> held;
  const auto round = [&] {
    std::thread([&] {
      for (int i = 0; i < 20; ++i) held.push_back(take(64, 7));
    }).join();
    std::thread([&] {
      for (const Piece& piece : held) give(piece);
      held.clear();
    }).join();
  };
  for (int i = 0; i < 16; ++i) round();  // every shard has its first slab
  const std::size_t before = SlabMemory::reserved();
  for (int i = 0; i < 400; ++i) round();
  EXPECT_EQ(SlabMemory::reserved(), before);
}

}  // namespace
}  // namespace troupe::kernel
