"""10,000 malformed requests, on the connection's level and on the API's: each is refused or cut off, a neighbour on another
connection never notices, the server answers afterwards, and its memory stays flat."""

import base64
import json
import os
import random
import re
import socket
import ssl
import unittest
from pathlib import Path

from harness import TroupeCase

# The sanitizer keeps freed memory back by default: that is no growth of the server's.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64"

SEED = int(os.environ.get("TROUPE_TEST_SEED", "1"))
COUNT = 10_000
FLAT = 24 << 20  # bytes that may be added after the first thousand, allocator and all
HOST = b"Host: 127.0.0.1\r\n"
MAPS = b"/api/v1/namespaces/default/configmaps"


def broken_heads(rng):
    """Requests that no HTTP parser takes: the connection ends."""
    junk = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 200)))
    return [
        junk + b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
        b"GET /api HTTP/1.1\r\n\r\n",
        b"GET /api HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
        b"GET /api HTTP/1.1\r\nHost 127.0.0.1\r\n\r\n",
        b"GET /api HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
        b"POST " + MAPS + b" HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST " + MAPS + b" HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999\r\n\r\n",
        b"POST " + MAPS + b" HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /api HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 70_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00" + junk,
    ]


def broken_requests(rng):
    """Good HTTP that asks for nonsense: (head, body)."""
    junk = bytes(rng.randrange(33, 127) for _ in range(rng.randrange(1, 60))).replace(b" ", b"")
    body = bytes(rng.randrange(256) for _ in range(rng.randrange(0, 300)))
    json_head = b"Content-Type: application/json\r\n"
    return [
        (b"GET /x" + junk, b""),
        (b"GET " + MAPS + b"?limit=one", b""),
        (b"GET " + MAPS + b"?labelSelector=%zz", b""),
        (b"GET " + MAPS + b"?labelSelector=a%20in%20(", b""),
        (b"GET " + MAPS + b"?fieldSelector=spec.nothing%3Dx", b""),
        (b"GET " + MAPS + b"?continue=" + base64.urlsafe_b64encode(body or b"x"), b""),
        (b"GET " + MAPS + b"?resourceVersion=abc", b""),
        (b"GET " + MAPS + b"?watch=1&sendInitialEvents=true", b""),
        (b"GET " + MAPS + b" HTTP/1.1\r\nAccept: application/nonsense", b""),
        (b"POST " + MAPS + b" HTTP/1.1\r\n" + json_head[:-2], body),
        (b"POST " + MAPS + b" HTTP/1.1\r\n" + json_head[:-2], b"[" * 5000),
        (b"POST " + MAPS + b" HTTP/1.1\r\n" + json_head[:-2], b'{"kind":"Pod","apiVersion":"v1"}'),
        (b"POST " + MAPS + b" HTTP/1.1\r\nContent-Type: application/yaml", b"a: &a [*a, *a]\nb: *a\n" * 20),
        (b"POST " + MAPS + b" HTTP/1.1\r\nContent-Type: application/vnd.kubernetes.protobuf", b"k8s\0" + body),
        (b"POST " + MAPS + b" HTTP/1.1\r\nContent-Type: text/nonsense", body),
        (b"PUT " + MAPS + b"/absent HTTP/1.1\r\n" + json_head[:-2], b'{"metadata":{"name":"other"}}'),
        (b"PATCH " + MAPS + b"/absent HTTP/1.1\r\nContent-Type: application/json-patch+json", b'[{"op":"' + junk + b'"}]'),
        (b"PATCH " + MAPS + b"/absent HTTP/1.1\r\nContent-Type: application/apply-patch+yaml", body),
        (b"DELETE " + MAPS + b"/absent HTTP/1.1\r\n" + json_head[:-2], body or b"{"),
        (b"BREW /api/v1/pods", b""),
        (b"GET /api/v1/namespaces/" + b"a/" * 80 + b"b", b""),
    ]


def request(head, body):
    if b" HTTP/1.1" not in head:
        head += b" HTTP/1.1"
    return head + b"\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(body) + body


class Connection:
    def __init__(self, port, context):
        raw = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.tls = context.wrap_socket(raw, server_hostname="127.0.0.1")

    def ask(self, data):
        """The status of the answer; 0 when the connection was ended without one."""
        try:
            self.tls.sendall(data)
            got = b""
            while b"\r\n\r\n" not in got:
                piece = self.tls.recv(65536)
                if not piece:
                    return 0
                got += piece
            head, _, body = got.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            while length and len(body) < int(length[1]):
                piece = self.tls.recv(65536)
                if not piece:
                    break
                body += piece
            self.ends = b"connection: close" in head.lower() or not length
            return int(head.split()[1])
        except (ConnectionError, ssl.SSLError):
            self.ends = True
            return 0

    def close(self):
        self.tls.close()


class Malformed(TroupeCase):
    def setUp(self):
        pki = self.troupe.data / "pki"
        self.context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        self.context.load_cert_chain(str(pki / "admin.crt"), str(pki / "admin.key"))
        text = self.troupe.kubeconfig.read_text()
        self.port = int(re.search(r"https://127\.0\.0\.1:(\d+)", text)[1])

    def connect(self):
        return Connection(self.port, self.context)

    def memory(self):
        status = Path(f"/proc/{self.troupe.kernel_pid()}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+)", status)[1]) * 1024

    def test_ten_thousand_malformed_requests_leave_the_server_answering(self):
        rng = random.Random(SEED)
        neighbour, current = self.connect(), self.connect()
        kernel, before = self.troupe.kernel_pid(), 0
        for at in range(COUNT):
            if at == 1000:
                before = self.memory()
            if at % 6 == 0:
                one = self.connect()
                status = one.ask(rng.choice(broken_heads(rng)))
                one.close()
                self.assertTrue(status == 0 or 400 <= status < 600, f"seed {SEED}, request {at}: {status}")
                continue
            head, body = rng.choice(broken_requests(rng))
            status = current.ask(request(head, body))
            self.assertTrue(status == 0 or 400 <= status < 500, f"seed {SEED}, request {at}: {status} to {head!r} {body!r}")
            if status == 0 or current.ends:
                current.close()
                current = self.connect()
            if at % 100 == 1:
                self.assertEqual(neighbour.ask(request(b"GET /readyz", b"")), 200, f"seed {SEED}, request {at}")
        after = self.memory()
        self.assertEqual(self.troupe.kernel_pid(), kernel, "the kernel was restarted")
        self.assertLess(after - before, FLAT, f"from {before} to {after} bytes")
        shown = json.loads(self.troupe.kubectl("get", "configmaps", "-o", "json").stdout)
        self.assertEqual([item["metadata"]["name"] for item in shown["items"]], ["kube-root-ca.crt"])


if __name__ == "__main__":
    unittest.main()
