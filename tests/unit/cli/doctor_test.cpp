#include "cli/doctor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace troupe::cli {
namespace {

const Finding& named(const std::vector<Finding>& findings, const std::string& name) {
  const auto found = std::find_if(findings.begin(), findings.end(), [&](const auto& one) { return one.name == name; });
  EXPECT_NE(found, findings.end()) << name;
  return *found;
}

TEST(Doctor, CallsAMachineThatIsSetUpForRealTimeWorkFine) {
  const TuningFacts facts{"2-3", "performance", "always [madvise] never", "0", "-1", 4};
  for (const Finding& one : judge_tuning(facts)) EXPECT_EQ(one.verdict, Verdict::kOk) << one.name;
}

TEST(Doctor, SaysWhatAPlainMachineLacksForRealTimeWork) {
  const TuningFacts facts{"", "powersave", "[always] madvise never", "2", "950000", 1};
  const auto findings = judge_tuning(facts);
  for (const Finding& one : findings) EXPECT_EQ(one.verdict, Verdict::kLimited) << one.name;
  EXPECT_EQ(named(findings, "transparent huge pages").value, "always");
  EXPECT_NE(named(findings, "frequency governor").meaning.find("performance"), std::string::npos);
}

TEST(Doctor, TakesWhatASystemDoesNotOfferAsNoHindrance) {
  const auto findings = judge_tuning({"", "", "", "", "", 2});
  EXPECT_EQ(named(findings, "frequency governor").verdict, Verdict::kOk);
  EXPECT_EQ(named(findings, "real-time throttling").verdict, Verdict::kOk);
}

TEST(Doctor, JudgesCostsByTheirMedian) {
  EXPECT_EQ(judge_cost("fdatasync", 200, 1000, 5000, "m").verdict, Verdict::kOk);
  EXPECT_EQ(judge_cost("fdatasync", 2000, 1000, 5000, "m").verdict, Verdict::kLimited);
  EXPECT_NE(judge_cost("fdatasync", 6000, 1000, 5000, "m").meaning.find("slow"), std::string::npos);
  EXPECT_EQ(judge_cost("fdatasync", -1, 1000, 5000, "m").verdict, Verdict::kMissing);
}

TEST(Doctor, PrintsALineAFindingUnderItsArea) {
  const std::vector<Finding> findings = {{"areas", "one", Verdict::kOk, "v", "means"},
                                         {"areas", "other", Verdict::kMissing, "no \"x\"", "does not work"}};
  EXPECT_EQ(doctor_text(findings), "areas\n  ok      one    v       means\n  missing other  no \"x\"  does not work\n");
  EXPECT_EQ(doctor_json(findings),
            R"({"findings":[{"area":"areas","name":"one","verdict":"ok","value":"v","meaning":"means"},)"
            R"({"area":"areas","name":"other","verdict":"missing","value":"no \"x\"","meaning":"does not work"}]})"
            "\n");
}

TEST(Doctor, ExaminesThisMachineWhateverItIs) {
  const auto findings = examine({});
  for (const char* name : {"memory limits", "cpu limits", "pids limits", "mount namespaces", "user namespaces",
                           "CAP_SYS_ADMIN", "no_new_privs", "seccomp", "isolated processors", "process start"}) {
    EXPECT_FALSE(named(findings, name).value.empty()) << name;
  }
}

}  // namespace
}  // namespace troupe::cli
