#include "storage/keyspace.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "storage/record.hpp"

namespace troupe::storage {
namespace {

TEST(Keyspace, KeysAreMultiplesOfEightAndComeApartAgain) {
  for (std::size_t length = 1; length < 60; ++length) {
    const std::string name(length, 'n');
    auto key = make_key(300, "ns", name);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->bytes().size() % 8, 0u);
    auto parts = split_key(key->bytes());
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->resource, 300u);
    EXPECT_EQ(parts->name_space, "ns");
    EXPECT_EQ(parts->name, name);
    EXPECT_EQ(key_from_bytes(key->bytes()), *key);
  }
}

TEST(Keyspace, KeysSortAsKubernetesDoes) {
  const std::vector<std::pair<std::string, std::string>> order = {
      {"", "z"}, {"a", "z"}, {"a-b", "a"}, {"b", "a"}, {"b", "a-b"}, {"b", "aa"}, {"b", "aaaaaaaaaaaa"}};
  for (std::size_t i = 1; i < order.size(); ++i) {
    EXPECT_LT(make_key(1, order[i - 1].first, order[i - 1].second)->bytes(),
              make_key(1, order[i].first, order[i].second)->bytes());
  }
  EXPECT_LT(make_key(1, "z", "z")->bytes(), make_key(256, "a", "a")->bytes());
}

TEST(Keyspace, ANamespacesPrefixMatchesNoOtherNamespace) {
  const Prefix prefix = *prefix_of(1, "a");
  EXPECT_TRUE(prefix.matches(make_key(1, "a", "x")->bytes()));
  EXPECT_FALSE(prefix.matches(make_key(1, "ab", "x")->bytes()));
  EXPECT_FALSE(prefix.matches(make_key(2, "a", "x")->bytes()));
}

TEST(Keyspace, WhatLmdbCannotHoldIsTooLarge) {
  EXPECT_TRUE(make_key(1, std::string(63, 'n'), std::string(253, 'x')));
  EXPECT_TRUE(make_key(1, std::string(200, 'n'), std::string(299, 'x')));
  EXPECT_EQ(make_key(1, std::string(200, 'n'), std::string(300, 'x')).error().code, ErrorCode::kTooLarge);
}

TEST(Keyspace, RefusesNamesWithZerosAndEmptyOnes) {
  EXPECT_EQ(make_key(1, "a", std::string("a\0b", 3)).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(make_key(1, std::string("\0", 1), "a").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(make_key(1, "a", "").error().code, ErrorCode::kInvalidArgument);
}

TEST(Keyspace, BytesThatAreNoKeyAreCorrupt) {
  for (const std::string& bytes : {std::string(), std::string(8, '\0'), std::string(12, 'a'), std::string(16, 'a'),
                                   std::string("\0\0\0\1a\0b\0\0\0\0\0\0\0\0\0", 16)}) {
    EXPECT_EQ(split_key(bytes).error().code, ErrorCode::kCorrupt) << bytes.size();
  }
}

TEST(Record, HeaderAndPayloadAreOneAlignedPiece) {
  for (std::size_t size : {0u, 1u, 7u, 8u, 9u, 1000u}) {
    const Record record = Record::of({5, Form::kCapnp, Transform::kNone, 2}, std::string(size, 'x'));
    EXPECT_EQ(record.stored_bytes() % 8, 0u);
    auto view = view_record(record.stored());
    ASSERT_TRUE(view);
    EXPECT_EQ(view->payload.size(), size);
    EXPECT_EQ(*view->header, record.header());
    EXPECT_EQ(Record::copy_of(*view).text(), record.text());
  }
}

TEST(Record, RefusesBytesThatAreNoRecord) {
  alignas(8) std::byte bytes[40] = {};
  EXPECT_EQ(view_record(bytes).error().code, ErrorCode::kCorrupt);
  const Record record = Record::of({}, std::string(100, 'x'));
  EXPECT_EQ(view_record(record.stored().first(64)).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace troupe::storage
