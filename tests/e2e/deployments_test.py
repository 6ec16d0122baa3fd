"""Deployments of real processes, with the real kubectl."""

import json
import os
import signal
import unittest

from harness import DEADLINE, SLEEPERS, TroupeCase, marker, parent, wait_until, with_marker

ELSEWHERE = """
apiVersion: v1
kind: Pod
metadata: {name: elsewhere, labels: {app: partly}, annotations: {troupe.dev/ports: own}}
spec:
  nodeName: no-such-node
  containers:
  - {name: main, command: [sleep, infinity], ports: [{containerPort: 8080}]}
"""


class Deployments(TroupeCase):
    def deploy(self, name, replicas, number):
        self.troupe.apply(SLEEPERS.format(name=name, replicas=replicas, marker=marker(number)))
        self.troupe.kubectl("rollout", "status", f"deployment/{name}", f"--timeout={DEADLINE}s")

    def test_a_deployment_runs_as_many_as_it_says(self):
        self.deploy("three", 3, 1)
        self.assertEqual(len(with_marker(marker(1))), 3)
        self.troupe.kubectl("scale", "deployment/three", "--replicas=5")
        self.troupe.wait("deployment/three", "jsonpath={.status.readyReplicas}=5")
        self.assertEqual(len(with_marker(marker(1))), 5)
        self.troupe.kubectl("scale", "deployment/three", "--replicas=0")
        self.troupe.kubectl("wait", "pod", "-l", "app=three", "--for=delete", f"--timeout={DEADLINE}s")
        self.assertEqual(with_marker(marker(1)), [])
        text = self.troupe.kubectl("describe", "deployment/three").stdout
        self.assertIn("Scaled up replica set three-", text)
        self.assertIn("from 3 to 5", text)

    def test_a_deleted_pod_is_replaced(self):
        self.deploy("replaced", 2, 2)
        pods = self.troupe.jsonpath("pods -l app=replaced", "{.items[*].metadata.name}").split()
        self.troupe.kubectl("delete", "pod", pods[0])
        self.troupe.kubectl("rollout", "status", "deployment/replaced", f"--timeout={DEADLINE}s")

        def replaced():
            now = self.troupe.jsonpath("pods -l app=replaced", "{.items[*].metadata.name}").split()
            return len(now) == 2 and pods[0] not in now
        wait_until(replaced, "another pod instead")

    def test_a_rollout_goes_on_and_back(self):
        self.deploy("rolled", 2, 3)
        self.deploy("rolled", 2, 4)
        self.assertEqual(len(with_marker(marker(4))), 2)
        history = self.troupe.kubectl("rollout", "history", "deployment/rolled").stdout
        self.assertIn("\n1 ", history)
        self.assertIn("\n2 ", history)
        self.troupe.kubectl("rollout", "undo", "deployment/rolled")
        self.troupe.kubectl("rollout", "status", "deployment/rolled", f"--timeout={DEADLINE}s")
        wait_until(lambda: len(with_marker(marker(3))) == 2, "those of the first rollout have ended")
        self.troupe.kubectl("rollout", "restart", "deployment/rolled")
        self.troupe.kubectl("rollout", "status", "deployment/rolled", f"--timeout={DEADLINE}s")
        self.troupe.kubectl("rollout", "pause", "deployment/rolled")
        self.troupe.kubectl("rollout", "resume", "deployment/rolled")

    def test_a_service_names_the_pods_that_answer(self):
        self.deploy("named", 2, 5)
        self.troupe.kubectl("expose", "deployment/named", "--port=80", "--target-port=8080", "--cluster-ip=None")
        self.troupe.kubectl("wait", "endpoints/named", "--for=jsonpath={.subsets[0].ports[0].port}=8080",
                            f"--timeout={DEADLINE}s")

        def ends():
            slices = json.loads(self.troupe.kubectl("get", "endpointslices", "-l", "kubernetes.io/service-name=named",
                                                    "-o", "json").stdout)
            return sum(len(one.get("endpoints") or []) for one in slices["items"])
        wait_until(lambda: ends() == 2, "two endpoints in the slices")

    def test_a_pod_whose_ports_nobody_tells_keeps_no_other_from_being_an_endpoint(self):
        self.troupe.apply(ELSEWHERE)
        self.troupe.kubectl("patch", "pod", "elsewhere", "--subresource=status", "--type=merge", "-p",
                            '{"status":{"phase":"Running","podIP":"192.0.2.7","podIPs":[{"ip":"192.0.2.7"}]}}')
        self.troupe.kubectl("create", "service", "clusterip", "partly", "--tcp=80:8080", "--clusterip=None")
        self.deploy("partly", 1, 7)
        self.troupe.wait("endpoints/partly", "jsonpath={.subsets[0].ports[0].port}=8080")
        told = self.troupe.jsonpath("endpoints/partly", "{.subsets[*].addresses[*].targetRef.name}")
        self.assertRegex(told, "^partly-[a-z0-9-]+$")
        self.troupe.kubectl("delete", "pod", "elsewhere", "--force", "--grace-period=0", "--ignore-not-found")

    def test_a_killed_kernel_changes_nothing(self):
        self.deploy("kept", 2, 6)
        before = sorted(with_marker(marker(6)))
        kernel = self.troupe.kernel_pid()
        os.kill(kernel, signal.SIGKILL)
        self.troupe.wait_for_line("ready")
        self.assertEqual(parent(before[0]) > 0, True)
        self.troupe.kubectl("rollout", "status", "deployment/kept", f"--timeout={DEADLINE}s")
        self.assertEqual(sorted(with_marker(marker(6))), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
