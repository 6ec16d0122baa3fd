"""An old kubectl: Debian 12's 1.20, which reads only /openapi/v2 in protobuf. KUBECTL_OLD names it."""

import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from harness import DEADLINE, TroupeCase

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: busybox}]}
"""
FILES = {
    "deployment.yaml": DEPLOYMENT,
    "changed.yaml": DEPLOYMENT.replace("image: busybox", "image: busybox:2"),
    "service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n",
    "extra.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\ndata: {a: b}\n",
    "wrong.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: wrong}\ndta: {a: b}\n",
}


def old_kubectl():
    """The path of a kubectl of minor version 20, or None."""
    for candidate in (os.environ.get("KUBECTL_OLD"), "/usr/bin/kubectl", shutil.which("kubectl")):
        if not candidate or not os.access(candidate, os.X_OK):
            continue
        said = subprocess.run([candidate, "version", "--client"], capture_output=True, text=True).stdout
        if re.search(r'Minor:"20|v1\.20\.', said):
            return candidate
    return None


@unittest.skipUnless(old_kubectl(), "no kubectl 1.20 (KUBECTL_OLD)")
class OldKubectl(TroupeCase):
    def test_what_the_list_says_works(self):
        folder = self.troupe.home / "files"
        folder.mkdir()
        for name, text in FILES.items():
            (folder / name).write_text(text)
        environment = {**os.environ, "KUBECONFIG": str(self.troupe.kubeconfig), "HOME": str(self.troupe.home)}
        for line in (Path(__file__).parent / "kubectl_1.20.txt").read_text().splitlines():
            if not line or line.startswith("#"):
                continue
            code, *words = line.replace("{DIR}", str(folder)).split()
            with self.subTest(command=line):
                done = subprocess.run([old_kubectl(), *words], text=True, capture_output=True, timeout=DEADLINE,
                                      env=environment, stdin=subprocess.DEVNULL)
                self.assertEqual(done.returncode, int(code), done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
