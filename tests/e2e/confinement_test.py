"""Resource limits, users, groups, capabilities and filtered system calls of real processes."""

import json
import os
import subprocess
import unittest

from harness import DEADLINE, TROUPE, TroupeCase, wait_until

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
# A refusal that no privilege and no other reason is the cause of.
NO_FOLDERS = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"], "syscalls": [
    {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}
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

    def waiting(self, name, reason):
        self.troupe.wait(f"pod/{name}", "jsonpath={.status.containerStatuses[0].state.waiting.reason}=" + reason)
        return self.troupe.jsonpath(f"pod/{name}", "{.status.containerStatuses[0].state.waiting.message}")

    @unittest.skipUnless(os.geteuid() == 0 and can("seccomp"), "needs root and filters of system calls")
    def test_a_default_profile_refuses_what_reaches_into_the_node(self):
        tries = ("grep Seccomp: /proc/self/status; unshare --uts true 2>&1; mkdir -p /tmp/troupe-no; "
                 "mount -t tmpfs none /tmp/troupe-no 2>&1; rmdir /tmp/troupe-no; python3 -c 'import threading; "
                 "t = threading.Thread(target=print, args=[\"a thread\"]); t.start(); t.join()'")
        self.run_pod("filtered", tries, pod="{seccompProfile: {type: RuntimeDefault}}")
        text = self.output("filtered")
        self.assertIn("Seccomp:\t2", text)
        self.assertIn("unshare failed: Operation not permitted", text)
        self.assertRegex(text, "mount: .*(permission denied|Operation not permitted|must be superuser)")
        self.assertIn("a thread", text)
        self.run_pod("admin", "unshare --uts echo unshared",
                     container="{seccompProfile: {type: RuntimeDefault}, capabilities: {add: [SYS_ADMIN]}}")
        self.assertEqual(self.output("admin"), "unshared\n")
        self.run_pod("open", "unshare --uts echo unshared", pod="{seccompProfile: {type: RuntimeDefault}}",
                     container="{seccompProfile: {type: Unconfined}}")
        self.assertEqual(self.output("open"), "unshared\n")

    @unittest.skipUnless(can("seccomp"), "no filters of system calls")
    def test_a_profile_of_the_node_holds_for_commands_too_and_is_waited_for(self):
        self.run_pod("local", "mkdir /tmp/troupe-no 2>&1; exec sleep 100000",
                     container="{seccompProfile: {type: Localhost, localhostProfile: team/web.json}}")
        file = self.troupe.data / "seccomp" / "team" / "web.json"
        self.assertEqual(self.waiting("local", "CreateContainerError"),
                         f'cannot load seccomp profile "{file}": open: No such file or directory')
        file.parent.mkdir(parents=True)
        file.write_text('{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_FLY"}]}')
        told = f'cannot load seccomp profile "{file}": syscalls[0].action: "SCMP_ACT_FLY" is no action'
        wait_until(lambda: self.waiting("local", "CreateContainerError") == told, told)
        file.write_text(json.dumps(NO_FOLDERS))
        self.troupe.wait("pod/local", "condition=Ready")
        wait_until(lambda: "No space left on device" in self.troupe.kubectl("logs", "local").stdout, "the refusal in the log")
        told = self.troupe.execute("pod/local", "sh", "-c", "mkdir /tmp/troupe-no 2>&1; true")
        self.assertIn("No space left on device", told)


if __name__ == "__main__":
    unittest.main(verbosity=2)
