"""All of Troupe as a user without any privilege: a Deployment with a volume, its logs, a command in it, what is killed comes
back, and the end leaves nothing."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import (DEADLINE, TROUPE, Troupe, command_line, kubectl_missing, marker, pids, wait_for_end, wait_until,
                     with_marker)

NOBODY = 65534
MANIFEST = """
apiVersion: v1
kind: ConfigMap
metadata: {{name: words}}
data: {{greeting: hello from a volume}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: plain}}
spec:
  selector: {{matchLabels: {{app: plain}}}}
  template:
    metadata: {{labels: {{app: plain}}}}
    spec:
      terminationGracePeriodSeconds: 60
      volumes: [{{name: words, configMap: {{name: words}}}}]
      containers:
      - name: main
        command: [sh, -c, "cat {at}/greeting; echo; id -u; exec sleep {marker}"]
        volumeMounts: [{{name: words, mountPath: {at}}}]
"""


@unittest.skipIf(kubectl_missing(), kubectl_missing())
class Unprivileged(unittest.TestCase):
    def setUp(self):
        """As root: Troupe is another user's, by setuid. As anybody else: it is ours."""
        self.user = NOBODY if os.geteuid() == 0 else os.geteuid()
        self.identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        self.identity["cwd"] = "/"
        self.troupe = Troupe(self.reachable_program(), **self.identity)
        self.addCleanup(self.troupe.remove)
        self.addCleanup(self.troupe.stop)
        if os.geteuid() == 0:
            os.chown(self.troupe.home, NOBODY, NOBODY)
        if not self.can("test", "-w", self.troupe.home):
            self.skipTest(f"user {self.user} cannot reach {self.troupe.home}: choose another TMPDIR")
        self.troupe.identity["env"] = {**os.environ, "HOME": str(self.troupe.home)}
        self.troupe.identity["env"].pop("TROUPE_KEEPER", None)
        self.skip_without_namespaces()

    def can(self, *words):
        return subprocess.run(words, capture_output=True, **self.identity).returncode == 0

    def reachable_program(self):
        """TROUPE itself; where the user may not go to it, as in a checkout below /root, a copy beside a copy of its keeper."""
        found = Path(shutil.which(TROUPE) or TROUPE)
        keeper = next(path for path in (found.parent / "troupe-keeper", found.parents[1] / "runtime" / "troupe-keeper")
                      if path.exists())
        if self.can("test", "-x", found) and self.can("test", "-x", keeper):
            return str(found)
        folder = Path(tempfile.mkdtemp(prefix="troupe-e2e-"))
        self.addCleanup(shutil.rmtree, folder)
        folder.chmod(0o755)
        for path in (found, keeper):
            shutil.copy(path, folder)
            (folder / path.name).chmod(0o755)
        return str(folder / found.name)

    def run_troupe(self, *words):
        return subprocess.run([self.troupe.program, *words], capture_output=True, text=True, timeout=DEADLINE,
                              **self.troupe.identity)

    def skip_without_namespaces(self):
        answer = self.run_troupe("doctor", "-o", "json")
        findings = {one["name"]: one for one in json.loads(answer.stdout)["findings"]}
        mounts = findings["mount namespaces"]
        if mounts["verdict"] == "missing":
            self.skipTest(f"user {self.user} cannot mount here: {mounts['value']}")

    def sleepers(self):
        return [pid for pid in pids() if command_line(pid) == f"sleep {marker(1)} "]

    def only_sleeper(self):
        wait_until(lambda: len(self.sleepers()) == 1, "the one process of the Deployment")
        return self.sleepers()[0]

    def container(self, path):
        return self.troupe.jsonpath("pods -l app=plain", "{.items[0].status.containerStatuses[0]." + path + "}")

    def start_it_all(self):
        self.at = self.troupe.home / "mnt" / "words"
        self.troupe.start()
        self.troupe.apply(MANIFEST.format(at=self.at, marker=marker(1)))
        self.troupe.kubectl("rollout", "status", "deployment/plain", f"--timeout={DEADLINE}s")
        return self.only_sleeper()

    def owner(self, pid):
        return Path(f"/proc/{pid}").stat().st_uid

    def test_it_runs_what_it_is_given_heals_it_and_leaves_nothing(self):
        first = self.start_it_all()
        for pid in (self.troupe.process.pid, self.troupe.kernel_pid(), first):
            self.assertEqual(self.owner(pid), self.user, command_line(pid))
        said = f"hello from a volume\n{self.user}\n"
        wait_until(lambda: self.troupe.kubectl("logs", "deployment/plain", check=False).stdout == said, f"the log {said!r}")
        self.assertEqual(self.troupe.execute("deployment/plain", "cat", f"{self.at}/greeting"), "hello from a volume")
        self.assertEqual(self.troupe.execute("deployment/plain", "id", "-u"), f"{self.user}\n")

        os.kill(first, signal.SIGKILL)
        wait_for_end(first)
        self.troupe.wait("pod -l app=plain", "jsonpath={.status.containerStatuses[0].restartCount}=1")
        self.troupe.wait("pod -l app=plain", "condition=Ready")
        second = self.only_sleeper()
        self.assertEqual(self.container("lastState.terminated.exitCode"), "137")

        kernel = self.troupe.kernel_pid()
        os.kill(kernel, signal.SIGKILL)
        wait_for_end(kernel)
        self.troupe.wait_for_line("ready")
        self.troupe.kubectl("rollout", "status", "deployment/plain", f"--timeout={DEADLINE}s")
        # A command needs the kernel to have found the keeper again: until then it is refused.
        wait_until(lambda: self.troupe.execute("deployment/plain", "cat", f"{self.at}/greeting", check=False)
                   == "hello from a volume", "a command in the pod")
        self.assertEqual(self.sleepers(), [second])
        self.assertEqual(self.container("restartCount"), "1")

        done = self.run_troupe("down", "--data-dir", str(self.troupe.data))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.troupe.stop(), 0, self.troupe.logs())
        self.assertEqual(with_marker(marker(1)), [])
        self.assertEqual([command_line(pid) for pid in with_marker(str(self.troupe.home))], [])
        self.assertNotIn(str(self.troupe.home), Path("/proc/self/mounts").read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
