"""Volumes of real processes: emptyDir, configMap, secret, downwardAPI, projected, hostPath."""

import json
import os
import unittest
from pathlib import Path

from harness import TroupeCase, wait_until

POD = """
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: {name}, tier: front}}}}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 1
  volumes: {volumes}
  containers:
  - name: main
    command: [sh, -c, {script}]
    volumeMounts: {mounts}
    resources: {{limits: {{memory: 64Mi}}}}
"""


@unittest.skipUnless(os.geteuid() == 0, "mounts need root")
class Volumes(TroupeCase):
    def run_pod(self, name, script, volumes, mounts):
        self.troupe.apply(POD.format(name=name, script=json.dumps(script), volumes=json.dumps(volumes),
                                     mounts=json.dumps(mounts)))

    def output(self, name):
        self.troupe.wait(f"pod/{name}", "jsonpath={.status.phase}=Succeeded")
        return self.troupe.kubectl("logs", name).stdout

    def at(self, name):
        return str(self.troupe.home / "mnt" / name)

    def test_files_come_from_objects_and_from_the_pod(self):
        self.troupe.kubectl("create", "configmap", "settings", "--from-literal=mode=fast", "--from-literal=color=red")
        self.troupe.kubectl("create", "secret", "generic", "keys", "--from-literal=token=t0p")
        volumes = [{"name": "settings", "configMap": {"name": "settings"}},
                   {"name": "all", "projected": {"sources": [
                       {"secret": {"name": "keys", "items": [{"key": "token", "path": "deep/token", "mode": 0o400}]}},
                       {"downwardAPI": {"items": [
                           {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}},
                           {"path": "memory", "resourceFieldRef": {"containerName": "main",
                                                                   "resource": "limits.memory", "divisor": "1Mi"}}]}}]}}]
        script = (f"cat {self.at('s')}/mode; echo; ls {self.at('s')}; cat {self.at('a')}/deep/token; echo; "
                  f"stat -L -c %a {self.at('a')}/deep/token; cat {self.at('a')}/labels; echo; cat {self.at('a')}/memory;"
                  f" echo; touch {self.at('s')}/new 2>&1; true")
        self.run_pod("files", script, volumes, [{"name": "settings", "mountPath": self.at("s")},
                                                {"name": "all", "mountPath": self.at("a")}])
        lines = self.output("files").splitlines()
        self.assertEqual(lines[:8], ["fast", "color", "mode", "t0p", "400", 'app="files"', 'tier="front"', "64"])
        self.assertIn("Read-only file system", lines[8])

    def test_an_empty_folder_lasts_as_long_as_the_pod(self):
        self.run_pod("empty", f"echo one >> {self.at('e')}/x; cat {self.at('e')}/x",
                     [{"name": "e", "emptyDir": {}}], [{"name": "e", "mountPath": self.at("e")}])
        self.assertEqual(self.output("empty"), "one\n")
        uid = self.troupe.jsonpath("pod/empty", "{.metadata.uid}")
        folder = Path(self.troupe.data) / "pods" / "volumes" / uid
        self.assertEqual((folder / "e" / "x").read_text(), "one\n")
        self.troupe.kubectl("delete", "pod", "empty")
        wait_until(lambda: not folder.exists(), f"{folder} to go")

    def test_what_a_mount_lies_on_goes_with_the_last_pod_that_needs_it(self):
        place = Path("/") / f"troupe-e2e-{os.getpid()}"
        self.addCleanup(lambda: place.exists() and os.removedirs(place / "deep"))
        for name in ("lies", "lies-too"):
            self.run_pod(name, f"touch {place}/deep/seen; exec sleep 100000", [{"name": "e", "emptyDir": {}}],
                         [{"name": "e", "mountPath": f"{place}/deep"}])
            self.troupe.wait(f"pod/{name}", "condition=Ready")
        self.assertEqual(os.listdir(place / "deep"), [], "the node itself sees nothing in it")
        self.troupe.kubectl("delete", "pod", "lies")
        self.troupe.execute("lies-too", "touch", f"{place}/deep/more")
        self.assertIn("more", self.troupe.execute("lies-too", "ls", f"{place}/deep"))
        self.troupe.kubectl("delete", "pod", "lies-too")
        wait_until(lambda: not place.exists(), f"{place} is gone")

    def test_volumes_last_words_and_shared_memory_stay_writable_on_a_read_only_root(self):
        manifest = POD.format(name="hard", script=json.dumps(
            f"echo kept > {self.at('t')}/x && cat {self.at('t')}/x; echo x > /dev/shm/{self.id()} && echo shared; "
            f"rm -f /dev/shm/{self.id()}; touch {self.troupe.home}/no 2>&1; echo bye > /dev/termination-log"),
            volumes=json.dumps([{"name": "t", "emptyDir": {}}]),
            mounts=json.dumps([{"name": "t", "mountPath": self.at("t")}]))
        self.troupe.apply(manifest + "    securityContext: {readOnlyRootFilesystem: true}\n")
        lines = self.output("hard").splitlines()
        self.assertEqual(lines[:2], ["kept", "shared"])
        self.assertIn("Read-only file system", lines[2])
        self.assertEqual(self.troupe.jsonpath(
            "pod/hard", "{.status.containerStatuses[0].state.terminated.message}"), "bye\n")

    def test_volumes_lie_in_each_other_and_over_the_data_folder(self):
        self.troupe.kubectl("create", "configmap", "nested", "--from-literal=key=value")
        home = str(self.troupe.home)
        self.run_pod("nested", f"cat {home}/app/conf/key; echo; ls {home}; echo bye > /dev/termination-log",
                     [{"name": "c", "configMap": {"name": "nested"}}, {"name": "e", "emptyDir": {}},
                      {"name": "h", "emptyDir": {}}],
                     [{"name": "c", "mountPath": f"{home}/app/conf"}, {"name": "e", "mountPath": f"{home}/app"},
                      {"name": "h", "mountPath": home}])
        self.assertEqual(self.output("nested"), "value\napp\n")
        self.assertEqual(self.troupe.jsonpath(
            "pod/nested", "{.status.containerStatuses[0].state.terminated.message}"), "bye\n")

    def test_no_link_leads_a_sub_path_out_of_its_volume(self):
        outside = self.troupe.home / "outside"
        (self.troupe.home / "links").mkdir()
        outside.mkdir()
        (self.troupe.home / "links" / "evil").symlink_to(outside)
        self.run_pod("links", "true", [{"name": "h", "hostPath": {"path": str(self.troupe.home / "links")}}],
                     [{"name": "h", "mountPath": self.at("l"), "subPath": "evil/new"}])
        self.troupe.wait("pod/links", "jsonpath={.status.phase}=Failed")
        self.assertIn('subPath "evil/new" leaves the volume', self.troupe.jsonpath(
            "pod/links", "{.status.containerStatuses[0].state.terminated.message}"))
        self.assertEqual(list(outside.iterdir()), [])

    def test_a_folder_of_the_node_can_be_read_only_and_by_sub_path(self):
        (self.troupe.home / "host" / "sub").mkdir(parents=True)
        (self.troupe.home / "host" / "sub" / "file").write_text("there\n")
        self.run_pod("host", f"cat {self.at('h')}/file; touch {self.at('h')}/no 2>&1; true",
                     [{"name": "h", "hostPath": {"path": str(self.troupe.home / "host"), "type": "Directory"}}],
                     [{"name": "h", "mountPath": self.at("h"), "subPath": "sub", "readOnly": True}])
        text = self.output("host")
        self.assertIn("there\n", text)
        self.assertIn("Read-only file system", text)

    def test_what_is_missing_is_told_and_waited_for(self):
        self.run_pod("waits", f"cat {self.at('w')}/key", [{"name": "w", "configMap": {"name": "later"}}],
                     [{"name": "w", "mountPath": self.at("w")}])
        def told():
            text = self.troupe.kubectl("describe", "pod", "waits").stdout
            return ('MountVolume.SetUp failed for volume "w" : configmap "later" not found' in text
                    and "ContainerCreating" in text)
        wait_until(told, "the event FailedMount")
        self.troupe.kubectl("create", "configmap", "later", "--from-literal=key=value")
        self.assertEqual(self.output("waits"), "value")

    def in_pod(self, name, *command):
        return self.troupe.execute(name, *command, check=False)

    def test_files_follow_their_source_while_the_container_runs(self):
        self.troupe.kubectl("create", "configmap", "moving", "--from-literal=key=one", "--from-literal=old=x")
        self.troupe.kubectl("create", "secret", "generic", "moving", "--from-literal=word=first")
        self.run_pod("follows", "exec sleep 100000",
                     [{"name": "c", "configMap": {"name": "moving"}}, {"name": "s", "secret": {"secretName": "moving"}},
                      {"name": "d", "downwardAPI": {"items": [{"path": "labels",
                                                               "fieldRef": {"fieldPath": "metadata.labels"}}]}}],
                     [{"name": name, "mountPath": self.at("f" + name)} for name in "csd"])
        self.troupe.wait("pod/follows", "condition=Ready")
        self.assertEqual(self.in_pod("follows", "cat", self.at("fc/key"), self.at("fs/word")), "onefirst")
        self.troupe.kubectl("patch", "configmap", "moving", "--type=json", "-p", json.dumps(
            [{"op": "replace", "path": "/data", "value": {"key": "two", "new": "y"}}]))
        self.troupe.kubectl("patch", "secret", "moving", "-p", '{"stringData": {"word": "second"}}')
        self.troupe.kubectl("label", "pod", "follows", "extra=yes")
        want = "twosecond" + 'app="follows"\nextra="yes"\ntier="front"'
        wait_until(lambda: self.in_pod("follows", "cat", self.at("fc/key"), self.at("fs/word"),
                                       self.at("fd/labels")) == want, "the files are as their sources")
        self.assertEqual(self.in_pod("follows", "ls", self.at("fc")), "key\nnew\n")
        self.assertEqual(self.troupe.jsonpath("pod/follows", "{.status.containerStatuses[0].restartCount}"), "0")

    def test_an_empty_folder_in_memory_is_no_larger_than_its_limit(self):
        self.run_pod("memory", f"stat -f -c %T {self.at('m')}; head -c 300000 /dev/zero 2>&1 > {self.at('m')}/x; "
                               f"stat -c %s {self.at('m')}/x",
                     [{"name": "m", "emptyDir": {"medium": "Memory", "sizeLimit": "128Ki"}}],
                     [{"name": "m", "mountPath": self.at("m")}])
        lines = self.output("memory").splitlines()
        self.assertEqual((lines[0], lines[-1]), ("tmpfs", "131072"))
        self.assertIn("No space left on device", lines[1])
        uid = self.troupe.jsonpath("pod/memory", "{.metadata.uid}")
        self.troupe.kubectl("delete", "pod", "memory")
        # The object of a pod that has ended goes at once; the node tidies up behind it.
        wait_until(lambda: uid not in Path("/proc/self/mounts").read_text(), "nothing of the pod is mounted")

    def test_a_pod_that_fills_its_empty_folder_is_evicted(self):
        self.run_pod("greedy", f"head -c 300000 /dev/zero > {self.at('g')}/x; exec sleep 100000",
                     [{"name": "g", "emptyDir": {"sizeLimit": "128Ki"}}], [{"name": "g", "mountPath": self.at("g")}])
        self.troupe.wait("pod/greedy", "jsonpath={.status.reason}=Evicted")
        self.troupe.wait("pod/greedy", "jsonpath={.status.phase}=Failed")
        self.assertEqual(self.troupe.jsonpath("pod/greedy", "{.status.message}"),
                         'Usage of EmptyDir volume "g" exceeds the limit "128Ki". ')


if __name__ == "__main__":
    unittest.main(verbosity=2)
