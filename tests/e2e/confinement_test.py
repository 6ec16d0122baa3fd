"""Resource limits, users, groups and capabilities of real processes."""

import json
import os
import subprocess
import unittest

from harness import DEADLINE, TROUPE, TroupeCase

POD = """
apiVersion: v1
kind: Pod
metadata: {{name: {name}, annotations: {{{annotations}}}}}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 1
  securityContext: {pod}
  containers:
  - name: main
    command: {command}
    resources: {resources}
    securityContext: {container}
"""
EATER = json.dumps(["python3", "-c", "import time; time.sleep(0.1); a = bytearray(200 << 20); time.sleep(60)"])
# The groups of the process, and what they hold it to: quota and pids, of version 1 and 2.
LIMITS = """while IFS=: read -r n names path; do
  echo $path
  for file in cpu.cfs_quota_us cpu.max pids.max; do cat /sys/fs/cgroup/$names$path/$file 2>/dev/null; done
done </proc/self/cgroup
true"""


def can(limit):
    answer = subprocess.run([TROUPE, "doctor", "-o", "json"], capture_output=True, text=True, timeout=DEADLINE)
    findings = {one["name"]: one["verdict"] for one in json.loads(answer.stdout)["findings"]}
    return findings[limit] == "ok"


class Confinement(TroupeCase):
    def run_pod(self, name, command, pod="{}", container="{}", resources="{}", annotations=""):
        self.troupe.apply(POD.format(name=name, command=command if command.startswith("[") else json.dumps(
            ["sh", "-c", command]), pod=pod, container=container, resources=resources, annotations=annotations))

    def output(self, name):
        self.troupe.wait(f"pod/{name}", "jsonpath={.status.phase}=Succeeded")
        return self.troupe.kubectl("logs", name).stdout

    @unittest.skipUnless(can("memory limits"), "no writable memory control group")
    def test_over_its_memory_limit_it_is_oom_killed(self):
        self.run_pod("eater", EATER, resources='{limits: {memory: 50Mi}}')
        self.troupe.wait("pod/eater", "jsonpath={.status.phase}=Failed")
        path = "{.status.containerStatuses[0].state.terminated.reason}"
        self.assertEqual(self.troupe.jsonpath("pod/eater", path), "OOMKilled")
        self.assertEqual(self.troupe.jsonpath("pod/eater", path.replace("reason", "exitCode")), "137")

    @unittest.skipUnless(can("cpu limits") and can("pids limits"), "no writable control groups of cpu and pids")
    def test_it_runs_in_groups_with_its_limits(self):
        self.run_pod("limited", LIMITS, resources='{limits: {cpu: 250m}}', annotations='troupe.dev/pids-limit: "50"')
        uid = self.troupe.jsonpath("pod/limited", "{.metadata.uid}")
        output = self.output("limited")
        self.assertIn(uid + ".main.0", output)
        self.assertRegex(output, r"(?m)^25000( 100000)?$")
        self.assertRegex(output, r"(?m)^50$")

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_it_has_the_user_and_the_groups_that_were_asked_for(self):
        self.run_pod("nobody", "id -u; id -g; id -G", pod='{runAsUser: 65534, runAsGroup: 1234, '
                                                          'supplementalGroups: [77], fsGroup: 88}')
        self.assertEqual(self.output("nobody").split(), ["65534", "1234", "1234", "77", "88"])

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_it_keeps_only_the_capabilities_that_are_left(self):
        self.run_pod("weak", "grep -E 'CapEff|NoNewPrivs' /proc/self/status", container=(
            '{capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}, allowPrivilegeEscalation: false}'))
        self.assertEqual(self.output("weak").split(), ["CapEff:", "0000000000000400", "NoNewPrivs:", "1"])

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_a_read_only_root_refuses_writes(self):
        self.run_pod("fixed", "touch /tmp/troupe-no 2>&1; echo > /dev/null && echo done",
                     container='{readOnlyRootFilesystem: true}')
        text = self.output("fixed")
        self.assertIn("Read-only file system", text)
        self.assertIn("done", text)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_root_is_refused_where_the_pod_must_not_be_root(self):
        self.run_pod("proud", "true", pod='{runAsNonRoot: true}')
        self.troupe.wait("pod/proud", "jsonpath={.status.containerStatuses[0].state.waiting.reason}="
                                      "CreateContainerConfigError")
        self.assertIn("container has runAsNonRoot and image will run as root", self.troupe.jsonpath(
            "pod/proud", "{.status.containerStatuses[0].state.waiting.message}"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
