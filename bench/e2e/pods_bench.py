#!/usr/bin/env python3
"""What pods cost from a client's view, beside the machine's own floors. Prints one JSON object a figure.

usage: pods_bench.py [--pods N] [--at-once N] [--singles N]     TROUPE names the binary (a release build)
"""

import argparse
import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "e2e"))

from harness import TROUPE, Troupe, command_line, parent, pids, with_marker  # noqa: E402

PODS = "/api/v1/namespaces/default/pods"
MARKER = f"6{os.getpid() % 100000:05d}000"


class Client:
    """One connection as the administrator."""

    def __init__(self, troupe):
        pki = troupe.data / "pki"
        self.context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        self.context.load_cert_chain(str(pki / "admin.crt"), str(pki / "admin.key"))
        self.context.check_hostname = False
        self.address = (troupe.data / "address").read_text().strip()
        self.connection = http.client.HTTPSConnection(self.address, context=self.context, timeout=120)

    def request(self, method, path, body=None):
        self.connection.request(method, path, json.dumps(body) if body is not None else None,
                                {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise AssertionError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text)

    def watch(self, path):
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        while line := answer.readline():
            yield time.monotonic(), json.loads(line)


class Watch(threading.Thread):
    """Remembers when each pod was seen in which state."""

    def __init__(self, troupe):
        super().__init__(daemon=True)
        client = Client(troupe)
        revision = client.request("GET", PODS + "?limit=1")["metadata"]["resourceVersion"]
        self.events = client.watch(f"{PODS}?watch=true&resourceVersion={revision}")
        self.changed = threading.Condition()
        self.running, self.dead, self.alive_again, self.gone = {}, {}, {}, set()
        self.start()

    def run(self):
        try:
            for now, event in self.events:
                self.take(now, event)
        except (OSError, ValueError, http.client.HTTPException):
            pass

    def take(self, now, event):
        pod = event["object"]
        name = pod["metadata"]["name"]
        status = (pod.get("status", {}).get("containerStatuses") or [{}])[0]
        state, restarts = status.get("state", {}), status.get("restartCount", 0)
        with self.changed:
            if event["type"] == "DELETED":
                self.gone.add(name)
            elif "running" in state and restarts == 0:
                self.running.setdefault(name, now)
            elif "running" in state:
                self.alive_again.setdefault(name, now)
            if name in self.running and ("running" not in state or restarts > 0):
                self.dead.setdefault(name, now)
            self.changed.notify_all()

    def wait(self, ready, seconds=120):
        with self.changed:
            if not self.changed.wait_for(ready, seconds):
                raise AssertionError("nothing more happened")


def pod(name):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
            "spec": {"terminationGracePeriodSeconds": 1,
                     "containers": [{"name": "main", "command": ["sleep", MARKER]}]}}


