"""Every file of examples/: it is applied as it stands, and what it promises is waited for."""

import json
import os
import re
import socket
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from harness import DEADLINE, TroupeCase, wait_until

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class Examples(TroupeCase):
    def apply_file(self, name):
        path = str(EXAMPLES / name)
        self.troupe.kubectl("apply", "-f", path)
        self.addCleanup(self.troupe.kubectl, "delete", "-f", path, "--ignore-not-found", "--wait")

    def answers(self, url):
        def asked():
            try:
                with urllib.request.urlopen(url, timeout=DEADLINE) as answer:
                    return answer.status == 200
            except (urllib.error.URLError, ConnectionError):
                return False

        wait_until(asked, f"an answer of {url}")

    def test_each_file_has_a_test_and_a_line_in_the_readme(self):
        files = sorted(path.name for path in EXAMPLES.glob("*.yaml"))
        own = Path(__file__).read_text()
        self.assertEqual([name for name in files if f'self.apply_file("{name}")' not in own], [])
        named = re.findall(r"`([a-z-]+\.yaml)`", (EXAMPLES / "README.md").read_text())
        self.assertEqual(sorted(set(named)), files)

    def test_deployment(self):
        self.apply_file("deployment.yaml")
        self.troupe.kubectl("rollout", "status", "deployment/web", f"--timeout={DEADLINE}s")
        self.troupe.wait("endpoints/web", "jsonpath={.subsets[2].addresses[0].ip}")
        subsets = json.loads(self.troupe.kubectl("get", "endpoints", "web", "-o", "json").stdout)["subsets"]
        ends = {(subset["addresses"][0]["ip"], subset["ports"][0]["port"]) for subset in subsets}
        self.assertEqual(len(ends), 3)
        for address, port in ends:
            self.answers(f"http://{address}:{port}/")

    def test_web(self):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", 18080)) == 0:
                self.skipTest("somebody else listens on the example's port")
        self.apply_file("web.yaml")
        self.troupe.wait("pod/web", "condition=Ready")
        self.answers("http://127.0.0.1:18080/")

    @unittest.skipUnless(os.geteuid() == 0, "mounts need root")
    def test_volumes(self):
        self.apply_file("volumes.yaml")
        self.troupe.wait("pod/greeter", "jsonpath={.status.phase}=Succeeded")
        self.assertEqual(self.troupe.kubectl("logs", "greeter").stdout, "Good morning11\n")

    def test_limits(self):
        self.apply_file("limits.yaml")
        self.troupe.wait("pod/modest", "condition=Ready")
        self.assertEqual(self.troupe.jsonpath("pod/modest", "{.status.qosClass}"), "Burstable")
        self.assertEqual(self.troupe.jsonpath("pod/modest", "{.spec.containers[0].resources.limits.memory}"), "64Mi")

    def test_disruption_budget(self):
        self.apply_file("disruption-budget.yaml")
        self.troupe.kubectl("rollout", "status", "deployment/guarded", f"--timeout={DEADLINE}s")
        self.troupe.wait("pdb/guarded", "jsonpath={.status.disruptionsAllowed}=1")

    def test_custom_resources(self):
        self.apply_file("custom-resource-definition.yaml")
        self.troupe.wait("crd/plays.troupe.example.com", "condition=Established")
        self.apply_file("custom-resource.yaml")
        self.assertEqual(self.troupe.jsonpath("plays/tempest", "{.spec.acts}"), "5")
        self.assertRegex(self.troupe.kubectl("get", "plays").stdout, r"NAME +ACTS\ntempest +5\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
