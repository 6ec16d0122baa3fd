"""exec, attach, cp, port-forward and top with the real kubectl on real processes."""

import fcntl
import hashlib
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios
import time
import unittest

from harness import DEADLINE, TroupeCase, command_line, marker, pids, wait_for_end, wait_until

POD = """
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  annotations: {annotations}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: none
    command: ["/bin/sh", "-c", {script!r}]
    env: [{{name: WORD, value: of-the-pod}}]
    workingDir: /tmp
    {more}
"""

ECHO_SERVER = """
import os, socketserver
class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while True:
            data = self.request.recv(65536)
            if not data:
                return
            self.request.sendall(data)
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
Server(("", int(os.environ["PORT"])), Echo).serve_forever()
"""


PROMPT = "# " if os.geteuid() == 0 else "$ "  # of a shell in a pod, which has our user


class Terminal:
    """kubectl on a pseudo terminal."""

    def __init__(self, troupe, *words, rows=33, columns=101):
        self.troupe = troupe
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.environ.update(KUBECONFIG=str(troupe.kubeconfig), HOME=str(troupe.home), TERM="xterm")
            os.execvp("kubectl", ["kubectl", *words])
        self.resize(rows, columns)
        self.text = b""

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def expect(self, word):
        end = time.monotonic() + DEADLINE
        while word.encode() not in self.text:
            ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
            try:
                piece = os.read(self.master, 4096) if ready else b""
            except OSError:
                piece = b""
            if not piece:
                raise AssertionError(f"no {word!r} in {self.text!r}\n{self.troupe.logs()}")
            self.text += piece
        self.text = self.text.partition(word.encode())[2]

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self):
        """Reads to the end; the exit code."""
        while True:
            try:
                if not os.read(self.master, 4096):
                    break
            except OSError:
                break
        os.close(self.master)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Streaming(TroupeCase):
    def pod(self, name, script="exec sleep 100000", annotations="{}", more="", condition="condition=Ready"):
        self.troupe.apply(POD.format(name=name, script=script, annotations=annotations, more=more))
        self.troupe.wait(f"pod/{name}", condition)

    def environment(self, spdy=False):
        more = {"KUBECTL_REMOTE_COMMAND_WEBSOCKETS": "false", "KUBECTL_PORT_FORWARD_WEBSOCKETS": "false"} if spdy else {}
        return {**self.troupe.environment(), **more}

    def run_kubectl(self, *words, stdin=b"", spdy=False):
        return subprocess.run(["kubectl", *words], input=stdin, capture_output=True, timeout=DEADLINE,
                              env=self.environment(spdy))

    def exec(self, *words, stdin=b"", spdy=False, flags=()):
        done = self.run_kubectl("exec", *flags, *words, stdin=stdin, spdy=spdy)
        self.last = f"exit {done.returncode}\n{done.stdout[:2000]}\n{done.stderr[:2000]}\n{self.troupe.logs()}"
        return done

    def test_a_command_runs_beside_the_container(self):
        self.pod("simple")
        for spdy in (False, True):
            done = self.exec("simple", "--", "sh", "-c", "echo $WORD; pwd; echo wrong >&2; exit 3", spdy=spdy)
            self.assertEqual((done.returncode, done.stdout), (3, b"of-the-pod\n/tmp\n"), self.last)
            self.assertEqual(done.stderr, b"wrong\ncommand terminated with exit code 3\n", self.last)
            done = self.exec("simple", "--", "true", spdy=spdy)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""), self.last)

    def test_a_megabyte_goes_in_and_comes_out(self):
        self.pod("big")
        data = os.urandom(1 << 20)
        for spdy in (False, True):
            done = self.exec("big", "--", "cat", stdin=data, flags=["-i"], spdy=spdy)
            self.assertEqual(done.returncode, 0, self.last)
            self.assertEqual(hashlib.sha256(done.stdout).hexdigest(), hashlib.sha256(data).hexdigest())
        done = self.exec("big", "--", "sh", "-c", "head -c 20000000 /dev/zero; echo end >&2")
        self.assertEqual((done.returncode, len(done.stdout), done.stderr), (0, 20000000, b"end\n"))

    def test_a_command_that_does_not_read_gets_no_more(self):
        self.pod("deaf")
        done = self.exec("deaf", "--", "true", stdin=os.urandom(4 << 20), flags=["-i"])
        self.assertEqual(done.returncode, 0, self.last)

    def test_refusals_are_worded_as_kubernetes_words_them(self):
        self.pod("plain")
        done = self.exec("plain", "-c", "other", "--", "true")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"container other is not valid for pod plain", done.stderr, self.last)
        done = self.exec("nobody", "--", "true")
        self.assertIn(b'pods "nobody" not found', done.stderr, self.last)
        done = self.exec("plain", "--", "no-such-program")
        self.assertEqual(done.returncode, 1, self.last)
        self.assertIn(b'exec "no-such-program": executable file not found in $PATH', done.stderr, self.last)

    def test_a_pod_that_does_not_run(self):
        self.pod("ended", script="exit 0", more="", condition="jsonpath={.status.containerStatuses[0].restartCount}=1")
        done = self.exec("ended", "--", "true")
        self.assertEqual(done.returncode, 1, self.last)
        self.assertIn(b'container not found ("main")', done.stderr, self.last)

    def test_a_terminal_with_its_size_and_keys(self):
        self.pod("terminal")
        shell = Terminal(self.troupe, "exec", "-it", "terminal", "--", "sh")
        shell.expect(PROMPT)  # the first words are not lost
        shell.type("stty size; tty\n")
        shell.expect("33 101")
        shell.expect("/dev/pts/")
        shell.resize(20, 77)
        os.kill(shell.pid, 28)  # SIGWINCH
        shell.type("while ! stty size | grep '20 77'; do :; done\n")
        shell.expect("20 77\r\n")
        shell.type(f"sleep {marker(801)}\n")
        wait_until(lambda: self.sleepers(marker(801)), "the shell runs its command")
        shell.type("\x03")
        shell.expect("^C")
        shell.expect(PROMPT)  # what is typed before the shell is back would go with the interrupted line
        shell.type("echo back $((40+2)); exit 5\n")
        shell.expect("back 42")
        self.assertEqual(shell.end(), 5)

    def test_a_client_that_is_killed_leaves_no_process(self):
        self.pod("orphan")
        for number, flags in enumerate(([], ["-i"], ["-i"])):
            word = marker(810 + number)
            process = subprocess.Popen(["kubectl", "exec", *flags, "orphan", "--", "sleep", word], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.environment())
            wait_until(lambda: self.sleepers(word), f"sleep {word} runs")
            if number == 2:
                process.stdin.write(b"x" * 50_000)
                process.stdin.flush()
            sleeper = self.sleepers(word)[0]
            process.kill()
            wait_for_end(sleeper)
            process.communicate()

    @staticmethod
    def sleepers(word):
        return [pid for pid in pids() if command_line(pid) == f"sleep {word} "]

    def test_files_are_copied_both_ways(self):
        self.pod("copy")
        here, there, back = (self.troupe.home / name for name in ("here", "there", "back"))
        data = os.urandom(300_000)
        here.write_bytes(data)
        done = self.run_kubectl("cp", str(here), f"copy:{there}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(there.read_bytes(), data)
        done = self.run_kubectl("cp", f"copy:{there}", str(back))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(back.read_bytes(), data)

    # attach and top

    def test_who_attaches_sees_what_is_written_from_then_on(self):
        fifo = self.troupe.home / "said"
        os.mkfifo(fifo)
        # It holds both ends itself: whoever writes finds a reader.
        self.pod("talker", script=f"exec 3<>{fifo}; while read x <&3; do echo said $x; done")
        process = subprocess.Popen(["kubectl", "attach", "talker"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   env=self.environment())
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)

        def seen():
            fifo.write_text("something\n")
            return select.select([process.stdout], [], [], 0.1)[0]

        wait_until(seen, "attach shows the output")
        self.assertEqual(process.stdout.readline(), b"said something\n")

    def test_who_is_attached_and_takes_nothing_is_told_that_he_missed_the_end(self):
        flood, flooded = self.troupe.home / "flood", self.troupe.home / "flooded"
        self.pod("flood", script=f"while [ ! -e {flood} ]; do echo not yet; sleep 0.1; done; "
                                 f"head -c 100000000 /dev/zero | tr '\\0' x; : > {flooded}; exec sleep 100000")
        process = subprocess.Popen(["kubectl", "attach", "flood"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment())
        self.addCleanup(process.kill)
        self.assertTrue(select.select([process.stdout], [], [], DEADLINE)[0])
        os.kill(process.pid, signal.SIGSTOP)
        flood.touch()
        wait_until(flooded.exists, "the container waits for nobody")
        os.kill(process.pid, signal.SIGCONT)
        _, errors = process.communicate(timeout=DEADLINE)
        self.assertNotEqual(process.returncode, 0)
        self.assertIn(b"error attaching to container: cut off", errors)

    def test_input_and_terminal_of_the_container_itself(self):
        self.pod("reader", script="while read x; do echo got $x; done; exec sleep 100000", more="stdin: true\n    tty: true")
        terminal = Terminal(self.troupe, "attach", "-it", "reader")
        terminal.expect("pressing enter")
        terminal.type("hello\n")
        terminal.expect("got hello")
        os.kill(terminal.pid, 9)
        terminal.end()
        done = self.run_kubectl("run", "once", "-i", "--image=none", "--restart=Never", "--command", "--", "cat",
                                stdin=b"some words\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"some words\n", done.stdout)
        self.assertEqual(self.troupe.kubectl("logs", "once").stdout, "some words\n")
        self.troupe.wait("pod/once", "jsonpath={.status.phase}=Succeeded")

    def test_run_gives_a_terminal_with_its_size(self):
        shell = Terminal(self.troupe, "run", "-it", "shell", "--rm", "--image=none", "--restart=Never", "--command", "--", "sh")
        shell.expect("pressing enter")
        shell.type("while ! stty size | grep '33 101'; do :; done; echo seen $((6*7))\n")
        shell.expect("seen 42")
        shell.resize(20, 77)
        os.kill(shell.pid, 28)  # SIGWINCH
        shell.type("while ! stty size | grep '20 77'; do :; done; echo resized $((6*7))\n")
        shell.expect("resized 42")
        shell.type("exit 0\n")
        self.assertEqual(shell.end(), 0)
        gone = self.troupe.kubectl("get", "pod", "shell", check=False)
        self.assertIn("not found", gone.stderr)

    def test_debug_adds_a_container_to_a_pod_that_runs(self):
        self.pod("patient")
        shell = Terminal(self.troupe, "debug", "-it", "patient", "--image=none", "--profile=general", "--target=main", "-c", "doctor", "--", "sh")
        shell.expect("pressing enter")
        shell.type("echo $((6*7)); exit 0\n")
        shell.expect("42")
        shell.end()
        self.troupe.wait("pod/patient", "jsonpath={.status.ephemeralContainerStatuses[0].state.terminated.exitCode}=0")
        self.assertEqual(self.troupe.jsonpath("pod patient", "{.status.phase}"), "Running")

    def test_top_shows_what_is_used(self):
        self.pod("busy", script="while :; do :; done")
        shown = re.compile(rb"^busy +main +[1-9]\d*m +\d+Mi", re.MULTILINE)
        wait_until(lambda: shown.search(self.run_kubectl("top", "pod", "busy", "--containers").stdout), "what it uses")
        self.troupe.kubectl("delete", "pod", "busy", "--grace-period=0", "--force", "--wait=false")
        done = self.run_kubectl("top", "node")
        self.assertRegex(done.stdout.decode().split("\n")[1], r"^\S+ +\d+m +\d+% +\d+Mi +\d+%", done.stderr)
        done = self.run_kubectl("top", "pod", "-l", "app=nobody")
        self.assertIn(b"No resources found", done.stdout + done.stderr)

    # port-forward

    def server(self, name):
        script = self.troupe.home / "echo.py"
        script.write_text(ECHO_SERVER)
        self.pod(name, script=f"exec python3 {script}",
                 annotations='{troupe.dev/ports: own, troupe.dev/probe-period-ms: "readiness=50"}',
                 more="ports: [{containerPort: 80}]\n    readinessProbe: {tcpSocket: {port: 80}}")

    def forward(self, name, port, spdy=False):
        process = subprocess.Popen(["kubectl", "port-forward", f"pod/{name}", f":{port}"], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, env=self.environment(spdy))
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        line = process.stdout.readline().decode()
        self.assertIn("Forwarding from 127.0.0.1:", line, self.troupe.logs())
        return process, int(line.split("127.0.0.1:")[1].split()[0])

    def talk(self, local, data):
        with socket.create_connection(("127.0.0.1", local), DEADLINE) as client:
            client.settimeout(DEADLINE)
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            got = b""
            while piece := client.recv(65536):
                got += piece
            return got

    def test_many_connections_are_forwarded(self):
        self.server("echo")
        for spdy in (False, True):
            process, local = self.forward("echo", 80, spdy)
            open_ones = [socket.create_connection(("127.0.0.1", local), DEADLINE) for _ in range(20)]
            for number, client in enumerate(open_ones):
                client.settimeout(DEADLINE)
                client.sendall(b"from %d" % number)
            for number, client in enumerate(open_ones):
                self.assertEqual(client.recv(100), b"from %d" % number)
                client.close()
            self.assertEqual(self.talk(local, b"x" * 30_000), b"x" * 30_000)
            process.kill()
            process.wait()

    def test_a_killed_port_forward_leaves_no_descriptor(self):
        self.server("leak")
        kernel = self.troupe.kernel_pid()
        process, local = self.forward("leak", 80)
        self.assertEqual(self.talk(local, b"warm"), b"warm")
        process.kill()
        process.wait()

        def descriptors():
            return len(os.listdir(f"/proc/{kernel}/fd"))

        before = descriptors()
        process, local = self.forward("leak", 80)
        clients = [socket.create_connection(("127.0.0.1", local), DEADLINE) for _ in range(10)]
        for client in clients:
            client.settimeout(DEADLINE)
            client.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")
        self.assertGreater(descriptors(), before)
        process.kill()
        process.wait()
        wait_until(lambda: descriptors() <= before + 1, f"{before} descriptors, as before")
        for client in clients:
            client.close()

    def test_a_port_where_nobody_listens(self):
        self.pod("silent")
        process, local = self.forward("silent", 9)
        self.assertEqual(self.talk(local, b"hello"), b"")
        while "connection refused" not in (line := process.stdout.readline().decode()):
            self.assertNotEqual(line, "", "kubectl did not tell")
        self.assertIn("9", line)


if __name__ == "__main__":
    unittest.main(verbosity=2)
