"""How Troupe ends, and what the example of the README's first command promises."""

import os
import select
import signal
import subprocess
import unittest
from pathlib import Path

from harness import DEADLINE, TROUPE, Troupe, command_line, kubectl_missing, marker, wait_for_end, wait_until, with_marker

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "deployment.yaml"
POD = """
apiVersion: v1
kind: Pod
metadata: {{name: stays}}
spec:
  terminationGracePeriodSeconds: 2
  containers:
  - {{name: main, command: [sleep, "{marker}"]}}
"""
STUBBORN = """
apiVersion: v1
kind: Pod
metadata: {name: stubborn}
spec:
  containers:
  - {name: main, command: [sh, -c, "trap '' TERM; echo deaf; while :; do sleep 1; done"]}
"""
# "POD ADDRESS PORT" a line.
SLICES = ("{range .items[*]}{range .endpoints[*]}{.targetRef.name} {.addresses[0]} {end}{.ports[0].port}{\"\\n\"}{end}")


@unittest.skipIf(kubectl_missing(), kubectl_missing())
class Stopping(unittest.TestCase):
    def setUp(self):
        self.troupe = Troupe()
        self.addCleanup(self.troupe.remove)
        self.addCleanup(self.troupe.stop)

    def run_pod(self, number):
        self.troupe.apply(POD.format(marker=marker(number)))
        self.troupe.wait("pod/stays", "condition=Ready")
        pids = with_marker(marker(number))
        self.assertEqual(len(pids), 1)
        return pids[0]

    def test_down_stops_the_workloads_then_itself(self):
        self.troupe.start()
        pid, kernel = self.run_pod(301), self.troupe.kernel_pid()
        subprocess.run([TROUPE, "down", "--data-dir", str(self.troupe.data)], check=True, timeout=DEADLINE)
        self.assertEqual(self.troupe.stop(), 0)
        for ended in (pid, kernel, self.troupe.process.pid):
            self.assertFalse(Path(f"/proc/{ended}").exists(), ended)

    def test_down_names_the_container_that_ignores_its_end(self):
        self.troupe.start()
        self.troupe.apply(STUBBORN)
        wait_until(lambda: "deaf" in self.troupe.kubectl("logs", "stubborn", check=False).stdout, "it ignores SIGTERM")
        down = subprocess.Popen([TROUPE, "down", "--data-dir", str(self.troupe.data)], stderr=subprocess.PIPE)
        self.addCleanup(down.wait)
        self.addCleanup(down.kill)
        self.assertTrue(select.select([down.stderr], [], [], DEADLINE)[0])
        self.assertRegex(down.stderr.readline(), rb"^troupe down: waiting for default/stubborn/main: \d+ s\n$")
        self.troupe.process.send_signal(signal.SIGTERM)  # asked a second time, it gives no more grace
        down.communicate(timeout=DEADLINE)
        self.assertEqual(down.returncode, 0)
        self.assertEqual(self.troupe.stop(), 0)

    def test_an_interrupt_does_as_down(self):
        self.troupe.start()
        pid, kernel = self.run_pod(302), self.troupe.kernel_pid()
        self.troupe.process.send_signal(signal.SIGINT)
        self.assertEqual(self.troupe.process.wait(DEADLINE), 0)
        for ended in (pid, kernel):
            self.assertFalse(Path(f"/proc/{ended}").exists(), ended)

    def test_kept_workloads_are_taken_up_by_the_next_start(self):
        self.troupe.start("--keep-workloads")
        pid = self.run_pod(303)
        self.assertEqual(self.troupe.stop(), 0)
        self.assertEqual(with_marker(marker(303)), [pid])
        self.troupe.start()
        self.troupe.wait("pod/stays", "condition=Ready")
        self.assertEqual(with_marker(marker(303)), [pid])
        self.assertEqual(self.troupe.jsonpath("pod/stays", "{.status.containerStatuses[0].restartCount}"), "0")
        self.assertEqual(self.troupe.stop(), 0)
        wait_for_end(pid)

    def test_an_upgrade_of_the_keeper_touches_no_workload(self):
        self.troupe.start()
        pid, kernel = self.run_pod(305), self.troupe.kernel_pid()
        for _ in range(2):
            done = subprocess.run([TROUPE, "keeper-upgrade", "--data-dir", str(self.troupe.data)], capture_output=True,
                                  text=True, timeout=DEADLINE)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"keeper process {self.troupe.process.pid} ", done.stdout)
        # A command needs the kernel to have found the keeper again: until then it is refused.
        wait_until(lambda: self.troupe.execute("stays", "echo", "said", check=False) == "said\n", "a command in the pod")
        self.assertEqual(with_marker(marker(305)), [pid])
        self.assertEqual(self.troupe.kernel_pid(), kernel)
        status = "{.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].lastState} {.status.phase}"
        self.assertEqual(self.troupe.jsonpath("pod/stays", status), "0 {} Running")
        # An end is still seen, with its status.
        os.kill(pid, signal.SIGTERM)
        self.troupe.wait("pod/stays", "jsonpath={.status.containerStatuses[0].restartCount}=1")
        self.assertEqual(self.troupe.jsonpath("pod/stays", "{.status.containerStatuses[0].lastState.terminated.exitCode}"),
                         "143")
        self.assertEqual(self.troupe.stop(), 0)
        wait_for_end(kernel)

    def test_a_killed_keeper_is_replaced_and_no_workload_notices(self):
        self.troupe.start()
        pid, kernel = self.run_pod(306), self.troupe.kernel_pid()
        down = [TROUPE, "down", "--data-dir", str(self.troupe.data)]
        self.addCleanup(subprocess.run, down, capture_output=True, timeout=DEADLINE)
        self.troupe.process.kill()
        self.troupe.process.wait(DEADLINE)
        # A command needs a keeper: until the kernel has another one it is refused.
        wait_until(lambda: self.troupe.execute("stays", "echo", "said", check=False) == "said\n", "a command in the pod")
        self.assertEqual(with_marker(marker(306)), [pid])
        self.assertIn("kernel", command_line(kernel), "the same kernel")
        wait_until(lambda: "KeeperRestarted" in self.troupe.kubectl("get", "events").stdout, "the event KeeperRestarted")
        told = self.troupe.kubectl("describe", "nodes").stdout
        for reason in ("NodeReady", "KeeperRestarted"):
            self.assertIn(reason, told)
        # An end is seen by the new one, and told to be what it was: restarted.
        os.kill(pid, signal.SIGKILL)
        self.troupe.wait("pod/stays", "jsonpath={.status.containerStatuses[0].restartCount}=1")
        self.assertEqual(self.troupe.jsonpath("pod/stays", "{.status.containerStatuses[0].lastState.terminated.exitCode}"),
                         "137")
        subprocess.run(down, check=True, timeout=DEADLINE)
        wait_for_end(kernel)
        self.assertEqual(with_marker(marker(306)), [])

    def test_a_crash_of_the_kernel_is_told_with_its_last_words(self):
        self.troupe.start()
        pid = self.run_pod(304)
        os.kill(self.troupe.kernel_pid(), signal.SIGSEGV)
        self.troupe.wait_for_line("ready")
        status = subprocess.run([TROUPE, "status", "--data-dir", str(self.troupe.data)], capture_output=True, text=True,
                                timeout=DEADLINE).stdout
        self.assertIn("was killed by signal 11: invalid memory reference", status)
        def told():
            events = self.troupe.kubectl("get", "events").stdout
            return "KernelRestarted" in events and "was killed by signal 11: invalid memory reference" in events
        wait_until(told, "the event KernelRestarted")
        self.assertEqual(with_marker(marker(304)), [pid])

    def test_endpoints_outlive_the_kernel(self):
        self.troupe.start()
        self.troupe.kubectl("apply", "-f", str(EXAMPLE))
        self.troupe.kubectl("rollout", "status", "deployment/web", f"--timeout={DEADLINE}s")
        self.troupe.wait("endpoints/web", "jsonpath={.subsets[2].addresses[0].ip}")
        before = self.slices()
        self.assertEqual(len(before), 3)
        os.kill(self.troupe.kernel_pid(), signal.SIGKILL)
        self.troupe.wait_for_line("ready")
        self.troupe.kubectl("rollout", "status", "deployment/web", f"--timeout={DEADLINE}s")
        # Another object's endpoints come after those of ours that a hasty start would have written.
        self.troupe.kubectl("create", "service", "clusterip", "after", "--tcp=80:80", "--clusterip=None")
        self.troupe.wait("endpoints/after", "jsonpath={.metadata.uid}")
        self.assertEqual(self.slices(), before)

    def slices(self):
        return sorted(self.troupe.jsonpath("endpointslices -l kubernetes.io/service-name=web", SLICES).splitlines())


if __name__ == "__main__":
    unittest.main(verbosity=2)
