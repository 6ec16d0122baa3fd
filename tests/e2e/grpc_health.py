"""A server of grpc.health.v1.Health with nothing but sockets: `grpc_health.py PORT FILE` answers SERVING while the file
exists, else NOT_SERVING. Reads HTTP/2 frames, looks into no header, and answers each stream that ends."""

import os
import socket
import struct
import sys
import threading

PREFACE = 24
DATA, HEADERS, SETTINGS, PING = 0, 1, 4, 6
END_STREAM, ACK, END_HEADERS = 1, 1, 4


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(name, value):
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


def read(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def answer(stream, serving):
    message = bytes([8, 1 if serving else 2])
    head = b"\x88" + literal(b"content-type", b"application/grpc")
    return (frame(HEADERS, END_HEADERS, stream, head) + frame(DATA, 0, stream, struct.pack(">BI", 0, 2) + message)
            + frame(HEADERS, END_HEADERS | END_STREAM, stream, literal(b"grpc-status", b"0")))


def serve(connection, path):
    with connection:
        try:
            connection.sendall(frame(SETTINGS, 0, 0))
            read(connection, PREFACE)
            while True:
                head = read(connection, 9)
                payload = read(connection, int.from_bytes(head[:3], "big"))
                kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
                if kind == SETTINGS and not flags & ACK:
                    connection.sendall(frame(SETTINGS, ACK, 0))
                if kind == PING and not flags & ACK:
                    connection.sendall(frame(PING, ACK, 0, payload))
                if kind in (DATA, HEADERS) and flags & END_STREAM:
                    connection.sendall(answer(stream, os.path.exists(path)))
        except (EOFError, OSError):
            pass


if __name__ == "__main__":
    listener = socket.create_server(("", int(sys.argv[1])))
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0], sys.argv[2]), daemon=True).start()
