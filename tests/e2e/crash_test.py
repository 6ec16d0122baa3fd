#!/usr/bin/env python3
"""`troupe crash`: actors of the kernel end as if they had thrown, supervisors start them again, workloads run on."""

import http.client
import re
import ssl
import subprocess
import unittest
import urllib.parse

from harness import DEADLINE, SLEEPERS, TROUPE, TroupeCase, marker, wait_for_end, wait_until, with_marker


class CrashTest(TroupeCase):
    def run_troupe(self, *words):
        return subprocess.run([TROUPE, *words, "--data-dir", str(self.troupe.data)], capture_output=True, text=True)

    def crash(self, actor):
        done = self.run_troupe("crash", actor)
        self.assertEqual((done.returncode, done.stderr), (0, ""), self.troupe.logs())
        return done.stdout

    def tree(self):
        done = self.run_troupe("tree")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def wait_for_line(self, pattern):
        """A crash is answered when the actor has ended: what comes instead may be starting yet, or have mail."""
        wait_until(lambda: re.search(pattern + "\n", self.tree()), pattern)

    def deploy(self, name, number):
        """Two replicas; answers what they are known by and their process ids."""
        seconds = marker(number)
        self.troupe.apply(SLEEPERS.format(name=name, replicas=2, marker=seconds))
        self.troupe.kubectl("rollout", "status", f"deployment/{name}", "--timeout=120s")
        return seconds, self.workloads(seconds)

    def workloads(self, seconds):
        return sorted(with_marker("sleep " + seconds))

    def test_a_crashed_pod_actor_leaves_its_workload_alone_and_says_why_it_ended(self):
        seconds, before = self.deploy("calm", 1)
        self.assertEqual(len(before), 2)
        pod, uid = self.troupe.jsonpath("pods -l app=calm", "{.items[0].metadata.name} {.items[0].metadata.uid}").split()
        self.assertEqual(self.crash(f"pod {uid}"), f"pod {uid} crashed\n")
        self.wait_for_line(rf"pod {uid}, 1 restart, last: error: crashed by request, default/{pod}")
        self.assertEqual(self.crash(f"pod default/{pod}"), f"pod {uid} crashed\n")
        self.wait_for_line(rf"pod {uid}, 2 restarts, last: error: crashed by request, default/{pod}")
        self.assertEqual(self.workloads(seconds), before, "the same processes")
        # The new actor is at work: it ends its pod's process, and the one that comes instead starts one.
        self.troupe.kubectl("delete", "pod", pod)
        wait_until(lambda: len(self.workloads(seconds)) == 2, "the pod that comes instead runs")
        self.assertEqual(len(set(self.workloads(seconds)) & set(before)), 1)

    def test_crashed_controllers_and_supervisors_come_back_and_go_on(self):
        seconds, before = self.deploy("ruled", 2)
        for actor in ("scheduler", "deployment-actors", "replicaset-waker", "root/control plane/workloads",
                      "garbage collector", "root/control plane/store", "node", "pods", "root/node half"):
            # It may just be starting again with one that crashed before it.
            wait_until(lambda: self.run_troupe("crash", actor).returncode == 0, f"{actor} is there, and crashes")
        for actor in ("scheduler", "root/control plane/workloads", "pods", "node"):
            wait_until(lambda: actor in {line_name(line) for line in self.tree().splitlines()}, f"{actor} is back")
        self.wait_for_line(r"root/node half \(one_for_all\), 1 restart, last: error: crashed by request")
        self.assertEqual(self.workloads(seconds), before, "the same processes")
        self.troupe.kubectl("scale", "deployment/ruled", "--replicas=3")
        self.troupe.kubectl("rollout", "status", "deployment/ruled", "--timeout=120s")
        self.assertTrue(set(before) < set(self.workloads(seconds)))

    def test_a_crashed_root_ends_the_kernel_alone_and_the_keeper_starts_another(self):
        seconds, before = self.deploy("rooted", 3)
        kernel = self.troupe.kernel_pid()
        self.run_troupe("crash", "root")  # its answer may be lost with the kernel
        wait_for_end(kernel)
        wait_until(lambda: self.run_troupe("status").returncode == 0, "the next kernel answers")
        self.assertNotEqual(self.troupe.kernel_pid(), kernel)
        self.assertIn("1 restart", self.run_troupe("status").stdout)
        self.troupe.kubectl("rollout", "status", "deployment/rooted", "--timeout=120s")
        self.assertEqual(self.workloads(seconds), before, "the same processes")

    def test_what_cannot_crash_is_an_error_that_says_what_to_do(self):
        for actor, words in (("nobody", "no actor is named \"nobody\": `troupe tree` shows those that live"),
                             ("pod default/nobody", "no actor is named \"pod default/nobody\""),
                             ("", "name the actor, as `troupe tree` shows it")):
            done = self.run_troupe("crash", actor)
            self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
            self.assertIn("troupe crash: " + words, done.stderr)
        self.assertEqual(self.run_troupe("crash").returncode, 2)
        nowhere = subprocess.run([TROUPE, "crash", "--data-dir", str(self.troupe.home / "nowhere"), "scheduler"],
                                 capture_output=True, text=True)
        self.assertEqual(nowhere.returncode, 1)
        self.assertIn("no Troupe has run in", nowhere.stderr)

    def test_only_an_administrator_may(self):
        server = urllib.parse.urlsplit(self.troupe.kubectl("config", "view", "--raw", "-o",
                                                           "jsonpath={.clusters[0].cluster.server}").stdout)
        before = self.tree()
        for headers in ({}, {"Authorization": "Bearer guessed"}):
            connection = http.client.HTTPSConnection(server.hostname, server.port, timeout=DEADLINE,
                                                     context=ssl._create_unverified_context())
            connection.request("POST", "/troupe/crash", "scheduler", headers)
            self.assertEqual(connection.getresponse().status, 401)
            connection.close()
        restarts = r"scheduler.*"
        self.assertEqual(re.findall(restarts, self.tree()), re.findall(restarts, before), "nothing crashed")


def line_name(line):
    """The actor's name of a line of `troupe tree`."""
    return re.split(r", | \(", re.sub(r"^[│├└─ ]*", "", line))[0]


if __name__ == "__main__":
    unittest.main()
