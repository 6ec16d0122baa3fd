"""The node: cordon, drain with disruption budgets, taints, a deleted Node object, `troupe status` and `doctor`."""

import json
import subprocess
import unittest

from harness import DEADLINE, SLEEPERS, TROUPE, TroupeCase, marker, wait_until, with_marker

BUDGET = """
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: {name}}}
spec:
  minAvailable: {least}
  selector: {{matchLabels: {{app: {name}}}}}
"""
TOLERANT = """
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: {name}}}}}
spec:
  terminationGracePeriodSeconds: 1
  tolerations: {tolerations}
  containers:
  - {{name: main, command: [sleep, "{marker}"]}}
"""
DIES = """
apiVersion: v1
kind: Pod
metadata: {name: dies}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    command: [sh, -c, "echo cannot find the file; exit 7"]
    terminationMessagePolicy: FallbackToLogsOnError
"""


class Nodes(TroupeCase):
    @property
    def node(self):
        return self.troupe.jsonpath("nodes", "{.items[0].metadata.name}")

    def uncordon(self):
        self.troupe.kubectl("uncordon", self.node)

    def test_a_budget_says_how_many_may_go_and_a_drain_keeps_to_it(self):
        self.addCleanup(self.uncordon)
        sleepers = SLEEPERS.format(name="guarded", replicas=3, marker=marker(401))
        self.troupe.apply(sleepers + BUDGET.format(name="guarded", least=2))
        self.troupe.kubectl("rollout", "status", "deployment/guarded", f"--timeout={DEADLINE}s")
        self.troupe.wait("pdb/guarded", "jsonpath={.status.disruptionsAllowed}=1")
        budget = json.loads(self.troupe.kubectl("get", "pdb", "guarded", "-o", "json").stdout)["status"]
        self.assertEqual((budget["currentHealthy"], budget["desiredHealthy"], budget["expectedPods"]), (3, 2, 3))
        self.assertEqual(budget["conditions"][0]["type"], "DisruptionAllowed")
        # One goes; its successor cannot start on the cordoned node, so the others must stay.
        drain = subprocess.Popen(["kubectl", "drain", self.node, "--ignore-daemonsets", "--pod-selector", "app=guarded"],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                 env=self.troupe.environment())
        self.addCleanup(drain.communicate)
        self.addCleanup(drain.kill)
        said = []
        while sum("would violate the pod's disruption budget" in line for line in said) < 2:
            said.append(drain.stdout.readline())
            self.assertTrue(said[-1], said)
        wait_until(lambda: len(with_marker(marker(401))) == 2, "the one that may go ends")
        self.uncordon()
        self.troupe.kubectl("rollout", "status", "deployment/guarded", f"--timeout={DEADLINE}s")
        self.troupe.wait("pdb/guarded", "jsonpath={.status.disruptionsAllowed}=1")
        self.troupe.kubectl("delete", "deployment,pdb", "guarded")

    def test_a_drain_empties_the_node(self):
        self.addCleanup(self.uncordon)
        self.troupe.apply(TOLERANT.format(name="alone", marker=marker(402), tolerations="[]"))
        self.troupe.wait("pod/alone", "condition=Ready")
        self.troupe.kubectl("drain", self.node, "--force", "--ignore-daemonsets", "--pod-selector", "app=alone")
        self.assertEqual(with_marker(marker(402)), [])
        self.assertEqual(self.troupe.jsonpath(f"node/{self.node}", "{.spec.unschedulable}"), "true")
        wait_until(lambda: "node.kubernetes.io/unschedulable" in self.troupe.jsonpath(f"node/{self.node}", "{.spec.taints}"),
                   "the taint of a cordoned node")

    def test_no_execute_ends_who_does_not_tolerate_it(self):
        node = self.node
        self.addCleanup(lambda: self.troupe.kubectl("taint", "node", node, "fire-", check=False))
        stays = '[{key: fire, operator: Exists, effect: NoExecute}]'
        soon = '[{key: fire, operator: Exists, effect: NoExecute, tolerationSeconds: 1}]'
        for name, number, tolerations in (("leaves", 403, "[]"), ("stays", 404, stays),
                                          ("leaves-soon", 405, soon)):
            self.troupe.apply(TOLERANT.format(name=name, marker=marker(number), tolerations=tolerations))
            self.troupe.wait(f"pod/{name}", "condition=Ready")
        keep = '{"metadata":{"finalizers":["test.dev/look"]}}'
        self.troupe.kubectl("patch", "pod", "leaves", "--type=merge", "-p", keep)  # so that it can be looked at
        self.troupe.kubectl("taint", "node", node, "fire=hot:NoExecute")
        self.troupe.wait("pod/leaves", "condition=DisruptionTarget")
        told = self.troupe.jsonpath("pod/leaves", '{.status.conditions[?(@.type=="DisruptionTarget")].reason}')
        self.assertEqual(told, "DeletionByTaintManager")
        self.troupe.kubectl("patch", "pod", "leaves", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        self.troupe.kubectl("wait", "pod/leaves", "pod/leaves-soon", "--for=delete", f"--timeout={DEADLINE}s")
        self.assertEqual(with_marker(marker(403)) + with_marker(marker(405)), [])
        self.assertEqual(len(with_marker(marker(404))), 1)
        self.troupe.kubectl("taint", "node", node, "fire-")
        self.troupe.kubectl("delete", "pod", "stays")

    def test_a_deleted_node_object_comes_back(self):
        node = self.node
        before = self.troupe.jsonpath(f"node/{node}", "{.metadata.uid}")
        self.troupe.kubectl("delete", "node", node, "--wait=false")
        self.troupe.wait(f"node/{node}", "condition=Ready")
        self.assertNotEqual(self.troupe.jsonpath(f"node/{node}", "{.metadata.uid}"), before)

    def test_status_is_one_screen(self):
        data = str(self.troupe.data)
        shown = subprocess.run([TROUPE, "status", "--data-dir", data], capture_output=True, text=True, timeout=DEADLINE)
        self.assertEqual(shown.returncode, 0, shown.stdout + shown.stderr)
        self.assertEqual([line.split()[0] for line in shown.stdout.splitlines()],
                         ["Troupe", "Kernel", "Keeper", "Nodes", "Pods", "Store"])
        page = json.loads(subprocess.run([TROUPE, "status", "--data-dir", data, "-o", "json"], capture_output=True,
                                         text=True, timeout=DEADLINE, check=True).stdout)
        self.assertEqual(page["keeper"]["pid"], self.troupe.process.pid)
        self.assertEqual(page["kernel"]["nodes"][0]["name"], self.node)
        self.assertGreater(page["kernel"]["store"]["revision"], 0)

    def test_the_tree_shows_why_a_container_ended_and_its_last_words(self):
        self.troupe.apply(DIES)
        self.addCleanup(self.troupe.kubectl, "delete", "pod", "dies", "--wait=false")
        self.troupe.wait("pod/dies", "jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}=7")
        tree = subprocess.run([TROUPE, "tree", "--data-dir", str(self.troupe.data)], capture_output=True, text=True,
                              timeout=DEADLINE, check=True).stdout
        self.assertIn(", default/dies\n", tree)
        self.assertRegex(tree, r"main, .*last: Error, exit code 7: cannot find the file")

    def test_doctor_tells_what_the_machine_can_do(self):
        answer = subprocess.run([TROUPE, "doctor", "-o", "json", "--data-dir", str(self.troupe.data)],
                                capture_output=True, text=True, timeout=DEADLINE, check=True)
        findings = {one["name"]: one for one in json.loads(answer.stdout)["findings"]}
        self.assertIn(findings["memory limits"]["verdict"], ("ok", "missing"))
        self.assertIn("process start", findings)


if __name__ == "__main__":
    unittest.main(verbosity=2)