def show(figure, samples=None, **more):
    if samples:
        samples = sorted(samples)
        more = {"p50_ms": round(samples[len(samples) // 2] * 1e3, 2),
                "p99_ms": round(samples[min(len(samples) - 1, int(len(samples) * 0.99))] * 1e3, 2), **more}
    print(json.dumps({"figure": figure, **more}), flush=True)


def floors(troupe):
    doctor = subprocess.run([TROUPE, "doctor", "-o", "json", "--data-dir", str(troupe.data)], capture_output=True,
                            text=True, check=True)
    for one in json.loads(doctor.stdout)["findings"]:
        if one["area"] == "costs":
            show("machine: " + one["name"], median=one["value"])
    show("machine: load", load1=os.getloadavg()[0], processors=os.cpu_count())


def kernel_of(troupe):
    return next(pid for pid in pids() if parent(pid) == troupe.process.pid and " kernel " in command_line(pid))


def memory_kb(pid):
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Rss:"))


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bench_singles(client, watch, count):
    started = []
    for i in range(count):
        began = time.monotonic()
        client.request("POST", PODS, pod(f"single-{i}"))
        watch.wait(lambda name=f"single-{i}": name in watch.running)
        started.append(watch.running[f"single-{i}"] - began)
    show("pod POST -> Running in a watch", started, target="p50 <= 5 ms, p99 <= 20 ms")


def pid_of(uid):
    return next(pid for pid in with_marker("sleep " + MARKER)
                if uid.encode() in Path(f"/proc/{pid}/environ").read_bytes())


def bench_kills(client, watch, count):
    seen, again = [], []
    for i in range(count):
        name = f"single-{i}"
        pid = pid_of(client.request("GET", f"{PODS}/{name}")["metadata"]["uid"])
        began = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        watch.wait(lambda name=name: name in watch.alive_again)
        seen.append(watch.dead[name] - began)
        again.append(watch.alive_again[name] - began)
    show("kill -9 -> seen in a watch", seen, target="p50 <= 2 ms")
    show("kill -9 -> running again in a watch", again, target="p50 <= 4 ms, p99 <= 20 ms")


def bench_at_once(troupe, watch, count, connections=8):
    clients = [Client(troupe) for _ in range(connections)]
    for one in clients:
        one.request("GET", PODS + "?limit=1")

    def post(index):
        for i in range(index, count, connections):
            clients[index].request("POST", PODS, pod(f"many-{i}"))

    threads = [threading.Thread(target=post, args=(index,)) for index in range(connections)]
    began = time.monotonic()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    posted = time.monotonic() - began
    watch.wait(lambda: all(f"many-{i}" in watch.running for i in range(count)))
    last = max(watch.running[f"many-{i}"] for i in range(count)) - began
    show(f"{count} pods at once", pods_per_s=round(count / last), posts_per_s=round(count / posted),
         target="600 pods/s")


def bench_idle(troupe, count):
    kernel, keeper = kernel_of(troupe), troupe.process.pid
    time.sleep(3)
    before = cpu_seconds(kernel) + cpu_seconds(keeper)
    time.sleep(10)
    used = cpu_seconds(kernel) + cpu_seconds(keeper) - before
    show(f"{count} running pods", kernel_MB=round(memory_kb(kernel) / 1024, 1),
         keeper_MB=round(memory_kb(keeper) / 1024, 1), idle_cpu_percent=round(used * 10, 2),
         target="150 MB together, 0.5 % of a core")


def bench_scale(troupe, client, count):
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "scaled"},
                  "spec": {"replicas": count, "selector": {"matchLabels": {"app": "scaled"}},
                           "template": {"metadata": {"labels": {"app": "scaled"}}, "spec": pod("x")["spec"]}}}
    path = "/apis/apps/v1/namespaces/default/deployments"
    began = time.monotonic()
    client.request("POST", path, deployment)
    wait_for(lambda: client.request("GET", path + "/scaled")["status"].get("readyReplicas", 0) == count)
    show(f"Deployment 0 -> {count} ready", seconds=round(time.monotonic() - began, 2))
    bench_idle(troupe, count)
    began = time.monotonic()
    client.request("DELETE", path + "/scaled")
    wait_for(lambda: not client.request("GET", PODS + "?limit=1")["items"])
    show(f"Deployment {count} -> 0", seconds=round(time.monotonic() - began, 2),
         processes_left=len(with_marker("sleep " + MARKER)))


def wait_for(ready, seconds=180):
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise AssertionError("it takes too long")
        time.sleep(0.05)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--singles", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=500)
    parser.add_argument("--pods", type=int, default=1000)
    options = parser.parse_args()
    troupe = Troupe()
    try:
        troupe.start("--max-pods", "5000")
        floors(troupe)
        client, watch = Client(troupe), Watch(troupe)
        bench_singles(client, watch, options.singles)
        bench_kills(client, watch, options.singles)
        client.request("DELETE", PODS)
        wait_for(lambda: not client.request("GET", PODS + "?limit=1")["items"])
        bench_at_once(troupe, watch, options.at_once)
        client.request("DELETE", PODS)
        wait_for(lambda: not client.request("GET", PODS + "?limit=1")["items"])
        bench_scale(troupe, client, options.pods)
    finally:
        began = time.monotonic()
        troupe.stop()
        show("stop", seconds=round(time.monotonic() - began, 2), processes_left=len(with_marker("sleep " + MARKER)))
        troupe.remove()


if __name__ == "__main__":
    main()
