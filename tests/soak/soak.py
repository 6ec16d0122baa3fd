#!/usr/bin/env python3
"""Kills workloads, actors and the kernel at random for some seconds, then checks that what runs is what is wanted: no
pod missing, no process too many, no descriptor leaked.

usage: soak.py [--seconds N] [--seed N] [--replicas N] [--kubernetes-backoff]   TROUPE names the binary
"""

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from harness import TROUPE, Troupe, command_line, parent, pids, with_marker  # noqa: E402

CONTAINER = "soaked"
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata:
      labels: {{app: {name}}}
      annotations: {{{annotations}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - {{name: %s, command: [sleep, "{marker}"]}}
""" % CONTAINER
NO_BACKOFF = 'troupe.dev/restart-backoff: "initial=0"'
SETTLE_SECONDS = 90


class Soak:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.troupe = Troupe()
        self.markers = {f"soak-{i}": f"7{os.getpid() % 100000:05d}{i:03d}" for i in range(options.deployments)}
        self.wanted = {}
        self.done = {}

    def note(self, what):
        self.done[what] = self.done.get(what, 0) + 1

    def deploy(self):
        annotations = "" if self.options.kubernetes_backoff else NO_BACKOFF
        for name, marker in self.markers.items():
            self.wanted[name] = self.options.replicas
            self.troupe.apply(DEPLOYMENT.format(name=name, replicas=self.options.replicas, marker=marker,
                                                annotations=annotations))
        for name in self.markers:
            self.troupe.kubectl("rollout", "status", f"deployment/{name}", "--timeout=60s")

    def kill_workload(self):
        running = with_marker("sleep " + self.random.choice(list(self.markers.values())))
        if not running:
            return
        try:
            os.kill(self.random.choice(running), signal.SIGKILL)
            self.note("workloads killed")
        except ProcessLookupError:
            pass

    def command(self, *words):
        return subprocess.run([TROUPE, *words, "--data-dir", str(self.troupe.data)], capture_output=True, text=True)

    def crash_actor(self):
        """Any actor of the tree, supervisors among them. Not the root: it is the kernel, which has a budget of its own."""
        names = {re.split(r", | \(", line.lstrip("│├└─ "))[0] for line in self.command("tree").stdout.splitlines()}
        actors = sorted(name for name in names if name not in ("root", CONTAINER) and not name.startswith("… "))
        if actors and self.command("crash", self.random.choice(actors)).returncode == 0:
            self.note("actors crashed")

    def kill_kernel(self):
        kernel = next((pid for pid in pids() if parent(pid) == self.troupe.process.pid
                       and " kernel " in command_line(pid)), None)
        if kernel is None:
            return
        os.kill(kernel, signal.SIGKILL)
        self.note("kernels killed")

    def delete_pod(self):
        found = self.troupe.kubectl("get", "pods", "-o", "name", check=False).stdout.split()
        if found:
            self.troupe.kubectl("delete", self.random.choice(found), "--wait=false", check=False)
            self.note("pods deleted")

    def scale(self):
        name = self.random.choice(list(self.markers))
        count = self.random.randint(0, 2 * self.options.replicas)
        if self.troupe.kubectl("scale", f"deployment/{name}", f"--replicas={count}", check=False).returncode == 0:
            self.wanted[name] = count
            self.note("scalings")

    def restart_rollout(self):
        name = self.random.choice(list(self.markers))
        if self.troupe.kubectl("rollout", "restart", f"deployment/{name}", check=False).returncode == 0:
            self.note("rollouts")

    def disturb(self):
        actions = ([self.kill_workload] * 12 + [self.crash_actor] * 6 + [self.delete_pod] * 3 + [self.scale] * 2 +
                   [self.restart_rollout])
        end = time.monotonic() + self.options.seconds
        next_kernel = time.monotonic() + 5
        while time.monotonic() < end:
            if time.monotonic() >= next_kernel:  # more often would spend the keeper's restart budget
                self.kill_kernel()
                next_kernel = time.monotonic() + self.random.uniform(4, 12)
            self.random.choice(actions)()
            time.sleep(self.random.uniform(0, 0.3))
            if self.troupe.process.poll() is not None:
                raise AssertionError("the keeper ended\n" + self.troupe.logs())

    def differences(self):
        out = []
        for name, marker in self.markers.items():
            running = len(with_marker("sleep " + marker))
            if running != self.wanted[name]:
                out.append(f"{name}: {running} processes, wanted {self.wanted[name]}")
        listed = self.troupe.kubectl("get", "pods", "-o", "json", check=False)
        if listed.returncode != 0:
            return out + ["the API does not answer: " + listed.stderr]
        pods = json.loads(listed.stdout)["items"]
        for name in self.markers:
            mine = [pod for pod in pods if pod["metadata"]["labels"].get("app") == name]
            ready = [pod for pod in mine if any(c["type"] == "Ready" and c["status"] == "True"
                                                for c in pod["status"].get("conditions", []))]
            if len(mine) != self.wanted[name] or len(ready) != self.wanted[name]:
                out.append(f"{name}: {len(mine)} pods, {len(ready)} ready, wanted {self.wanted[name]}")
        return out

    def settle(self):
        end = time.monotonic() + SETTLE_SECONDS
        if self.options.kubernetes_backoff:
            end += 300
        began = time.monotonic()
        left = self.differences()
        while left and time.monotonic() < end:
            time.sleep(0.5)
            left = self.differences()
        if left:
            raise AssertionError("desired is not actual:\n  " + "\n  ".join(left) + "\n" + self.troupe.logs())
        return time.monotonic() - began

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.troupe.process.pid}/fd"))

    def run(self):
        before = None
        try:
            self.troupe.start()
            empty = self.descriptors()
            self.deploy()
            self.disturb()
            settled = self.settle()
            for name in self.markers:
                self.wanted[name] = 0
                self.troupe.kubectl("scale", f"deployment/{name}", "--replicas=0")
            self.settle()
            before = self.descriptors()
            if before > empty + 4:
                raise AssertionError(f"the keeper holds {before} descriptors with no pod, {empty} at its start")
            memory = self.memory()
        finally:
            code = self.troupe.stop()
        left = [pid for marker in self.markers.values() for pid in with_marker("sleep " + marker)]
        if left or code != 0:
            raise AssertionError(f"after the end: exit {code}, processes {left}")
        self.troupe.remove()
        print(json.dumps({"figure": "soak", "seconds": self.options.seconds, "seed": self.options.seed, **self.done,
                          "settled_after_s": round(settled, 1), "keeper_descriptors": [empty, before],
                          "keeper_anonymous_kB": memory}))

    def memory(self):
        text = Path(f"/proc/{self.troupe.process.pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Anonymous:"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--replicas", type=int, default=5)
    parser.add_argument("--deployments", type=int, default=4)
    parser.add_argument("--kubernetes-backoff", action="store_true",
                        help="Kubernetes' restart curve; without it a container starts again at once")
    options = parser.parse_args()
    print(f"soak: seed {options.seed}", file=sys.stderr)
    Soak(options).run()


if __name__ == "__main__":
    main()
