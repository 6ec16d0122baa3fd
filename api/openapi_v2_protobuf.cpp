#include <cstring>
#include <span>

#include "api/openapi_v2.hpp"
#include "schema/codec/byte_buffer.hpp"
#include "schema/codec/json.hpp"
#include "schema/codec/proto_wire.hpp"

namespace troupe::api {

namespace {

using schema::BackBuffer;
using schema::Member;
using schema::Node;

struct Message;

/// How a JSON member becomes a protobuf field.
enum class Form : std::uint8_t {
  kText,
  kBool,
  kMessage,      ///< An object of `message`.
  kMessages,     ///< An array of objects of `message`.
  kTexts,        ///< An array of texts.
  kNamed,        ///< An object with free names: a message {1: repeated {1: name, 2: value of `message`}}.
  kOneOf,        ///< A message {1: object of `message`, 2: boolean}, one of them.
  kTypeItem,     ///< A text in a message {1: repeated text}.
  kItems,        ///< An object of `message` in a message {1: repeated}.
  kParameters,   ///< An array of parameters, each wrapped by where it stands.
  kPaths,        ///< {2: repeated {1: name, 2: path item}}
  kResponses,    ///< {1: repeated {1: code, 2: {1: response}}}
  kSecurity,     ///< {1: repeated {1: name, 2: {2: API key}}}
  kRequirements  ///< An array of {1: repeated {1: name, 2: {1: repeated text}}}
};

struct Place {
  std::string_view name;
  std::uint32_t number;
  Form form;
  const Message* message = nullptr;
};

/// The places of a message, and the number of its repeated NamedAny, for members whose names begin with "x-".
struct Message {
  std::span<const Place> places;
  std::uint32_t extension = 0;
};

extern const Message kSchema;

constexpr Place kSchemaPlaces[] = {{"$ref", 1, Form::kText},
                                   {"format", 2, Form::kText},
                                   {"description", 4, Form::kText},
                                   {"uniqueItems", 16, Form::kBool},
                                   {"required", 19, Form::kTexts},
                                   {"additionalProperties", 21, Form::kOneOf, &kSchema},
                                   {"type", 22, Form::kTypeItem},
                                   {"items", 23, Form::kItems, &kSchema},
                                   {"allOf", 24, Form::kMessages, &kSchema},
                                   {"properties", 25, Form::kNamed, &kSchema}};
constexpr Message kSchema = {kSchemaPlaces, 31};

constexpr Place kBodyPlaces[] = {{"description", 1, Form::kText},
                                 {"name", 2, Form::kText},
                                 {"in", 3, Form::kText},
                                 {"required", 4, Form::kBool},
                                 {"schema", 5, Form::kMessage, &kSchema}};
constexpr Message kBody = {kBodyPlaces, 6};

constexpr Place kQueryPlaces[] = {
    {"required", 1, Form::kBool}, {"in", 2, Form::kText},     {"description", 3, Form::kText}, {"name", 4, Form::kText},
    {"type", 6, Form::kText},     {"format", 7, Form::kText}, {"uniqueItems", 20, Form::kBool}};
constexpr Message kQuery = {kQueryPlaces, 23};

constexpr Place kPathPlaces[] = {
    {"required", 1, Form::kBool}, {"in", 2, Form::kText},     {"description", 3, Form::kText}, {"name", 4, Form::kText},
    {"type", 5, Form::kText},     {"format", 6, Form::kText}, {"uniqueItems", 19, Form::kBool}};
constexpr Message kPath = {kPathPlaces, 22};

constexpr Place kResponsePlaces[] = {{"description", 1, Form::kText}, {"schema", 2, Form::kOneOf, &kSchema}};
constexpr Message kResponse = {kResponsePlaces, 5};

constexpr Place kOperationPlaces[] = {{"tags", 1, Form::kTexts},
                                      {"description", 3, Form::kText},
                                      {"operationId", 5, Form::kText},
                                      {"produces", 6, Form::kTexts},
                                      {"consumes", 7, Form::kTexts},
                                      {"parameters", 8, Form::kParameters},
                                      {"responses", 9, Form::kResponses, &kResponse},
                                      {"schemes", 10, Form::kTexts}};
constexpr Message kOperation = {kOperationPlaces, 13};

constexpr Place kPathItemPlaces[] = {
    {"get", 2, Form::kMessage, &kOperation},   {"put", 3, Form::kMessage, &kOperation},
    {"post", 4, Form::kMessage, &kOperation},  {"delete", 5, Form::kMessage, &kOperation},
    {"patch", 8, Form::kMessage, &kOperation}, {"parameters", 9, Form::kParameters}};
constexpr Message kPathItem = {kPathItemPlaces, 10};

constexpr Place kKeyPlaces[] = {
    {"type", 1, Form::kText}, {"name", 2, Form::kText}, {"in", 3, Form::kText}, {"description", 4, Form::kText}};
constexpr Message kKey = {kKeyPlaces, 5};

constexpr Place kInfoPlaces[] = {{"title", 1, Form::kText}, {"version", 2, Form::kText}};
constexpr Message kInfo = {kInfoPlaces, 7};

constexpr Place kDocumentPlaces[] = {{"swagger", 1, Form::kText},
                                     {"info", 2, Form::kMessage, &kInfo},
                                     {"paths", 8, Form::kPaths, &kPathItem},
                                     {"definitions", 9, Form::kNamed, &kSchema},
                                     {"security", 12, Form::kRequirements},
                                     {"securityDefinitions", 13, Form::kSecurity, &kKey}};
constexpr Message kDocument = {kDocumentPlaces, 16};

/// Writes back to front: the last member first. The document is of our own making: no deeper than its schemas.
class Encoder {
 public:
  void message(const Message& as, const Node& object) {
    const auto members = object.members();
    for (std::size_t i = members.size(); i-- > 0;) {
      const Member& member = members[i];
      if (member.key.starts_with("x-")) {
        extension(as.extension, member);
      } else if (const Place* place = find(as, member.key)) {
        field(*place, member.value);
      }  // else it is one of a custom resource's schema that no client of this form looks at
    }
  }

