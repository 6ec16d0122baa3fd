#include "schema/type_table.hpp"

#include <capnp/message.h>
#include <gmock/gmock.h>

#include <cstring>
#include <set>
#include <string>

#include "schema/codec/json.hpp"
#include "schema/core_v1.capnp.h"
#include "schema/kubernetes.capnp.h"
#include "schema/meta_v1.capnp.h"
#include "schema/type_hash.hpp"

namespace troupe::schema {
namespace {

using testing::ElementsAre;
using testing::IsNull;
using testing::NotNull;

const TypeTable& table() {
  static const TypeTable built = TypeTable::built_in().value();
  return built;
}

const Type& type(std::string_view name) {
  const Type* found = table().find(name);
  if (found == nullptr) throw std::runtime_error("no type " + std::string(name));
  return *found;
}

const Field& field(std::string_view type_name, std::string_view name) {
  for (const Field& f : type(type_name).fields) {
    if (f.name == name) return f;
  }
  throw std::runtime_error(std::string(type_name) + " has no field " + std::string(name));
}

TEST(TypeTable, HoldsEveryTypeOfTheStableGroups) {
  EXPECT_GE(table().types().size(), 651U);
  for (const char* group : {"",
                            "apps",
                            "batch",
                            "policy",
                            "networking.k8s.io",
                            "rbac.authorization.k8s.io",
                            "storage.k8s.io",
                            "discovery.k8s.io",
                            "events.k8s.io",
                            "coordination.k8s.io",
                            "scheduling.k8s.io",
                            "node.k8s.io",
                            "admission.k8s.io",
                            "admissionregistration.k8s.io",
                            "authentication.k8s.io",
                            "authorization.k8s.io",
                            "certificates.k8s.io",
                            "flowcontrol.apiserver.k8s.io",
                            "resource.k8s.io",
                            "apidiscovery.k8s.io",
                            "apiextensions.k8s.io",
                            "apiregistration.k8s.io",
                            "meta.k8s.io",
                            "metrics.k8s.io",
                            "autoscaling"}) {
    std::size_t types = 0;
    for (const Type* t : table().types()) types += t->group == group ? 1 : 0;
    EXPECT_GT(types, 1U) << group;
  }
}

TEST(TypeTable, FindsAnApiKindAsAClientNamesIt) {
  ASSERT_THAT(table().find("", "v1", "Pod"), NotNull());
  EXPECT_EQ(table().find("", "v1", "Pod")->name, "core/v1.Pod");
  EXPECT_EQ(table().find("rbac.authorization.k8s.io", "v1", "RoleList")->name, "rbac/v1.RoleList");
  EXPECT_EQ(table().find("autoscaling", "v2", "HorizontalPodAutoscaler")->name,
            "autoscaling/v2.HorizontalPodAutoscaler");
  EXPECT_EQ(table().find("", "v1", "Status")->name, "meta/v1.Status");
  EXPECT_EQ(table().find("", "v1", "List")->name, "meta/v1.List");
  EXPECT_EQ(table().find("policy", "v1beta1", "Eviction")->name, "policy/v1.Eviction");
}

TEST(TypeTable, FindsOptionsInEveryGroup) {
  EXPECT_EQ(table().find("apps", "v1", "DeleteOptions")->name, "meta/v1.DeleteOptions");
  EXPECT_EQ(table().find("policy", "v1beta1", "DeleteOptions")->name, "meta/v1.DeleteOptions");
  EXPECT_EQ(table().find("example.com", "v1", "WatchEvent")->name, "meta/v1.WatchEvent");
}

TEST(TypeTable, DoesNotTakeAPartOfAnObjectForAnApiKind) {
  EXPECT_THAT(table().find("", "v1", "PodSpec"), IsNull());
  EXPECT_THAT(table().find("", "v2", "Pod"), IsNull());
  EXPECT_THAT(table().find("core/v1.Nothing"), IsNull());
}

TEST(TypeTable, FindsEveryFieldByItsJsonNameAndByItsNumber) {
  for (const Type* t : table().types()) {
    std::set<std::string_view> names;
    for (const JsonField& f : t->json_fields) {
      EXPECT_EQ(t->find_json(f.name), &f) << t->name << "." << f.name;
      EXPECT_TRUE(names.insert(f.name).second) << t->name << "." << f.name;
    }
    for (const Field& f : t->fields) {
      if (f.proto != 0) {
        EXPECT_EQ(t->find_proto(f.proto), &f) << t->name << "." << f.name;
      }
      if (!f.inlined) {
        EXPECT_THAT(t->find_json(f.name), NotNull()) << t->name << "." << f.name;
      }
    }
    EXPECT_THAT(t->find_json("noSuchField"), IsNull());
    EXPECT_THAT(t->find_json(""), IsNull());
    EXPECT_THAT(t->find_proto(0), IsNull());
    EXPECT_THAT(t->find_proto(4000000000U), IsNull());
  }
}

TEST(TypeTable, GivesEveryBuiltInNameASlotOfItsOwn) {
  for (const Type* t : table().types()) {
    for (std::size_t i = 0; i < t->json_fields.size(); ++i) {
      const std::uint32_t slot = hash_name(t->json_fields[i].name, t->hash_seed) & (t->json_slots.size() - 1);
      EXPECT_EQ(t->json_slots[slot], i + 1) << t->name << "." << t->json_fields[i].name;
    }
  }
}

TEST(TypeTable, ReachesInlinedFieldsFromTheParent) {
  const JsonField* empty_dir = type("core/v1.Volume").find_json("emptyDir");
  ASSERT_THAT(empty_dir, NotNull());
  ASSERT_EQ(empty_dir->path.size(), 1U);
  EXPECT_EQ(empty_dir->path[0]->name, "VolumeSource");
  EXPECT_EQ(empty_dir->path[0]->proto, 2U);
  EXPECT_EQ(empty_dir->field->type->name, "core/v1.EmptyDirVolumeSource");

  const JsonField* groups = type("admissionregistration/v1.NamedRuleWithOperations").find_json("apiGroups");
  ASSERT_THAT(groups, NotNull());
  ASSERT_EQ(groups->path.size(), 2U);
  EXPECT_EQ(groups->path[0]->name, "RuleWithOperations");
  EXPECT_EQ(groups->path[1]->name, "Rule");

  EXPECT_THAT(type("core/v1.Volume").find_json("VolumeSource"), IsNull());
}

TEST(TypeTable, KeepsFieldsInTheOrderInWhichJsonWritesThem) {
  std::vector<std::string_view> names;
  for (const Field& f : type("core/v1.ServicePort").fields) names.push_back(f.name);
  EXPECT_THAT(names, ElementsAre("name", "protocol", "appProtocol", "port", "targetPort", "nodePort"));
  std::vector<std::uint32_t> numbers;
  for (const Field* f : type("core/v1.ServicePort").by_proto) numbers.push_back(f->proto);
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(TypeTable, PlacesFieldsWhereTheGeneratedCodeDoes) {
  capnp::MallocMessageBuilder message;
  auto pod = message.initRoot<k8s::core::v1::PodSpec>();
  pod.setTerminationGracePeriodSeconds(0x1122334455667788);
  pod.setHasTerminationGracePeriodSeconds(true);
  pod.setHostNetwork(true);
  pod.setPriority(-7);
  pod.setNodeName("n1");
  const capnp::AnyStruct::Reader raw = capnp::AnyStruct::Reader(capnp::toAny(pod.asReader()));
  const auto data = raw.getDataSection();
  const auto bit = [&](std::uint32_t at) { return (data[at / 8] >> (at % 8) & 1) != 0; };

  const Field& grace = field("core/v1.PodSpec", "terminationGracePeriodSeconds");
  EXPECT_TRUE(grace.in_data_section());
  EXPECT_TRUE(grace.pointer);
  std::int64_t seconds = 0;
  std::memcpy(&seconds, data.begin() + grace.offset, 8);
  EXPECT_EQ(seconds, 0x1122334455667788);
  EXPECT_TRUE(bit(grace.presence_bit));
  EXPECT_FALSE(bit(field("core/v1.PodSpec", "activeDeadlineSeconds").presence_bit));

  const Field& priority = field("core/v1.PodSpec", "priority");
  std::int32_t value = 0;
  std::memcpy(&value, data.begin() + priority.offset, 4);
  EXPECT_EQ(value, -7);
  EXPECT_TRUE(bit(field("core/v1.PodSpec", "hostNetwork").offset));
  EXPECT_FALSE(bit(field("core/v1.PodSpec", "hostPID").offset));
  EXPECT_EQ(raw.getPointerSection()[field("core/v1.PodSpec", "nodeName").offset].getAs<capnp::Text>(), "n1");
  EXPECT_EQ(type("core/v1.PodSpec").data_words, data.size() / 8);
  EXPECT_EQ(type("core/v1.PodSpec").pointer_count, raw.getPointerSection().size());
}

TEST(TypeTable, KnowsWhereAnIntOrStringKeepsItsUnion) {
  capnp::MallocMessageBuilder message;
  auto value = message.initRoot<k8s::IntOrString>();
  value.setInt(-5);
  auto raw = capnp::AnyStruct::Reader(capnp::toAny(value.asReader()));
  std::int32_t number = 0;
  std::uint16_t which = 9;
  std::memcpy(&number, raw.getDataSection().begin() + IntOrStringLayout::kIntByte, 4);
  std::memcpy(&which, raw.getDataSection().begin() + IntOrStringLayout::kWhichByte, 2);
  EXPECT_EQ(number, -5);
  EXPECT_EQ(which, IntOrStringLayout::kIsInt);
  value.setStr("http");
  raw = capnp::AnyStruct::Reader(capnp::toAny(value.asReader()));
  std::memcpy(&which, raw.getDataSection().begin() + IntOrStringLayout::kWhichByte, 2);
  EXPECT_EQ(which, IntOrStringLayout::kIsText);
  EXPECT_EQ(raw.getPointerSection()[0].getAs<capnp::Text>(), "http");
  EXPECT_EQ(raw.getDataSection().size(), IntOrStringLayout::kDataWords * 8U);
  EXPECT_EQ(raw.getPointerSection().size(), IntOrStringLayout::kPointers);
}

TEST(TypeTable, SaysWhatAMapsEntriesAre) {
  const Field& labels = field("meta/v1.ObjectMeta", "labels");
  EXPECT_EQ(labels.shape, FieldShape::kMap);
  EXPECT_EQ(labels.kind, FieldKind::kText);
  for (const Type* t : table().types()) {
    for (const Field& f : t->fields) {
      if (f.shape != FieldShape::kMap) continue;
      ASSERT_EQ(f.type->fields.size(), 2U) << t->name << "." << f.name;
      EXPECT_EQ(f.type->fields[0].name, "key");
      EXPECT_EQ(f.type->fields[0].offset, 0U);
      EXPECT_EQ(f.type->fields[0].proto, 1U);
      EXPECT_EQ(f.type->fields[1].proto, 2U);
      EXPECT_EQ(f.type->fields[1].kind, f.kind) << t->name << "." << f.name;
    }
  }
  EXPECT_EQ(field("core/v1.ResourceRequirements", "limits").kind, FieldKind::kQuantity);
  EXPECT_EQ(field("core/v1.Secret", "data").kind, FieldKind::kBytes);
  const Field& extra = field("authentication/v1.UserInfo", "extra");
  EXPECT_EQ(extra.type->fields[1].shape, FieldShape::kList);
  EXPECT_TRUE(extra.type->fields[1].wrapped);
  const Field& disrupted = field("policy/v1.PodDisruptionBudgetStatus", "disruptedPods").type->fields[1];
  EXPECT_EQ(disrupted.kind, FieldKind::kTime);
  EXPECT_NE(disrupted.presence_bit, Field::kNoPresence);
  EXPECT_EQ(field("apiextensions/v1.JSONSchemaProps", "properties").type->fields[1].type,
            &type("apiextensions/v1.JSONSchemaProps"));
}

TEST(TypeTable, CarriesWhatTheFactsSayAboutAField) {
  const FieldFacts& containers = *field("core/v1.PodSpec", "containers").facts;
  EXPECT_EQ(containers.list_type, ListType::kMap);
  EXPECT_THAT(containers.list_map_keys, ElementsAre("name"));
  EXPECT_TRUE(containers.patch_merge);
  EXPECT_EQ(containers.patch_merge_key, "name");
  const FieldFacts& volumes = *field("core/v1.PodSpec", "volumes").facts;
  EXPECT_TRUE(volumes.patch_merge && volumes.patch_retain_keys);
  EXPECT_EQ(field("core/v1.PodSpec", "nodeSelector").facts->map_type, MapType::kAtomic);
  EXPECT_EQ(field("core/v1.ServicePort", "protocol").facts->default_json, "\"TCP\"");
  const EnumFacts* protocol = field("core/v1.ServicePort", "protocol").facts->values;
  ASSERT_THAT(protocol, NotNull());
  EXPECT_TRUE(protocol->closed);
  EXPECT_THAT(protocol->values, ElementsAre("TCP", "UDP", "SCTP"));
  EXPECT_THAT(field("meta/v1.Condition", "status").facts->rules,
              testing::Contains("kubebuilder:validation:Enum=True;False;Unknown"));
  EXPECT_THAT(field("core/v1.PodStatus", "resize").facts->feature_gates, ElementsAre("InPlacePodVerticalScaling"));
  EXPECT_TRUE(type("meta/v1.LabelSelector").atomic);
  EXPECT_THAT(type("core/v1.Node").markers, testing::Contains("genclient:nonNamespaced"));
}

TEST(TypeTable, HasOnlyJsonValuesAsDefaults) {
  std::size_t defaults = 0;
  for (const Type* each : table().types()) {
    for (const Field& f : each->fields) {
      if (f.facts == nullptr || f.facts->default_json.empty()) continue;
      ++defaults;
      const std::string_view json = f.facts->default_json;
      EXPECT_TRUE(is_json(json)) << each->name << "." << f.name << ": " << json;
      EXPECT_EQ(f.kind == FieldKind::kText, json.front() == '"') << each->name << "." << f.name << ": " << json;
    }
  }
  EXPECT_GE(defaults, 20U);
  EXPECT_EQ(field("core/v1.AzureDiskVolumeSource", "cachingMode").facts->default_json, "\"ReadWrite\"");
  EXPECT_EQ(field("core/v1.AzureDiskVolumeSource", "kind").facts->default_json, "\"Shared\"");
}

TEST(TypeTable, StaysWithinItsMemory) { EXPECT_LE(table().memory_bytes(), 8U * 1024 * 1024); }

}  // namespace
}  // namespace troupe::schema
