"""What a pod's author can ask of the node: probes, logs, variables, hooks, last words; and what he is told when it fails."""

import json
import os
import signal
import socket
import subprocess
import time
import unittest
from pathlib import Path

from harness import DEADLINE, TROUPE, Troupe, TroupeCase, kubectl_missing, marker, wait_for_end, with_marker


def pod(name, script, container="", spec="", annotations=""):
    return f"""
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  annotations: {{{annotations}}}
spec:
  terminationGracePeriodSeconds: 2
{spec}
  containers:
  - name: main
    command: ["/bin/sh", "-c", {script!r}]
{container}
"""


class Pods(TroupeCase):
    def state(self, name, path):
        return self.troupe.jsonpath(f"pod {name}", "{.status.containerStatuses[0]." + path + "}")

    def until(self, what, condition):
        """Asks the server until the condition holds; the server's own watch is what most tests use instead."""
        end = time.monotonic() + DEADLINE
        while True:
            value = what()
            if condition(value):
                return value
            if time.monotonic() > end:
                raise AssertionError(f"never came; last: {value!r}\n{self.troupe.logs()}")

    def wait_state(self, name, path, value):
        self.troupe.wait(f"pod/{name}", "jsonpath={.status.containerStatuses[0]." + path + "}=" + value)

    def test_a_pod_with_a_sidecar_is_shown_running_and_counts_it(self):
        sidecar = """  initContainers:
  - name: side
    restartPolicy: Always
    command: ["/bin/sh", "-c", "exec sleep 100000"]
  - name: first
    command: ["/bin/true"]"""
        self.troupe.apply(pod("aside", "exec sleep 100000", spec=sidecar))
        self.troupe.wait("pod/aside", "condition=Ready")
        self.assertEqual(self.troupe.kubectl("get", "pod", "aside", "--no-headers").stdout.split()[:4],
                         ["aside", "2/2", "Running", "0"])

    def test_logs_show_what_was_said(self):
        self.troupe.apply(pod("talk", "echo one; echo two; echo three; exec sleep 100000"))
        self.until(lambda: self.troupe.kubectl("logs", "talk", check=False).stdout, lambda t: t == "one\ntwo\nthree\n")
        self.assertEqual(self.troupe.kubectl("logs", "talk", "--tail=1").stdout, "three\n")
        self.assertEqual(self.troupe.kubectl("logs", "talk", "--limit-bytes=5").stdout, "one\nt")
        self.assertEqual(self.troupe.kubectl("logs", "talk", "--since-time=2100-01-01T00:00:00Z").stdout, "")
        self.assertEqual(self.troupe.kubectl("logs", "talk", "--since=1h").stdout, "one\ntwo\nthree\n")
        self.assertRegex(self.troupe.kubectl("logs", "talk", "--timestamps", "--tail=1").stdout,
                         r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z three\n$")
        self.troupe.apply(pod("moan", "echo bad >&2; exec sleep 100000"))
        self.until(lambda: self.troupe.kubectl("logs", "moan", check=False).stdout, lambda t: t == "bad\n")
        none = self.troupe.kubectl("logs", "talk", "-c", "nobody", check=False)
        self.assertIn("container nobody is not valid for pod talk", none.stderr)
        before = self.troupe.kubectl("logs", "talk", "--previous", check=False)
        self.assertIn('previous terminated container "main" in pod "talk" not found', before.stderr)

    def test_a_follower_sees_lines_as_they_come_and_ends_with_the_container(self):
        fifo = self.troupe.home / "follow.fifo"
        os.mkfifo(fifo)
        self.troupe.apply(pod("follow", f"echo begin; while read line; do echo $line; done < {fifo}",
                              spec="  restartPolicy: Never"))
        self.troupe.wait("pod/follow", "condition=Ready")
        reader = subprocess.Popen(["kubectl", "logs", "-f", "follow"], stdout=subprocess.PIPE, text=True,
                                  env=self.troupe.environment())
        with open(fifo, "w") as lines:
            self.assertEqual(reader.stdout.readline(), "begin\n")
            lines.write("hello\n")
            lines.flush()
            self.assertEqual(reader.stdout.readline(), "hello\n")
        self.assertEqual(reader.stdout.read(), "")
        self.assertEqual(reader.wait(DEADLINE), 0)
        reader.stdout.close()

    def test_the_run_before_is_read_with_previous(self):
        mark = self.troupe.home / "second"
        self.troupe.apply(pod("again", f"test -e {mark} && {{ echo second; exec sleep 100000; }}; touch {mark}; "
                                       "echo first; exit 1"))
        self.wait_state("again", "restartCount", "1")
        self.troupe.wait("pod/again", "condition=Ready")
        self.assertEqual(self.troupe.kubectl("logs", "again", "--previous").stdout, "first\n")
        self.until(lambda: self.troupe.kubectl("logs", "again").stdout, lambda t: t == "second\n")

    def test_variables_come_from_config_maps_and_secrets_when_they_are_there(self):
        self.troupe.apply(pod("vars", "echo $A $B $P_x $NODE $CPU; exec sleep 100000", container="""
    resources: {limits: {cpu: 1500m}}
    envFrom: [{configMapRef: {name: settings}, prefix: P_}]
    env:
    - {name: A, valueFrom: {configMapKeyRef: {name: settings, key: x}}}
    - {name: B, valueFrom: {secretKeyRef: {name: password, key: word}}}
    - {name: NODE, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1m}}}
"""))
        self.wait_state("vars", "state.waiting.reason", "CreateContainerConfigError")
        self.assertEqual(self.state("vars", "state.waiting.message"), 'configmap "settings" not found')
        self.troupe.kubectl("create", "configmap", "settings", "--from-literal=x=one")
        self.troupe.kubectl("create", "secret", "generic", "password", "--from-literal=word=two")
        self.troupe.wait("pod/vars", "condition=Ready")
        self.until(lambda: self.troupe.kubectl("logs", "vars").stdout, lambda t: t == "one two one vars 1500\n")

    def test_readiness_follows_its_probe_and_liveness_restarts(self):
        ready, alive = self.troupe.home / "ready", self.troupe.home / "alive"
        alive.touch()
        self.troupe.apply(pod("probed", "exec sleep 100000", annotations='troupe.dev/probe-period-ms: "readiness=50,liveness=50"',
                              container=f"""
    readinessProbe: {{exec: {{command: ["/bin/test", "-e", "{ready}"]}}}}
    livenessProbe: {{exec: {{command: ["/bin/test", "-e", "{alive}"]}}, failureThreshold: 2}}
"""))
        self.wait_state("probed", "started", "true")
        self.assertEqual(self.state("probed", "ready"), "false")
        ready.touch()
        self.troupe.wait("pod/probed", "condition=Ready")
        ready.unlink()
        self.troupe.wait("pod/probed", "condition=Ready=false")
        alive.unlink()
        self.until(lambda: self.state("probed", "restartCount"), lambda count: count != "0")
        alive.touch()
        self.until(lambda: self.troupe.kubectl("get", "events", "--field-selector", "involvedObject.name=probed").stdout,
                   lambda text: "Unhealthy" in text
                   and "Container main failed liveness probe, will be restarted" in text)

    def test_http_and_tcp_probes_reach_a_port_of_the_pods_own(self):
        self.troupe.apply(pod("web", "exec python3 -m http.server $PORT",
                              annotations='troupe.dev/ports: own, troupe.dev/probe-period-ms: "readiness=100,startup=100"',
                              container="""
    ports: [{name: web, containerPort: 80}]
    startupProbe: {tcpSocket: {port: web}, failureThreshold: 600}
    readinessProbe: {httpGet: {port: 80, path: /}}
"""))
        self.troupe.wait("pod/web", "condition=Ready")
        self.assertEqual(self.state("web", "restartCount"), "0")

    def test_a_probe_asks_no_server_that_is_not_the_pods_own(self):
        stranger = socket.socket()
        self.addCleanup(stranger.close)
        stranger.bind(("0.0.0.0", 0))
        stranger.listen()
        stranger.setblocking(False)
        self.troupe.apply(pod("robbed", "exec sleep 100000", annotations='troupe.dev/probe-period-ms: "readiness=100"',
                              container=f"""
    readinessProbe: {{tcpSocket: {{port: {stranger.getsockname()[1]}}}}}
"""))
        told = self.until(lambda: self.troupe.kubectl("get", "events", "-o", "jsonpath={.items[*].message}",
                                                      "--field-selector=involvedObject.name=robbed").stdout,
                          lambda text: "Readiness probe failed" in text)
        self.assertIn("a process that is not the pod's own listens there", told)
        with self.assertRaises(BlockingIOError):
            stranger.accept()

    def test_three_servers_of_one_port_share_a_node(self):
        for number in "123":
            self.troupe.apply(pod(f"same-{number}", "exec sleep 100000", annotations="troupe.dev/ports: own",
                                  container="    ports: [{containerPort: 8080}]"))
        for number in "123":
            self.troupe.wait(f"pod/same-{number}", "condition=Ready")

    def test_equal_host_ports_wait(self):
        ports = "    ports: [{containerPort: 18080, hostPort: 18080}]"
        self.troupe.apply(pod("host-1", "exec sleep 100000", container=ports))
        self.troupe.wait("pod/host-1", "condition=Ready")
        self.troupe.apply(pod("host-2", "exec sleep 100000", container=ports))
        self.troupe.wait("pod/host-2", "condition=PodScheduled=false")
        message = self.troupe.jsonpath("pod host-2", '{.status.conditions[?(@.type=="PodScheduled")].message}')
        self.assertIn("node(s) didn't have free ports for the requested pod ports", message)
        self.troupe.kubectl("delete", "pod", "host-1", "host-2", "--grace-period=1")

    def test_a_container_is_asked_to_end_by_its_own_signal(self):
        told = self.troupe.home / "told"
        script = f"trap 'echo usr1 > {told}; exit 0' USR1; trap 'echo term > {told}; exit 0' TERM; echo up; " \
                 "while :; do sleep 0.05; done"
        self.troupe.apply(pod("signalled", script, container="    lifecycle: {stopSignal: SIGUSR1}",
                              spec="  os: {name: linux}"))
        self.until(lambda: self.troupe.kubectl("logs", "signalled", check=False).stdout, lambda t: t == "up\n")
        self.assertEqual(self.state("signalled", "stopSignal"), "SIGUSR1")
        self.troupe.kubectl("delete", "pod", "signalled")
        self.assertEqual(told.read_text(), "usr1\n")

    def test_fields_that_nobody_acts_upon_are_told(self):
        self.troupe.apply(pod("ignored", "exec sleep 100000", spec="""  dnsConfig: {nameservers: [192.0.2.53]}
  securityContext: {seLinuxOptions: {level: s0}}"""))
        said = self.until(lambda: self.troupe.kubectl("describe", "pod", "ignored").stdout, lambda t: "FieldsIgnored" in t)
        self.assertIn("Troupe does not act on spec.dnsConfig, spec.securityContext.seLinuxOptions", said)

    @unittest.skipUnless(os.geteuid() == 0, "mounts need root")
    def test_host_aliases_stand_behind_the_hosts_of_the_node(self):
        self.troupe.apply(pod("aliased", "cat /etc/hosts", spec="""  restartPolicy: Never
  hostAliases: [{ip: 192.0.2.1, hostnames: [db, db.local]}]"""))
        self.troupe.wait("pod/aliased", "jsonpath={.status.phase}=Succeeded")
        hosts = Path("/etc/hosts")
        self.assertEqual(self.troupe.kubectl("logs", "aliased").stdout,
                         (hosts.read_text() if hosts.exists() else "")
                         + "\n# Entries added by HostAliases.\n192.0.2.1\tdb\tdb.local\n")

    @unittest.skipUnless(os.geteuid() == 0, "a host name needs a namespace")
    def test_a_pod_may_be_called_by_its_full_name(self):
        self.troupe.apply(pod("full", "hostname; echo $HOSTNAME", spec="""  restartPolicy: Never
  subdomain: shop
  setHostnameAsFQDN: true"""))
        self.troupe.wait("pod/full", "jsonpath={.status.phase}=Succeeded")
        name = "full.shop.default.svc.cluster.local"
        self.assertEqual(self.troupe.kubectl("logs", "full").stdout, f"{name}\n{name}\n")

    def test_hooks_run_after_the_start_and_before_the_end(self):
        begun, ended = self.troupe.home / "begun", self.troupe.home / "ended"
        manifest = pod("hooked", f"exec sleep {marker(501)}", container=f"""
    lifecycle:
      postStart: {{exec: {{command: ["/bin/touch", "{begun}"]}}}}
      preStop: {{exec: {{command: ["/bin/touch", "{ended}"]}}}}
""")
        self.troupe.apply(manifest.replace("PeriodSeconds: 2", "PeriodSeconds: 120"))  # the hook's time, on any machine
        self.troupe.wait("pod/hooked", "condition=Ready")
        self.until(begun.exists, bool)
        self.assertFalse(ended.exists())
        process = with_marker(marker(501))[0]
        self.troupe.kubectl("delete", "pod", "hooked")
        wait_for_end(process)
        self.assertTrue(ended.exists())

    def test_a_failed_post_start_hook_ends_the_container(self):
        self.troupe.apply(pod("unhooked", "exec sleep 100000", container="""
    lifecycle: {postStart: {exec: {command: ["/bin/false"]}}}
"""))
        self.until(lambda: self.troupe.kubectl("get", "events", "--field-selector",
                                               "involvedObject.name=unhooked").stdout,
                   lambda text: "FailedPostStartHook" in text)
        self.troupe.kubectl("delete", "pod", "unhooked", "--grace-period=1")

    def test_last_words_are_in_the_status(self):
        never = "  restartPolicy: Never"
        self.troupe.apply(pod("log-words", "echo gone wrong; exit 3", spec=never,
                              container="    terminationMessagePolicy: FallbackToLogsOnError"))
        self.wait_state("log-words", "state.terminated.exitCode", "3")
        self.assertEqual(self.state("log-words", "state.terminated.message"), "gone wrong\n")
        if os.geteuid() != 0:
            return
        self.troupe.apply(pod("file-words", "printf bye > /dev/termination-log; exit 4", spec=never))
        self.wait_state("file-words", "state.terminated.exitCode", "4")
        self.assertEqual(self.state("file-words", "state.terminated.message"), "bye")

    def test_what_cannot_start_says_why(self):
        cases = {"missing": (["/no/such"], "", "No such file or directory"),
                 "folder": (["/tmp"], "", "is a directory"),
                 "refused": (["/etc/passwd"], "", "Permission denied"),
                 "nowhere": (["/bin/true"], "workingDir: /no/such", "chdir to")}
        for name, (command, more, words) in cases.items():
            self.troupe.apply(f"""
apiVersion: v1
kind: Pod
metadata: {{name: bad-{name}}}
spec: {{containers: [{{name: main, command: {command}{', ' + more if more else ''}}}]}}
""")
        for name, (_, _, words) in cases.items():
            self.wait_state(f"bad-{name}", "lastState.terminated.reason", "StartError")
            self.assertIn(words, self.state(f"bad-{name}", "lastState.terminated.message"), name)
            self.assertEqual(self.state(f"bad-{name}", "lastState.terminated.exitCode"), "128")

    @unittest.skipUnless(os.geteuid() == 0, "namespaces need root")
    def test_a_pod_has_its_own_host_name_and_ipc_unless_it_asks_for_the_nodes(self):
        script = "cat /proc/sys/kernel/hostname; readlink /proc/self/ns/ipc; exec sleep 100000"
        self.troupe.apply(pod("named", script) + f"""
  - name: beside
    command: ["/bin/sh", "-c", {script!r}]
""")
        self.troupe.apply(pod("nodes", script, spec="  hostIPC: true\n  hostNetwork: true"))
        self.troupe.apply(pod("chosen", script, spec="  hostname: other"))
        said = {}
        for name, container in (("named", "main"), ("named", "beside"), ("nodes", "main"), ("chosen", "main")):
            said[name, container] = self.until(
                lambda n=name, c=container: self.troupe.kubectl("logs", n, "-c", c, check=False).stdout.split(),
                lambda words: len(words) == 2)
        self.assertEqual(said["named", "main"][0], "named")
        self.assertEqual(said["named", "main"], said["named", "beside"])
        self.assertEqual(said["nodes", "main"], [socket.gethostname(), os.readlink("/proc/self/ns/ipc")])
        self.assertNotEqual(said["named", "main"][1], os.readlink("/proc/self/ns/ipc"))
        self.assertEqual(said["chosen", "main"][0], "other")
        self.assertEqual(self.troupe.execute("named", "cat", "/proc/sys/kernel/hostname"), "named\n")

    @staticmethod
    def process_space(pid):
        """None: the process has ended, as others' do at any time."""
        try:
            return os.readlink(f"/proc/{pid}/ns/pid")
        except OSError:
            return None

    def processes_of(self, name, container):
        script = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
        return self.troupe.execute(f"{name} -c {container}", "sh", "-c", script)

    @unittest.skipUnless(os.geteuid() == 0, "namespaces need root")
    def test_containers_see_the_processes_that_their_pod_asks_for(self):
        main, beside = marker(502), marker(503)
        self.troupe.apply(pod("together", f"exec sleep {main}", spec="  shareProcessNamespace: true") + f"""
  - name: beside
    command: [sleep, "{beside}"]
""")
        self.troupe.apply(pod("everybody", "exec sleep 100000", spec="  hostPID: true"))
        self.troupe.apply(pod("alone", "echo $$$$; exec sleep 100000",
                              annotations="troupe.dev/pid-namespace: container"))
        for name in ("together", "everybody", "alone"):
            self.troupe.wait(f"pod/{name}", "condition=Ready")
        seen = self.processes_of("together", "beside")
        for word in ("troupe-init", f"sleep {main}", f"sleep {beside}"):
            self.assertIn(word, seen)
        self.assertNotIn("troupe-keeper", seen)
        self.assertIn("troupe-keeper", self.processes_of("everybody", "main"))
        self.until(lambda: self.troupe.kubectl("logs", "alone", check=False).stdout, lambda text: text == "1\n")
        self.assertNotIn(f"sleep {main}", self.processes_of("alone", "main"))
        # Who debugs the pod sees it too.
        self.troupe.kubectl("debug", "together", "--image=none", "--profile=general", "-c", "looker", "--", "cat",
                            "/proc/1/comm")
        self.until(lambda: self.troupe.kubectl("logs", "together", "-c", "looker", check=False).stdout,
                   lambda text: text == "troupe-init\n")

    @unittest.skipUnless(os.geteuid() == 0, "namespaces need root")
    def test_a_pod_whose_first_process_is_killed_starts_again(self):
        main, beside = marker(504), marker(505)
        self.troupe.apply(pod("headless", f"exec sleep {main}", spec="  shareProcessNamespace: true") + f"""
  - name: beside
    command: [sleep, "{beside}"]
""")
        self.troupe.wait("pod/headless", "condition=Ready")
        space = self.process_space(with_marker(main)[0])
        init = [pid for pid in with_marker("troupe-init") if self.process_space(pid) == space]
        self.assertEqual(len(init), 1)
        os.kill(init[0], signal.SIGKILL)
        for number in (0, 1):
            self.troupe.wait("pod/headless", "jsonpath={.status.containerStatuses[%d].restartCount}=1" % number)
        self.troupe.wait("pod/headless", "condition=Ready")
        self.assertEqual(self.troupe.jsonpath("pod headless", "{.status.containerStatuses[0].lastState.terminated.exitCode}"),
                         "137")
        seen = self.processes_of("headless", "main")
        for word in ("troupe-init", f"sleep {main}", f"sleep {beside}"):
            self.assertIn(word, seen)

    def test_a_megabyte_of_environment(self):
        self.troupe.kubectl("create", "configmap", "large", "--from-literal=word=" + "x" * 100_000)
        many = "".join(f"\n    - {{name: V{n}, valueFrom: {{configMapKeyRef: {{name: large, key: word}}}}}}"
                       for n in range(10))
        self.troupe.apply(pod("much", "env | grep -c xxx; exec sleep 100000", container=f"    env:{many}\n"))
        self.until(lambda: self.troupe.kubectl("logs", "much", check=False).stdout, lambda text: text == "10\n")
        # One variable may not be longer than 128 KiB: Linux' rule.
        self.troupe.apply(json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "larger"},
                                      "data": {"word": "x" * 131_072}}))
        self.troupe.apply(pod("too-much", "exec sleep 100000", container="""
    env: [{name: V, valueFrom: {configMapKeyRef: {name: larger, key: word}}}]
"""))
        self.wait_state("too-much", "lastState.terminated.reason", "StartError")
        self.assertIn("Argument list too long", self.state("too-much", "lastState.terminated.message"))

    @unittest.skipUnless(os.geteuid() == 0, "other users need root")
    def test_users_that_nobody_knows_and_root_that_is_not_wanted(self):
        never = "  restartPolicy: Never"
        self.troupe.apply(pod("stranger", "id -u; id -g", spec=never,
                              container="    securityContext: {runAsUser: 54321, runAsGroup: 54322}"))
        self.until(lambda: self.troupe.kubectl("logs", "stranger", check=False).stdout, lambda t: t == "54321\n54322\n")
        self.troupe.apply(pod("no-root", "id -u", spec=never, container="    securityContext: {runAsNonRoot: true}"))
        self.wait_state("no-root", "state.waiting.reason", "CreateContainerConfigError")
        self.assertIn("container has runAsNonRoot and image will run as root", self.state("no-root", "state.waiting.message"))

    def test_a_volume_that_is_not_there(self):
        mount = "    volumeMounts: [{name: gone, mountPath: /mnt/gone}]"
        done = self.troupe.kubectl("apply", "-f", "-", stdin=pod("undeclared", "true", container=mount), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn('spec.containers[0].volumeMounts[0].name: Not found: "gone"', done.stderr)
        self.troupe.apply(pod("claims", "true", container=mount,
                              spec="  volumes: [{name: gone, hostPath: {path: /no/such/folder, type: Directory}}]"))
        self.until(lambda: self.troupe.kubectl("describe", "pod", "claims").stdout, lambda text: "FailedMount" in text)
        self.assertIn("hostPath type check failed: /no/such/folder is not a directory",
                      self.troupe.kubectl("describe", "pod", "claims").stdout)
        self.wait_state("claims", "state.waiting.reason", "ContainerCreating")

    def test_a_deleted_node_comes_back(self):
        node = self.troupe.jsonpath("nodes", "{.items[0].metadata.name}")
        self.assertEqual(self.troupe.jsonpath(f"lease {node} -n kube-node-lease", "{.spec.holderIdentity}"), node)
        self.troupe.kubectl("delete", "node", node)
        self.until(lambda: self.troupe.kubectl("get", "node", node, check=False).returncode, lambda code: code == 0)
        self.troupe.wait(f"node/{node}", "condition=Ready")


class WrongStarts(unittest.TestCase):
    def setUp(self):
        if kubectl_missing():
            self.skipTest(kubectl_missing())

    def test_a_busy_port_ends_troupe_up_with_the_reason(self):
        troupe = Troupe()
        self.addCleanup(troupe.remove)
        with socket.create_server(("127.0.0.1", 0)) as busy:
            port = busy.getsockname()[1]
            done = subprocess.run([TROUPE, "up", "--data-dir", str(troupe.data), "--listen", f"127.0.0.1:{port}"],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(str(port), done.stderr)
        self.assertRegex(done.stderr, "(?i)in use")


if __name__ == "__main__":
    unittest.main(verbosity=2)
