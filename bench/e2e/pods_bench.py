#!/usr/bin/env python3
"""What pods cost from a client's view, beside the machine's own floors. Prints one JSON object a figure.

usage: pods_bench.py [--pods N] [--at-once N] [--singles N]     TROUPE names the binary (a release build)
"""

import argparse
import json
import os
import re
import signal
import socket
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
    """One connection as the administrator. What it costs is taken from the same cores: requests are plain bytes, an
    answer is parsed when somebody wants to know what is in it."""

    def __init__(self, troupe):
        pki = troupe.data / "pki"
        context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        context.load_cert_chain(str(pki / "admin.crt"), str(pki / "admin.key"))
        context.check_hostname = False
        host, port = (troupe.data / "address").read_text().strip().rsplit(":", 1)
        self.head = f" HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        tcp = socket.create_connection((host, int(port)), timeout=120)
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(tcp, server_hostname=host)

    def prepared(self, method, path, body=None):
        text = json.dumps(body) if body is not None else ""
        return f"{method} {path}{self.head}Content-Length: {len(text)}\r\n\r\n{text}".encode()

    def send(self, request):
        """The answer's bytes, without its head."""
        self.socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.some()
        head, _, body = data.partition(b"\r\n\r\n")
        if size := re.search(rb"(?i)\r\ncontent-length: *(\d+)", head):
            while len(body) < int(size[1]):
                body += self.some()
        else:
            while not body.endswith(b"\r\n0\r\n\r\n"):
                body += self.some()
            body = unchunked(body)
        if int(head.split(b" ", 2)[1]) >= 300:
            raise AssertionError(f"{request[:80]!r}: {head[:20]!r} {body[:300]!r}")
        return body

    def some(self):
        data = self.socket.recv(1 << 18)
        if not data:
            raise AssertionError("the server closed the connection")
        return data

    def request(self, method, path, body=None):
        return json.loads(self.send(self.prepared(method, path, body)))


def unchunked(body):
    out = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        out += rest[:int(size, 16)]
        body = rest[int(size, 16) + 2:]
    return out


class Watch(threading.Thread):
    """Remembers when each pod was seen in which state."""

    NAME = re.compile(rb'"metadata":\{"name":"([^"]+)"')
    RESTARTS = re.compile(rb'"restartCount":(\d+)')

    def __init__(self, troupe):
        super().__init__(daemon=True)
        self.client = Client(troupe)
        revision = self.client.request("GET", PODS + "?limit=1")["metadata"]["resourceVersion"]
        self.client.socket.sendall(self.client.prepared("GET", f"{PODS}?watch=true&resourceVersion={revision}"))
        self.changed = threading.Condition()
        self.running, self.dead, self.alive_again, self.gone = {}, {}, {}, set()
        self.start()

    def run(self):
        rest = b""
        try:
            while data := self.client.socket.recv(1 << 18):
                now = time.monotonic()
                *lines, rest = (rest + data).split(b"\n")
                with self.changed:
                    for line in lines:
                        if line.startswith(b'{"type"'):
                            self.take(now, line)
                    self.changed.notify_all()
        except OSError:
            pass

    def take(self, now, event):
        name = self.NAME.search(event)[1].decode()
        found = self.RESTARTS.search(event)
        restarts = int(found[1]) if found else 0
        running = b'"state":{"running"' in event
        if event.startswith(b'{"type":"DELETED"'):
            self.gone.add(name)
        elif running:
            (self.alive_again if restarts else self.running).setdefault(name, now)
        if name in self.running and (not running or restarts > 0):
            self.dead.setdefault(name, now)

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
    requests = [clients[0].prepared("POST", PODS, pod(f"many-{i}")) for i in range(count)]
    wanted = len(watch.running) + count

    def post(index):
        for request in requests[index::connections]:
            clients[index].send(request)

    threads = [threading.Thread(target=post, args=(index,)) for index in range(connections)]
    began = time.monotonic()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    posted = time.monotonic() - began
    watch.wait(lambda: len(watch.running) == wanted)
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
