#include "cli/convert.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace troupe::cli {
namespace {

using testing::HasSubstr;
using Output = ConvertOptions::Output;

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

Ran convert(const std::string& input, Output output, bool strict = false) {
  ConvertOptions options;
  options.output = output;
  options.strict = strict;
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  Ran ran;
  ran.code = run_convert(options, in, out, err);
  ran.out = out.str();
  ran.err = err.str();
  return ran;
}

constexpr const char* kTwo = R"(apiVersion: v1
kind: ConfigMap
metadata:
  name: a
data:
  mode: "0644"
  text: |
    two
    lines
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: c
    resources: {limits: {memory: 1.5Gi, cpu: 0.5}}
)";

TEST(Convert, GoesThroughEveryFormAndBack) {
  const Ran yaml = convert(kTwo, Output::kYaml);
  ASSERT_EQ(yaml.code, 0) << yaml.err;
  EXPECT_THAT(yaml.out, HasSubstr("memory: 1536Mi"));
  EXPECT_THAT(yaml.out, HasSubstr("cpu: 500m"));
  EXPECT_THAT(yaml.out, HasSubstr("text: |\n    two\n    lines\n"));
  for (const Output form : {Output::kJson, Output::kProtobuf, Output::kCapnp, Output::kYaml}) {
    const Ran there = convert(kTwo, form);
    ASSERT_EQ(there.code, 0) << there.err;
    const Ran back = convert(there.out, Output::kYaml);
    EXPECT_EQ(back.code, 0) << back.err;
    EXPECT_EQ(back.out, yaml.out);
  }
}

TEST(Convert, WritesOneProtobufEnvelopeBare) {
  const Ran ran =
      convert("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"}}", Output::kProtobuf);
  EXPECT_EQ(ran.out.substr(0, 4), std::string("k8s\0", 4));
  EXPECT_THAT(convert(ran.out, Output::kJson).out, HasSubstr("\"name\": \"a\""));
}

TEST(Convert, KeepsKindsWithoutASchemaAsJson) {
  const std::string widget = "apiVersion: example.com/v1\nkind: Widget\nspec:\n  size: 1.5\n  tags:\n  - a\n";
  const Ran framed = convert(widget, Output::kCapnp);
  ASSERT_EQ(framed.code, 0) << framed.err;
  EXPECT_EQ(convert(framed.out, Output::kYaml).out, widget);
  const Ran protobuf = convert(widget, Output::kProtobuf);
  EXPECT_EQ(protobuf.code, 1);
  EXPECT_EQ(protobuf.err, "stdin:1: example.com/v1 Widget has no protobuf form\n");
}

TEST(Convert, DropsUnknownFieldsWithAWarningOrRefusesThem) {
  const std::string text = std::string(kTwo) + "    imge: x\n";
  const Ran lenient = convert(text, Output::kJson);
  EXPECT_EQ(lenient.code, 0);
  EXPECT_EQ(lenient.err, "stdin:2: spec.containers[0].imge: unknown field (dropped)\n");
  const Ran strict = convert(text, Output::kJson, true);
  EXPECT_EQ(strict.code, 1);
  EXPECT_EQ(strict.err, "stdin:2: spec.containers[0].imge: unknown field\n");
  EXPECT_THAT(strict.out, HasSubstr("ConfigMap"));  // the good document is written
}

TEST(Convert, NamesTheDocumentThatIsWrong) {
  const Ran ran = convert(
      "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"priority\":1.5}}"
      "\n{",
      Output::kJson);
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("stdin:2: spec.priority: expected integer"));
  EXPECT_THAT(ran.err, HasSubstr("stdin:3: no valid JSON: line 1, column 2"));
  EXPECT_EQ(convert("just text", Output::kJson).err, "stdin:1: the document is no object\n");
}

TEST(Convert, RefusesDamagedFrames) {
  const std::string good = convert(kTwo, Output::kCapnp).out;
  for (std::size_t cut = 1; cut < good.size(); cut += 7) {
    const Ran ran = convert(good.substr(0, cut), Output::kJson);
    if (cut % 8 != 0) {
      EXPECT_EQ(ran.code, 1) << cut;
    }
  }
  for (std::size_t i = 24; i < good.size(); i += 11) {  // must not crash; what is read is another object or an error
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x41);
    convert(bad, Output::kJson);
  }
}

TEST(Convert, SaysWhenTheFileCannotBeRead) {
  ConvertOptions options;
  options.file = "/nonexistent/x.yaml";
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run_convert(options, in, out, err), 1);
  EXPECT_THAT(err.str(), HasSubstr("/nonexistent/x.yaml: cannot be read: No such file"));
}

}  // namespace
}  // namespace troupe::cli
