// The modelling rules of design.md, each checked on the description of every schema file.
#include <capnp/schema.capnp.h>
#include <capnp/serialize.h>
#include <gmock/gmock.h>

#include <memory>
#include <set>
#include <string>

#include "schema/embedded.hpp"
#include "schema/type_table.hpp"

namespace troupe::schema {
namespace {

using capnp::schema::Node;

class Modelling : public testing::Test {
 protected:
  template <class Check>
  void each_struct(Check check) {
    for (auto node : request_.getNodes()) {
      const std::string name(node.getDisplayName().cStr());
      if (!node.isStruct() || name.find("schema/") != 0 || name.find("schema/kubernetes.capnp") == 0) continue;
      check(name, node.getStruct());
    }
  }
  static bool zero(capnp::schema::Value::Reader value) {
    switch (value.which()) {
      case capnp::schema::Value::BOOL:
        return !value.getBool();
      case capnp::schema::Value::INT32:
        return value.getInt32() == 0;
      case capnp::schema::Value::INT64:
        return value.getInt64() == 0;
      case capnp::schema::Value::FLOAT64:
        return value.getFloat64() == 0;
      case capnp::schema::Value::TEXT:
        return value.getText().size() == 0;
      case capnp::schema::Value::DATA:
        return value.getData().size() == 0;
      case capnp::schema::Value::LIST:
        return value.getList().isNull();
      case capnp::schema::Value::STRUCT:
        return value.getStruct().isNull();
      default:
        return value.isVoid() || value.isAnyPointer();
    }
  }

