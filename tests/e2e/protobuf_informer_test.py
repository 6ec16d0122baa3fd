"""A small informer that speaks nothing but protobuf: it lists once, watches from there, and after a restart of the server
goes on at the last revision it saw, without a gap and without listing again."""

import http.client
import re
import ssl
import struct
import threading
import unittest

from harness import DEADLINE, TroupeCase

PROTOBUF = "application/vnd.kubernetes.protobuf"
PATH = "/api/v1/namespaces/default/configmaps"


def fields(message):
    """{field number: [values]} of a protobuf message: bytes, or numbers."""
    out, at = {}, 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            value = varint()
        elif key & 7 == 2:
            size = varint()
            value = message[at:at + size]
            at += size
        else:
            raise AssertionError(f"wire type {key & 7}")
        out.setdefault(key >> 3, []).append(value)
    return out


def unwrap(data):
    """(apiVersion, kind, message) of an enveloped object."""
    assert data[:4] == b"k8s\0", data[:20]
    unknown = fields(data[4:])
    meta = fields(unknown[1][0])
    return meta[1][0].decode(), meta[2][0].decode(), fields(unknown[2][0])


def name_and_revision(message):
    meta = fields(message[1][0])
    return meta.get(1, [b""])[0].decode(), meta[6][0].decode()


class Informer:
    def __init__(self, connect):
        self.connect, self.known, self.lists, self.ending = connect, {}, 0, False
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        revision = None
        while not self.ending:
            try:
                connection = self.connect()
                if revision is None:
                    revision = self.list(connection)
                for kind, message in self.events(connection, revision):
                    name, revision = name_and_revision(message)
                    if kind == "DELETED":
                        self.take(name, None)
                    elif kind in ("ADDED", "MODIFIED"):
                        self.take(name, {fields(entry)[1][0].decode(): fields(entry).get(2, [b""])[0].decode()
                                         for entry in message.get(2, [])})
            except (OSError, http.client.HTTPException):
                continue  # the server is away

    def list(self, connection):
        connection.request("GET", PATH, headers={"Accept": PROTOBUF})
        answer = connection.getresponse()
        assert answer.headers["Content-Type"] == PROTOBUF, answer.headers
        version, kind, whole = unwrap(answer.read())
        assert (version, kind) == ("v1", "ConfigMapList"), (version, kind)
        self.lists += 1
        for item in whole.get(2, []):
            self.take(name_and_revision(fields(item))[0], {})
        return fields(whole[1][0])[2][0].decode()

    def events(self, connection, revision):
        connection.request("GET", f"{PATH}?watch=1&allowWatchBookmarks=true&resourceVersion={revision}",
                           headers={"Accept": PROTOBUF + ";stream=watch"})
        answer = connection.getresponse()
        assert answer.status == 200 and answer.headers["Content-Type"].startswith(PROTOBUF), answer.headers
        while True:
            head = answer.read(4)
            if len(head) < 4:
                return
            event = fields(answer.read(struct.unpack(">I", head)[0]))
            version, kind, message = unwrap(fields(event[2][0])[1][0])
            assert (version, kind) == ("v1", "ConfigMap"), (version, kind)
            yield event[1][0].decode(), message

    def take(self, name, data):
        with self.changed:
            self.known[name] = data
            self.changed.notify_all()

    def wait(self, name, data):
        with self.changed:
            assert self.changed.wait_for(lambda: self.known.get(name, "unknown") == data, DEADLINE), self.known


class ProtobufInformer(TroupeCase):
    def connect(self):
        pki = self.troupe.data / "pki"
        context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        context.load_cert_chain(str(pki / "admin.crt"), str(pki / "admin.key"))
        port = re.search(r"https://127\.0\.0\.1:(\d+)", self.troupe.kubeconfig.read_text())[1]
        return http.client.HTTPSConnection("127.0.0.1", int(port), context=context, timeout=DEADLINE)

    def test_it_sees_every_change_and_outlives_a_restart_of_the_server(self):
        informer = Informer(self.connect)
        informer.wait("kube-root-ca.crt", {})
        self.troupe.kubectl("create", "configmap", "one", "--from-literal=a=b")
        informer.wait("one", {"a": "b"})
        self.troupe.kubectl("patch", "configmap", "one", "--type=merge", "-p", '{"data":{"c":"d"}}')
        informer.wait("one", {"a": "b", "c": "d"})
        self.troupe.stop()
        self.troupe.start()
        self.troupe.kubectl("create", "configmap", "two", "--from-literal=e=f")
        informer.wait("two", {"e": "f"})
        self.troupe.kubectl("delete", "configmap", "one")
        informer.wait("one", None)
        self.assertEqual(informer.lists, 1, "it went on where it was")
        informer.ending = True


if __name__ == "__main__":
    unittest.main()
