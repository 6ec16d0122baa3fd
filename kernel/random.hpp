#pragma once

#include <array>
#include <cstdint>
#include <mutex>

namespace troupe::kernel {

/// Where chance comes from. Same seed, same numbers: on every machine, too.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;

  /// Uniform in [0, bound); 0 for a bound of 0.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1).
  double unit();
};

/// xoshiro256**. Not for several threads.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  std::uint64_t next() override;

 private:
  std::array<std::uint64_t, 4> state_;
};

/// A seeded generator that several threads share.
class SharedRandom final : public Random {
 public:
  explicit SharedRandom(std::uint64_t seed) : random_(seed) {}
  std::uint64_t next() override {
    const std::lock_guard lock(mutex_);
    return random_.next();
  }

 private:
  std::mutex mutex_;
  SeededRandom random_;
};

/// A seed from the operating system's entropy.
std::uint64_t entropy_seed();

}  // namespace troupe::kernel