  std::string take() const { return std::string(out_.view()); }

 private:
  static const Place* find(const Message& as, std::string_view name) {
    for (const Place& place : as.places) {
      if (place.name == name) return &place;
    }
    return nullptr;
  }

  /// NamedAny {1: name, 2: Any {2: YAML}}; JSON is YAML.
  void extension(std::uint32_t number, const Member& member) {
    schema::ByteBuffer json;
    encode_json(member.value, json);
    const std::size_t before = out_.size();
    const std::size_t any = out_.size();
    out_.bytes_field(2, std::string(json.view()) + "\n");
    out_.close(2, any);
    out_.bytes_field(1, member.key);
    out_.close(number, before);
  }

  template <typename Write>
  void nested(std::uint32_t number, const Write& write) {
    const std::size_t before = out_.size();
    write();
    out_.close(number, before);
  }

  /// Members of an object as repeated {1: name, 2: value}.
  template <typename Write>
  void named(std::uint32_t number, const Node& object, const Write& value) {
    const auto members = object.members();
    for (std::size_t i = members.size(); i-- > 0;) {
      nested(number, [&] {
        nested(2, [&] { value(members[i].value); });
        out_.bytes_field(1, members[i].key);
      });
    }
  }

  template <typename Write>
  void backwards(const Node& array, const Write& write) {
    const auto items = array.items();
    for (std::size_t i = items.size(); i-- > 0;) write(items[i]);
  }

  void field(const Place& place, const Node& value) {
    const std::uint32_t number = place.number;
    const auto as_message = [&](const Node& node) { message(*place.message, node); };
    switch (place.form) {
      case Form::kText:
        return out_.bytes_field(number, value.as_string());
      case Form::kBool:
        return out_.number_field(number, value.as_bool() ? 1 : 0);
      case Form::kMessage:
        return nested(number, [&] { as_message(value); });
      case Form::kMessages:
        return backwards(value, [&](const Node& one) { nested(number, [&] { as_message(one); }); });
      case Form::kTexts:
        return backwards(value, [&](const Node& one) { out_.bytes_field(number, one.as_string()); });
      case Form::kNamed:
        return nested(number, [&] { named(1, value, as_message); });
      case Form::kOneOf:
        if (value.kind() == Node::Kind::kBool) {
          return nested(number, [&] { out_.number_field(2, value.as_bool() ? 1 : 0); });
        }
        [[fallthrough]];
      case Form::kItems:
        return nested(number, [&] { nested(1, [&] { as_message(value); }); });
      case Form::kTypeItem:
        return nested(number, [&] { out_.bytes_field(1, value.as_string()); });
      case Form::kParameters:
        return backwards(value, [&](const Node& one) { parameter(number, one); });
      case Form::kPaths:
        return nested(number, [&] { named(2, value, as_message); });
      case Form::kResponses:
        return nested(number, [&] { named(1, value, [&](const Node& one) { nested(1, [&] { as_message(one); }); }); });
      case Form::kSecurity:
        return nested(number, [&] { named(1, value, [&](const Node& one) { nested(2, [&] { as_message(one); }); }); });
      case Form::kRequirements:
        return backwards(value, [&](const Node& one) {
          nested(number, [&] {
            named(1, one, [&](const Node& scopes) {
              backwards(scopes, [&](const Node& scope) { out_.bytes_field(1, scope.as_string()); });
            });
          });
        });
    }
  }

  /// ParametersItem {1: Parameter {1: body, 2: NonBodyParameter {3: query, 4: path}}}
  void parameter(std::uint32_t number, const Node& value) {
    const Node* in = value.find("in");
    const std::string_view where = in != nullptr ? in->as_string() : std::string_view();
    nested(number, [&] {
      nested(1, [&] {
        if (where == "body") {
          nested(1, [&] { message(kBody, value); });
        } else {
          const bool query = where == "query";
          nested(2, [&] { nested(query ? 3 : 4, [&] { message(query ? kQuery : kPath, value); }); });
        }
      });
    });
  }

  BackBuffer out_;
};

}  // namespace

Result<std::string> openapi_v2_protobuf(std::string_view json) {
  schema::JsonDecoder decoder;
  schema::Document document;
  schema::Diagnostics diagnostics;
  if (auto parsed = decoder.parse(json, document, diagnostics); !parsed) return fail(parsed.error());
  Encoder encoder;
  encoder.message(kDocument, document.root());
  return encoder.take();
}

}  // namespace troupe::api
