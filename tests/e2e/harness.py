"""Starts a real Troupe and speaks to it with the real kubectl. Waits are for a line, a file descriptor or an answer of the
server; wait_until() is for the few things that nothing tells."""

import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

TROUPE = os.environ.get("TROUPE", "troupe")
DEADLINE = 120  # seconds; generous, because CI runs everything under sanitizers on two cores
# For str.format: replicas that sleep, known by what they sleep for.
SLEEPERS = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - {{name: main, command: [sleep, "{marker}"]}}
"""


def kubectl_missing():
    return None if shutil.which("kubectl") else "kubectl is not installed"


def reserved_port():
    """A bound socket whose port nobody else is given while it is open, and which a server may listen on all the same: both
    set SO_REUSEADDR, and this one does not listen. So a Troupe that starts again finds its port free whatever runs beside."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


class Troupe:
    """One `troupe up` in a directory of its own, on a port of its own. `identity`: subprocess.Popen's words for who runs it."""

    def __init__(self, program=TROUPE, **identity):
        self.program, self.identity = program, identity
        self.home = Path(tempfile.mkdtemp(prefix="troupe-e2e-"))
        self.data = self.home / "data"
        self.kubeconfig = self.home / "kubeconfig"
        self.held = reserved_port()
        self.listen = f"127.0.0.1:{self.held.getsockname()[1]}"
        self.process = None

    def start(self, *flags):
        command = [self.program, "up", "--data-dir", str(self.data), "--listen", self.listen, "--kubeconfig",
                   str(self.kubeconfig), *flags]
        self.log = open(self.home / "troupe.log", "ab")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log,
                                        **self.identity)
        self.wait_for_line("ready")
        return self

    def wait_for_line(self, word):
        """Reads the output of `troupe up` up to a line that has the word."""
        end, text = time.monotonic() + DEADLINE, b""
        descriptor = self.process.stdout.fileno()
        while True:
            readable, _, _ = select.select([descriptor], [], [], max(0, end - time.monotonic()))
            chunk = os.read(descriptor, 4096) if readable else b""
            if not chunk:
                raise AssertionError(f"no line with {word!r}; got {text!r}\n{self.logs()}")
            text += chunk
            if any(word.encode() in line for line in text.splitlines()):
                return text.decode()

    def logs(self):
        return (self.home / "troupe.log").read_text(errors="replace")[-8000:]

    def environment(self):
        """For a kubectl: its cache of what a server serves is of this Troupe, not of one before on the same port."""
        return {**os.environ, "KUBECONFIG": str(self.kubeconfig), "HOME": str(self.home)}

    def kubectl(self, *words, stdin=None, check=True):
        """Runs kubectl; answers the completed process. With `check`, failing is an AssertionError with all output."""
        done = subprocess.run(["kubectl", *words], input=stdin, text=True, capture_output=True, timeout=2 * DEADLINE,
                              env=self.environment())
        if check and done.returncode != 0:
            raise AssertionError(f"kubectl {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}\n"
                                 f"{self.logs()}")
        return done

    def apply(self, manifest):
        return self.kubectl("apply", "-f", "-", stdin=manifest).stdout

    def jsonpath(self, what, path):
        return self.kubectl("get", *what.split(), "-o", f"jsonpath={path}").stdout

    def wait(self, what, condition):
        return self.kubectl("wait", *what.split(), f"--for={condition}", f"--timeout={DEADLINE}s")

    def execute(self, what, *command, check=True):
        """What a command in a pod ("pod -c container") says. With an input: kubectl 1.32 that has none to send may lose the
        first words on a busy machine."""
        return self.kubectl("exec", "-i", *what.split(), "--", *command, stdin="", check=check).stdout

    def kernel_pid(self):
        """The one child of `troupe up` that is the kernel."""
        for pid in pids():
            if parent(pid) == self.process.pid and "kernel" in command_line(pid):
                return pid
        raise AssertionError("no kernel process\n" + self.logs())

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise AssertionError("troupe up did not end on SIGTERM\n" + self.logs())
        if self.process:
            self.process.stdout.close()
            self.log.close()
        return self.process.returncode if self.process else None

    def remove(self):
        self.held.close()
        shutil.rmtree(self.home, ignore_errors=True)


def pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def marker(number):
    """A number of seconds to sleep that no other process of the machine sleeps, for `with_marker`."""
    return f"1{os.getpid():07}{number:04}"


def parent(pid):
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def with_marker(marker):
    """Processes whose command line has the marker, kubectl and ourselves left out."""
    return [pid for pid in pids() if marker in command_line(pid) and pid != os.getpid()
            and not command_line(pid).startswith("kubectl")]


def wait_for_end(pid):
    """Returns when the process has ended, by its pidfd."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if not select.select([descriptor], [], [], DEADLINE)[0]:
            raise AssertionError(f"process {pid} still runs: {command_line(pid)}")
    finally:
        os.close(descriptor)


def wait_until(holds, what):
    """Returns when holds() does: for what nothing tells, as a folder that goes."""
    end = time.monotonic() + DEADLINE
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"waited {DEADLINE} s for: {what}")
        time.sleep(0.01)


class TroupeCase(unittest.TestCase):
    """One Troupe for all tests of a file; each test uses names of its own."""

    troupe = None

    @classmethod
    def setUpClass(cls):
        if kubectl_missing():
            raise unittest.SkipTest(kubectl_missing())
        if TroupeCase.troupe:
            return
        troupe = Troupe()
        unittest.addModuleCleanup(troupe.remove)
        unittest.addModuleCleanup(troupe.stop)
        TroupeCase.troupe = troupe.start()
