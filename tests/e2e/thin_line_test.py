"""kubectl applies a Pod, a process runs, it is killed and comes back; the kernel is killed and nothing stops."""

import os
import signal
import unittest
from pathlib import Path

from harness import Troupe, TroupeCase, kubectl_missing, marker, wait_for_end, with_marker


def pod(name, number, **spec):
    extra = "".join(f"  {key}: {value}\n" for key, value in spec.items())
    return f"""
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  labels: {{app: {name}}}
spec:
{extra}  terminationGracePeriodSeconds: 2
  containers:
  - name: main
    command: ["/bin/sh", "-c", "exec sleep {marker(number)}"]
"""


class PodsRunAsProcesses(TroupeCase):
    def start_pod(self, name, number):
        self.troupe.apply(pod(name, number))
        self.troupe.wait(f"pod/{name}", "condition=Ready")
        running = with_marker(marker(number))
        self.assertEqual(len(running), 1, running)
        return running[0]

    def restarts(self, name):
        return self.troupe.jsonpath(f"pod {name}", "{.status.containerStatuses[0].restartCount}")

    def test_an_applied_pod_is_a_real_process(self):
        self.start_pod("alive", 1101)
        self.assertIn("Running", self.troupe.kubectl("get", "pod", "alive").stdout)

    def test_a_process_killed_with_signal_9_comes_back(self):
        first = self.start_pod("phoenix", 1102)
        os.kill(first, signal.SIGKILL)
        self.troupe.wait("pod/phoenix", "jsonpath={.status.containerStatuses[0].restartCount}=1")
        self.troupe.wait("pod/phoenix", "condition=Ready")
        second = with_marker(marker(1102))
        self.assertEqual(len(second), 1)
        self.assertNotEqual(second[0], first)
        state = "{.status.containerStatuses[0].lastState.terminated.exitCode}"
        self.assertEqual(self.troupe.jsonpath("pod phoenix", state), "137")

    def test_a_deleted_pod_leaves_no_process(self):
        process = self.start_pod("goner", 1103)
        self.troupe.kubectl("delete", "pod", "goner")
        wait_for_end(process)
        gone = self.troupe.kubectl("get", "pod", "goner", check=False)
        self.assertIn("NotFound", gone.stderr)

    def test_a_killed_kernel_comes_back_and_no_workload_stops(self):
        process = self.start_pod("steady", 1104)
        kernel = self.troupe.kernel_pid()
        os.kill(kernel, signal.SIGKILL)
        wait_for_end(kernel)
        self.troupe.wait_for_line("ready")
        self.troupe.wait("pod/steady", "condition=Ready")
        self.assertEqual(with_marker(marker(1104)), [process])
        self.assertEqual(self.restarts("steady"), "0")

    def test_describe_names_what_failed(self):
        self.troupe.apply(pod("broken", 1105).replace("/bin/sh", "/no/such/program"))
        self.troupe.wait("pod/broken", "jsonpath={.status.containerStatuses[0].state.waiting}")
        described = self.troupe.kubectl("describe", "pod", "broken").stdout
        self.assertIn("/no/such/program", described)

    def test_the_kubeconfig_is_for_its_owner_only(self):
        self.assertEqual(Path(self.troupe.kubeconfig).stat().st_mode & 0o777, 0o600)


class StoppingAndStarting(unittest.TestCase):
    def setUp(self):
        if kubectl_missing():
            self.skipTest(kubectl_missing())

    def test_sigterm_stops_the_workloads_and_objects_are_there_at_the_next_start(self):
        troupe = Troupe()
        self.addCleanup(troupe.remove)
        troupe.listen = "127.0.0.1:0"
        troupe.start()
        self.addCleanup(troupe.stop)
        troupe.apply(pod("once", 1201))
        troupe.wait("pod/once", "condition=Ready")
        process = with_marker(marker(1201))[0]
        self.assertEqual(troupe.stop(), 0)
        wait_for_end(process)
        troupe.start()
        self.assertIn("once", troupe.kubectl("get", "pods").stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
