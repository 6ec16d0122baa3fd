"""What binds the containers of a pod together, and gRPC probes: real processes, the real kubectl."""

import os
import signal
import unittest
from pathlib import Path

from harness import TroupeCase, marker, wait_until, with_marker

HEALTH = Path(__file__).parent / "grpc_health.py"


def group(name, containers, annotations="", spec=""):
    listed = "".join(f'\n  - {{name: {one}, command: ["/bin/sh", "-c", {script!r}]{more}}}'
                     for one, script, more in containers)
    return f"""
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  annotations: {{{annotations}}}
spec:
  terminationGracePeriodSeconds: 5
{spec}
  containers:{listed}
"""


class PodGroups(TroupeCase):
    def restarts(self, name, of="containerStatuses"):
        """By the containers' names."""
        lines = self.troupe.jsonpath(f"pod {name}", "{range .status." + of + "[*]}{.name}={.restartCount} {end}")
        return dict(pair.split("=") for pair in lines.split())

    def until_restarts(self, name, expected, of="containerStatuses"):
        wait_until(lambda: self.restarts(name, of) == expected, f"restart counts {expected} of {name}")

    def sleepers(self, first):
        return [(one, f"exec sleep {marker(first + index)}", "") for index, one in enumerate(("a", "b", "c"))]

    def kill(self, containers, name):
        pids = with_marker(dict((one, script) for one, script, _ in containers)[name].removeprefix("exec "))
        self.assertEqual(len(pids), 1, pids)
        os.kill(pids[0], signal.SIGKILL)

    def test_one_for_all_and_rest_for_one(self):
        for first, strategy, others in ((601, "one_for_all", {"a": "1", "b": "1", "c": "1"}),
                                        (611, "rest_for_one", {"a": "0", "b": "1", "c": "1"})):
            name = strategy.replace("_", "-")
            containers = self.sleepers(first)
            self.troupe.apply(group(name, containers, f"troupe.dev/restart-strategy: {strategy}"))
            self.troupe.wait(f"pod/{name}", "condition=Ready")
            self.kill(containers, "b")
            self.until_restarts(name, others)
            self.troupe.wait(f"pod/{name}", "condition=Ready")
            self.troupe.kubectl("delete", "pod", name)

    def test_a_strategy_that_is_none_is_told_by_an_event(self):
        self.troupe.apply(group("odd", [("main", "exec sleep 100000", "")], "troupe.dev/restart-strategy: all"))
        self.troupe.wait("pod/odd", "condition=Ready")

        def told():
            events = self.troupe.kubectl("get", "events", "--field-selector", "involvedObject.name=odd").stdout
            return 'unknown strategy "all"; known are one_for_one, one_for_all, rest_for_one' in events
        wait_until(told, "the event InvalidAnnotation")

    def test_an_exit_code_restarts_a_container_whose_policy_is_never(self):
        mark = self.troupe.home / "ruled"
        rule = ", restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]"
        script = f"test -e {mark} && exit 7; touch {mark}; exit 42"
        self.troupe.apply(group("ruled", [("main", script, rule)], spec="  restartPolicy: Never"))
        self.troupe.wait("pod/ruled", "jsonpath={.status.phase}=Failed")
        self.assertEqual(self.restarts("ruled"), {"main": "1"})
        self.assertEqual(self.troupe.jsonpath("pod ruled", "{.status.containerStatuses[0].state.terminated.exitCode}"), "7")

    def test_restart_all_containers_begins_with_the_init_containers(self):
        mark = self.troupe.home / "all"
        rule = (", restartPolicy: Never, restartPolicyRules: "
                "[{action: RestartAllContainers, exitCodes: {operator: In, values: [88]}}]")
        init = 'initContainers: [{name: init, command: ["/bin/true"]}]'
        watch = f"test -e {mark} && exec sleep 100000; touch {mark}; exit 88"
        self.troupe.apply(group("whole", [("watch", watch, rule), ("main", "exec sleep 100000", "")],
                                spec=f"  restartPolicy: Never\n  {init}"))
        self.until_restarts("whole", {"init": "1"}, "initContainerStatuses")
        self.troupe.wait("pod/whole", "condition=Ready")
        self.assertEqual(self.restarts("whole")["watch"], "1")

    def test_rules_without_a_policy_are_refused(self):
        rule = ", restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}]"
        bad = self.troupe.kubectl("apply", "-f", "-", stdin=group("bad", [("main", "exit 0", rule)]), check=False)
        self.assertIn("spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules "
                      "are used", bad.stderr)

    def test_a_grpc_probe_follows_what_the_service_says(self):
        healthy = self.troupe.home / "healthy"
        probe = ", ports: [{containerPort: 50051}], readinessProbe: {grpc: {port: 50051}, failureThreshold: 1}"
        notes = 'troupe.dev/ports: own, troupe.dev/probe-period-ms: "readiness=50"'
        self.troupe.apply(group("grpc", [("main", f"exec python3 {HEALTH} $PORT {healthy}", probe)], notes))

        def told():
            events = self.troupe.kubectl("get", "events", "--field-selector", "involvedObject.name=grpc").stdout
            return 'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")' in events
        wait_until(told, "the event Unhealthy")
        healthy.touch()
        self.troupe.wait("pod/grpc", "condition=Ready")
        healthy.unlink()
        self.troupe.wait("pod/grpc", "condition=Ready=false")
        self.assertEqual(self.restarts("grpc"), {"main": "0"})


if __name__ == "__main__":
    unittest.main()
