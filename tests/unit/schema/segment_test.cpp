#include "schema/segment.hpp"

#include <gtest/gtest.h>

#include "schema/core_v1.capnp.h"

namespace troupe::schema {
namespace {

using k8s::core::v1::Pod;

Segment pod(const char* name) {
  capnp::MallocMessageBuilder builder;
  auto meta = builder.initRoot<Pod>().getMetadata();
  meta.setName("this name is replaced and shall not be kept");
  meta.setName(name);
  auto labels = meta.initLabels(2);
  labels[0].setKey("app");
  labels[0].setValue("web");
  labels[1].setKey("tier");
  return to_segment<Pod>(builder.getRoot<Pod>().asReader());
}

std::string name_in(const Segment& segment) {
  const auto name =
      with_object<Pod>(segment, [](Pod::Reader in) -> Result<std::string> { return text(in.getMetadata().getName()); });
  return name ? *name : "?";
}

TEST(StoredSegment, ReadsBackWhatWasWrittenWithoutWhatWasReplaced) {
  const Segment segment = pod("web-1");
  EXPECT_EQ(name_in(segment), "web-1");
  const auto labels = with_object<Pod>(segment, [](Pod::Reader in) -> Result<std::map<std::string, std::string>> {
    return entries(in.getMetadata().getLabels());
  });
  ASSERT_TRUE(labels);
  EXPECT_EQ(*labels, (std::map<std::string, std::string>{{"app", "web"}, {"tier", ""}}));
  const std::string bytes(reinterpret_cast<const char*>(segment.data()), segment.size() * sizeof(std::uint64_t));
  EXPECT_EQ(bytes.find("shall not be kept"), std::string::npos);
}

TEST(StoredSegment, IsLeftAloneWhenTheChangeSaysSo) {
  const Segment before = pod("web-1");
  const auto left = changed<Pod>(before, [](Pod::Builder) { return false; });
  ASSERT_TRUE(left);
  EXPECT_FALSE(*left);
  const auto renamed = changed<Pod>(before, [](Pod::Builder one) { one.getMetadata().setName("web-2"); });
  ASSERT_TRUE(renamed && *renamed);
  EXPECT_EQ(name_in(**renamed), "web-2");
  EXPECT_EQ(name_in(before), "web-1");
}

TEST(StoredSegment, ThatHoldsNoObjectIsCorrupt) {
  const Segment garbage(3, 0xfedcba9876543210);
  const auto read = with_object<Pod>(garbage, [](Pod::Reader in) -> Result<bool> { return in.hasMetadata(); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace troupe::schema
