"""Readiness gates: pods that wait for a condition which somebody else sets, with the real kubectl."""

import json
import os
import signal
import unittest

from harness import DEADLINE, TroupeCase, marker, wait_until, with_marker

GATE = "example.com/attached"
GATED = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}, annotations: {{troupe.dev/restart-backoff: "initial=0,budget=1000/1s"}}}}
    spec:
      terminationGracePeriodSeconds: 1
      readinessGates: [{{conditionType: example.com/attached}}]
      containers:
      - {{name: main, command: [sleep, "{marker}"]}}
"""


class ReadinessGates(TroupeCase):
    def open_gate(self, pod, status):
        """What a controller does that owns the condition: kubectl's strategic merge leaves the others alone."""
        condition = {"type": GATE, "status": status, "reason": "Tested"}
        self.troupe.kubectl("patch", "pod", pod, "--subresource=status", "-p",
                            json.dumps({"status": {"conditions": [condition]}}))

    def condition(self, pod, of, what="status"):
        return self.troupe.jsonpath(f"pod {pod}", "{.status.conditions[?(@.type=='" + of + "')]." + what + "}")

    def running_pods(self, name, count):
        """Their names, once the containers of so many are ready."""
        def names():
            return self.troupe.jsonpath(f"pods -l app={name}", "{.items[*].metadata.name}").split()
        wait_until(lambda: len(names()) == count, f"{count} pods of {name}")
        self.troupe.kubectl("wait", "pod", "-l", f"app={name}", "--for=condition=ContainersReady", f"--timeout={DEADLINE}s")
        return names()

    def gates_column(self, pod):
        return self.troupe.kubectl("get", "pod", pod, "-o", "wide", "--no-headers").stdout.split()[-1]

    def test_a_rollout_waits_for_the_gates_of_its_pods(self):
        self.troupe.apply(GATED.format(name="gated", replicas=2, marker=marker(1)))
        self.troupe.kubectl("expose", "deployment", "gated", "--port=80", "--type=ClusterIP", "--cluster-ip=None")
        pods = self.running_pods("gated", 2)
        self.assertEqual(self.condition(pods[0], "Ready", "reason"), "ReadinessGatesNotReady")
        self.assertEqual(self.condition(pods[0], "Ready", "message"),
                         f'corresponding condition of pod readiness gate "{GATE}" does not exist.')
        self.assertEqual(self.gates_column(pods[0]), "0/1")
        self.assertEqual(self.troupe.jsonpath("deployment gated", "{.status.readyReplicas}"), "")
        self.open_gate(pods[0], "False")
        closed = f'the status of pod readiness gate "{GATE}" is not "True", but False'
        wait_until(lambda: self.condition(pods[0], "Ready", "message") == closed, closed)
        self.open_gate(pods[0], "True")
        self.troupe.wait(f"pod/{pods[0]}", "condition=Ready")
        self.troupe.wait("deployment/gated", "jsonpath={.status.readyReplicas}=1")
        self.assertEqual(self.gates_column(pods[0]), "1/1")
        self.assertEqual(self.gates_column(pods[1]), "0/1")
        self.open_gate(pods[1], "True")
        self.troupe.kubectl("rollout", "status", "deployment/gated", f"--timeout={DEADLINE}s")
        self.assertEqual(self.condition(pods[0], GATE, "reason"), "Tested", "the node's writes keep it")
        self.open_gate(pods[1], "Unknown")
        self.troupe.wait("deployment/gated", "jsonpath={.status.readyReplicas}=1")

        def ready():
            slices = json.loads(self.troupe.kubectl("get", "endpointslices", "-l", "kubernetes.io/service-name=gated",
                                                    "-o", "json").stdout)["items"]
            return {end["targetRef"]["name"]: end["conditions"]["ready"] for one in slices for end in one["endpoints"] or []}
        wait_until(lambda: ready() == {pods[0]: True, pods[1]: False}, "endpoints as the gates say")

    def test_gates_outlive_the_kernel(self):
        self.troupe.apply(GATED.format(name="outlived", replicas=1, marker=marker(2)))
        pod = self.running_pods("outlived", 1)[0]
        self.open_gate(pod, "True")
        self.troupe.wait(f"pod/{pod}", "condition=Ready")
        os.kill(self.troupe.kernel_pid(), signal.SIGKILL)
        self.troupe.wait_for_line("ready")
        os.kill(with_marker(marker(2))[0], signal.SIGKILL)
        self.troupe.wait(f"pod/{pod}", "jsonpath={.status.containerStatuses[0].restartCount}=1")
        self.troupe.wait(f"pod/{pod}", "condition=Ready")
        self.assertEqual(self.condition(pod, GATE), "True")
        self.open_gate(pod, "False")
        self.troupe.wait(f"pod/{pod}", "condition=Ready=false")


if __name__ == "__main__":
    unittest.main(verbosity=2)