  const std::span<const std::byte> bytes_ = embedded_api_schema();
  // Held by pointer: Cap'n Proto's readers have destructors that may throw.
  const std::unique_ptr<capnp::FlatArrayMessageReader> message_ = std::make_unique<capnp::FlatArrayMessageReader>(
      kj::arrayPtr(reinterpret_cast<const capnp::word*>(bytes_.data()), bytes_.size() / 8),
      capnp::ReaderOptions{UINT64_MAX, 64});
  capnp::schema::CodeGeneratorRequest::Reader request_ = message_->getRoot<capnp::schema::CodeGeneratorRequest>();
  const TypeTable table_ = TypeTable::built_in().value();
};

TEST_F(Modelling, NoFieldHasADefaultValue) {
  each_struct([](const std::string& name, Node::Struct::Reader type) {
    for (auto field : type.getFields()) {
      ASSERT_TRUE(field.isSlot()) << name;
      EXPECT_FALSE(field.getSlot().getHadExplicitDefault()) << name << "." << field.getName().cStr();
      EXPECT_TRUE(zero(field.getSlot().getDefaultValue())) << name << "." << field.getName().cStr();
    }
  });
}

TEST_F(Modelling, NoFieldIsAnEnumerationAndNoStructIsAUnion) {
  std::size_t structs = 0;
  each_struct([&](const std::string& name, Node::Struct::Reader type) {
    ++structs;
    EXPECT_EQ(type.getDiscriminantCount(), 0) << name;
    for (auto field : type.getFields()) {
      auto kind = field.getSlot().getType();
      if (kind.isList()) kind = kind.getList().getElementType();
      EXPECT_FALSE(kind.isEnum()) << name << "." << field.getName().cStr();
    }
  });
  EXPECT_GE(structs, 651U);
}

TEST_F(Modelling, APointerScalarIsAValueAndABitThatSaysPresent) {
  std::size_t checked = 0;
  for (const Type* type : table_.types()) {
    for (const Field& field : type->fields) {
      const bool time = field.kind == FieldKind::kTime || field.kind == FieldKind::kMicroTime;
      const bool expected = field.in_data_section() && (field.pointer || time);
      EXPECT_EQ(field.presence_bit != Field::kNoPresence, expected) << type->name << "." << field.name;
      checked += expected ? 1 : 0;
    }
  }
  EXPECT_GT(checked, 200U);
}

TEST_F(Modelling, NoTwoFieldsShareABitOrAPointer) {
  for (const Type* type : table_.types()) {
    std::set<std::uint32_t> bits;
    std::set<std::uint32_t> pointers;
    for (const Field& field : type->fields) {
      if (!field.in_data_section()) {
        EXPECT_TRUE(pointers.insert(field.offset).second) << type->name << "." << field.name;
        EXPECT_LT(field.offset, type->pointer_count) << type->name << "." << field.name;
        continue;
      }
      const std::uint32_t width = field.kind == FieldKind::kBool ? 1 : field.kind == FieldKind::kInt32 ? 32 : 64;
      const std::uint32_t first = field.kind == FieldKind::kBool ? field.offset : field.offset * 8;
      for (std::uint32_t bit = first; bit < first + width; ++bit) {
        EXPECT_TRUE(bits.insert(bit).second) << type->name << "." << field.name;
      }
      if (field.presence_bit != Field::kNoPresence) {
        EXPECT_TRUE(bits.insert(field.presence_bit).second) << type->name << "." << field.name;
      }
    }
    if (bits.empty()) continue;
    EXPECT_LT(*bits.rbegin(), type->data_words * 64U) << type->name;
  }
}

TEST_F(Modelling, AnInlinedStructIsAPointerOfItsOwnWithItsNumber) {
  std::size_t inlined = 0;
  for (const Type* type : table_.types()) {
    for (const Field& field : type->fields) {
      if (!field.inlined) continue;
      ++inlined;
      EXPECT_EQ(field.kind, FieldKind::kStruct) << type->name << "." << field.name;
      EXPECT_NE(field.proto, 0U) << type->name << "." << field.name;
    }
  }
  EXPECT_GE(inlined, 15U);
}

TEST_F(Modelling, SpecialValuesHaveTheirForms) {
  const auto kind = [&](std::string_view type, std::string_view name) {
    return table_.find(type)->find_json(name)->field->kind;
  };
  EXPECT_EQ(kind("core/v1.ResourceQuotaSpec", "hard"), FieldKind::kQuantity);
  EXPECT_EQ(kind("meta/v1.ObjectMeta", "creationTimestamp"), FieldKind::kTime);
  EXPECT_EQ(kind("coordination/v1.LeaseSpec", "renewTime"), FieldKind::kMicroTime);
  EXPECT_EQ(kind("metrics/v1beta1.PodMetrics", "window"), FieldKind::kDuration);
  EXPECT_EQ(kind("core/v1.ServicePort", "targetPort"), FieldKind::kIntOrString);
  EXPECT_EQ(kind("meta/v1.ManagedFieldsEntry", "fieldsV1"), FieldKind::kRawJson);
  EXPECT_EQ(kind("admission/v1.AdmissionRequest", "object"), FieldKind::kRawJson);
  EXPECT_EQ(kind("apiextensions/v1.JSONSchemaProps", "default"), FieldKind::kRawJson);
  EXPECT_EQ(kind("core/v1.Volume", "emptyDir"), FieldKind::kStruct);
  EXPECT_EQ(table_.find("apiextensions/v1.JSONSchemaPropsOrBool")->form, TypeForm::kSchemaOrBool);
  EXPECT_EQ(table_.find("apiextensions/v1.JSONSchemaPropsOrArray")->form, TypeForm::kSchemaOrArray);
  EXPECT_EQ(table_.find("apiextensions/v1.JSONSchemaPropsOrStringArray")->form, TypeForm::kSchemaOrStringArray);
}

TEST_F(Modelling, NamesThatCapnProtoForbidsAreMapped) {
  EXPECT_NE(table_.find("apiextensions/v1.JSONSchemaProps")->find_json("$ref"), nullptr);
  EXPECT_NE(table_.find("apiextensions/v1.JSONSchemaProps")->find_json("x-kubernetes-list-map-keys"), nullptr);
  ASSERT_NE(table_.find("meta/v1.List"), nullptr);
  EXPECT_EQ(table_.find("meta/v1.List")->kind, "List");
}

TEST_F(Modelling, NamedSlicesAreMessagesOfTheirOwnInProtobuf) {
  EXPECT_TRUE(table_.find("meta/v1.APIResource")->find_json("verbs")->field->wrapped);
  EXPECT_FALSE(table_.find("apidiscovery/v2.APIResourceDiscovery")->find_json("verbs")->field->wrapped);
  const JsonField* rules = table_.find("apiextensions/v1.JSONSchemaProps")->find_json("x-kubernetes-validations");
  EXPECT_FALSE(rules->field->wrapped);
}

TEST_F(Modelling, TypeMetaIsNotStoredAndEmbeddedObjectsSayTheirKind) {
  const Type* pod = table_.find("core/v1.Pod");
  EXPECT_TRUE(pod->has_type_meta);
  EXPECT_EQ(pod->find_json("kind"), nullptr);
  EXPECT_TRUE(table_.find("apps/v1.StatefulSetSpec")->find_json("volumeClaimTemplates")->field->embedded);
  EXPECT_NE(table_.find("core/v1.ObjectReference")->find_json("kind"), nullptr);
}

}  // namespace
}  // namespace troupe::schema
