"""The proxy subresources of pods, services and nodes: the real kubectl, and a web server in a pod of real processes."""

import json
import socket
import subprocess
import unittest

from harness import DEADLINE, TroupeCase, wait_until

POD = """
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {{app: web}}
  annotations: {{troupe.dev/ports: own, troupe.dev/probe-period-ms: "readiness=50"}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: none
    command: ["python3", {script!r}]
    ports: [{{containerPort: 8080}}]
    readinessProbe: {{tcpSocket: {{port: 8080}}}}
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {{app: web}}
  ports: [{{name: http, port: 80, targetPort: 8080}}]
---
apiVersion: v1
kind: Pod
metadata:
  name: secure
  annotations: {{troupe.dev/ports: own, troupe.dev/probe-period-ms: "readiness=50"}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: none
    command: ["python3", {script!r}, {certificate!r}, {key!r}]
    ports: [{{containerPort: 8443}}]
    readinessProbe: {{tcpSocket: {{port: 8443}}}}
---
apiVersion: v1
kind: Service
metadata:
  name: nobody
spec:
  selector: {{app: nobody}}
  ports: [{{port: 80}}]
"""

WEB_SERVER = """
import json, os, ssl, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Web(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do(self):
        if self.path == "/switch":
            return self.switch()
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "/there?x=1")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if self.path == "/long":
            self.send_response(200)
            self.end_headers()
            for _ in range(200):
                self.wfile.write(b"x" * 100_000)
            self.close_connection = True
            return
        body = b"".join(self.body())
        if self.path == "/size":
            body = str(len(body)).encode()
        said = json.dumps({"method": self.command, "path": self.path, "body": body.decode(),
                           "headers": {name.lower(): value for name, value in self.headers.items()}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return [self.rfile.read(int(self.headers.get("Content-Length", 0)))]
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return chunks

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do

    def switch(self):
        self.connection.sendall(b"HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: echo\\r\\nConnection: Upgrade\\r\\n\\r\\nhello ")
        while data := self.connection.recv(65536):
            self.connection.sendall(data)
        self.close_connection = True

    def log_message(self, *words):
        pass

server = ThreadingHTTPServer(("", int(os.environ["PORT"])), Web)
if len(sys.argv) > 1:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[1:])
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""

BASE = "/api/v1/namespaces/default"


class Proxy(TroupeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        script = cls.troupe.home / "web.py"
        script.write_text(WEB_SERVER)
        pki = cls.troupe.data / "pki"  # no pod's name is in that certificate, and nobody checks
        cls.troupe.apply(POD.format(script=str(script), certificate=str(pki / "server.crt"),
                                    key=str(pki / "server.key")))
        cls.troupe.wait("pod/web pod/secure", "condition=Ready")

    def raw(self, verb, path, *words):
        return self.troupe.kubectl(verb, "--raw", path, *words, check=False)

    def said(self, verb, path, *words):
        done = self.raw(verb, path, *words)
        self.assertEqual(done.returncode, 0, f"{done.stderr}\n{self.troupe.logs()}")
        return json.loads(done.stdout)

    def refused(self, path):
        done = self.raw("get", path)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return done.stderr

    def test_a_pods_port_is_reached_with_every_verb_of_kubectl(self):
        said = self.said("get", f"{BASE}/pods/web:8080/proxy/a%20b/c?x=1")
        self.assertEqual((said["method"], said["path"]), ("GET", "/a%20b/c?x=1"))
        self.assertIn("kubectl/", said["headers"]["user-agent"])
        self.assertEqual(said["headers"]["x-forwarded-uri"], f"{BASE}/pods/web:8080/proxy/a%20b/c")
        self.assertEqual(said["headers"]["x-forwarded-for"], "127.0.0.1")
        self.assertNotIn("authorization", said["headers"])
        body = self.troupe.home / "body"
        body.write_text("some text")
        for verb, method in (("create", "POST"), ("replace", "PUT")):
            said = self.said(verb, f"{BASE}/pods/web/proxy/there", "-f", str(body))
            self.assertEqual((said["method"], said["path"], said["body"]), (method, "/there", "some text"))
        self.assertEqual(self.said("delete", f"{BASE}/pods/http:web:8080/proxy/x")["method"], "DELETE")
        self.assertEqual(len(self.raw("get", f"{BASE}/pods/web/proxy/long").stdout), 20_000_000)

    def test_a_body_longer_than_any_object_goes_to_the_pod(self):
        body = self.troupe.home / "long"
        body.write_bytes(b"x" * 20_000_000)
        self.assertEqual(self.said("create", f"{BASE}/pods/web/proxy/size", "-f", str(body))["body"], "20000000")
        said = self.said("replace", f"{BASE}/pods/https:secure:8443/proxy/size", "-f", str(body))
        self.assertEqual(said["body"], "20000000")

    def test_a_pod_that_speaks_tls_is_reached_by_https(self):
        said = self.said("get", f"{BASE}/pods/https:secure:8443/proxy/x?y=1")
        self.assertEqual((said["method"], said["path"]), ("GET", "/x?y=1"))
        self.assertEqual(len(self.raw("get", f"{BASE}/pods/https:secure:8443/proxy/long").stdout), 20_000_000)
        self.assertIn("error trying to reach service: tls: first record does not look like a TLS handshake",
                      self.refused(f"{BASE}/pods/https:web:8080/proxy/"))

    def test_a_service_is_reached_by_its_endpoints(self):
        path = f"{BASE}/services/web:http/proxy/hello"
        wait_until(lambda: self.raw("get", path).returncode == 0, "an answer of the service")
        for port in ("http", "80"):
            self.assertEqual(self.said("get", f"{BASE}/services/web:{port}/proxy/hello")["path"], "/hello")
        self.troupe.wait("endpoints/nobody", "create")
        self.assertIn('no endpoints available for service "nobody"', self.refused(f"{BASE}/services/nobody/proxy/"))
        self.assertIn('no service port 81 found for service "web"', self.refused(f"{BASE}/services/web:81/proxy/"))

    def test_ports_of_others_are_not_the_pods(self):
        with socket.create_server(("", 0)) as other:
            port = other.getsockname()[1]
            for path in (f"{BASE}/pods/web:{port}/proxy/", f"/api/v1/nodes/{self.node()}:{port}/proxy/"):
                error = self.refused(path)
                self.assertIn("error trying to reach service: dial tcp", error)
                self.assertIn("connection refused", error)
            other.settimeout(0)
            with self.assertRaises(BlockingIOError):
                other.accept()

    def node(self):
        return self.troupe.kubectl("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}").stdout

    def test_a_nodes_port_is_reached_where_a_pod_listens(self):
        self.troupe.wait("endpoints/web", "create")
        self.troupe.wait("endpoints/web", "jsonpath={.subsets[0].ports[0].port}")
        real = self.troupe.jsonpath("endpoints web", "{.subsets[0].ports[0].port}")
        self.assertEqual(self.said("get", f"/api/v1/nodes/{self.node()}:{real}/proxy/x")["path"], "/x")

    def test_redirects_and_switched_protocols_through_kubectls_own_proxy(self):
        process = subprocess.Popen(["kubectl", "proxy", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   env=self.troupe.environment())
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        line = process.stdout.readline().decode()
        self.assertIn("Starting to serve on 127.0.0.1:", line)
        local = int(line.rsplit(":", 1)[1])
        path = f"{BASE}/pods/web:8080/proxy"
        with socket.create_connection(("127.0.0.1", local), DEADLINE) as client:
            client.sendall(f"GET {path}/away HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            answer = self.all_of(client)
        self.assertIn("302 Found", answer)
        self.assertIn(f"Location: {path}/there?x=1\r\n", answer)
        with socket.create_connection(("127.0.0.1", local), DEADLINE) as client:
            client.sendall(f"GET {path}/switch HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                           "Upgrade: echo\r\n\r\n".encode())
            self.until(client, "\r\n\r\nhello ")
            client.sendall(b"and back")
            self.until(client, "and back")

    def all_of(self, client):
        client.settimeout(DEADLINE)
        got = b""
        while piece := client.recv(65536):
            got += piece
        return got.decode()

    def until(self, client, word):
        client.settimeout(DEADLINE)
        got = ""
        while word not in got:
            piece = client.recv(65536)
            self.assertTrue(piece, f"no {word!r} in {got!r}\n{self.troupe.logs()}")
            got += piece.decode()


if __name__ == "__main__":
    unittest.main()
