"""Volumes of real processes: emptyDir, configMap, secret, downwardAPI, projected, hostPath."""

import json
import os
import time
import unittest
from pathlib import Path

from harness import DEADLINE, TroupeCase, wait_until

POD = """
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: {name}, tier: front}}}}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 1
  volumes: {volumes}
  containers:
  - name: main
    command: [sh, -c, {script}]
    volumeMounts: {mounts}
    resources: {{limits: {{memory: 64Mi}}}}
"""


@unittest.skipUnless(os.geteuid() == 0, "mounts need root")
class Volumes(TroupeCase):
    def run_pod(self, name, script, volumes, mounts):
        self.troupe.apply(POD.format(name=name, script=json.dumps(script), volumes=json.dumps(volumes),
                                     mounts=json.dumps(mounts)))

    def output(self, name):
        self.troupe.wait(f"pod/{name}", "jsonpath={.status.phase}=Succeeded")
        return self.troupe.kubectl("logs", name).stdout

    def at(self, name):
        return str(self.troupe.home / "mnt" / name)

    def test_files_come_from_objects_and_from_the_pod(self):
        self.troupe.kubectl("create", "configmap", "settings", "--from-literal=mode=fast", "--from-literal=color=red")
        self.troupe.kubectl("create", "secret", "generic", "keys", "--from-literal=token=t0p")
        volumes = [{"name": "settings", "configMap": {"name": "settings"}},
                   {"name": "all", "projected": {"sources": [
                       {"secret": {"name": "keys", "items": [{"key": "token", "path": "deep/token", "mode": 0o400}]}},
                       {"downwardAPI": {"items": [
                           {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}},
                           {"path": "memory", "resourceFieldRef": {"containerName": "main",
                                                                   "resource": "limits.memory", "divisor": "1Mi"}}]}}]}}]
        script = (f"cat {self.at('s')}/mode; echo; ls {self.at('s')}; cat {self.at('a')}/deep/token; echo; "
                  f"stat -L -c %a {self.at('a')}/deep/token; cat {self.at('a')}/labels; echo; cat {self.at('a')}/memory;"
                  f" echo; touch {self.at('s')}/new 2>&1; true")
        self.run_pod("files", script, volumes, [{"name": "settings", "mountPath": self.at("s")},
                                                {"name": "all", "mountPath": self.at("a")}])
        lines = self.output("files").splitlines()
        self.assertEqual(lines[:8], ["fast", "color", "mode", "t0p", "400", 'app="files"', 'tier="front"', "64"])
        self.assertIn("Read-only file system", lines[8])

    def test_an_empty_folder_lasts_as_long_as_the_pod(self):
        self.run_pod("empty", f"echo one >> {self.at('e')}/x; cat {self.at('e')}/x",
                     [{"name": "e", "emptyDir": {}}], [{"name": "e", "mountPath": self.at("e")}])
        self.assertEqual(self.output("empty"), "one\n")
        uid = self.troupe.jsonpath("pod/empty", "{.metadata.uid}")
        folder = Path(self.troupe.data) / "pods" / "volumes" / uid
        self.assertEqual((folder / "e" / "x").read_text(), "one\n")
        self.troupe.kubectl("delete", "pod", "empty")
        wait_until(lambda: not folder.exists(), f"{folder} to go")

    def test_a_folder_of_the_node_can_be_read_only_and_by_sub_path(self):
        (self.troupe.home / "host" / "sub").mkdir(parents=True)
        (self.troupe.home / "host" / "sub" / "file").write_text("there\n")
        self.run_pod("host", f"cat {self.at('h')}/file; touch {self.at('h')}/no 2>&1; true",
                     [{"name": "h", "hostPath": {"path": str(self.troupe.home / "host"), "type": "Directory"}}],
                     [{"name": "h", "mountPath": self.at("h"), "subPath": "sub", "readOnly": True}])
        text = self.output("host")
        self.assertIn("there\n", text)
        self.assertIn("Read-only file system", text)

    def test_what_is_missing_is_told_and_waited_for(self):
        self.run_pod("waits", f"cat {self.at('w')}/key", [{"name": "w", "configMap": {"name": "later"}}],
                     [{"name": "w", "mountPath": self.at("w")}])
        end, told = time.monotonic() + DEADLINE, ""
        while "FailedMount" not in told and time.monotonic() < end:
            told = self.troupe.kubectl("describe", "pod", "waits").stdout
        self.assertIn('MountVolume.SetUp failed for volume "w" : configmap "later" not found', told)
        self.assertIn("ContainerCreating", told)
        self.troupe.kubectl("create", "configmap", "later", "--from-literal=key=value")
        self.assertEqual(self.output("waits"), "value")


if __name__ == "__main__":
    unittest.main(verbosity=2)
