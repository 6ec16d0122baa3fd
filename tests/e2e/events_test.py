"""Events as kubectl and both APIs show them: a counter of their own, kept over a restart, 410 for a watch of before."""

import json
import unittest

from harness import DEADLINE, TroupeCase

EVENT = """apiVersion: events.k8s.io/v1
kind: Event
metadata: {name: made}
eventTime: "2026-01-01T00:00:00.000001Z"
reportingController: example.com/controller
reportingInstance: one
action: Acting
reason: Tested
regarding: {apiVersion: v1, kind: ConfigMap, namespace: default, name: kube-root-ca.crt}
note: something happened
type: Normal
"""


class Events(TroupeCase):
    def get(self, *words):
        return json.loads(self.troupe.kubectl("get", *words, "-o", "json").stdout)

    def raw(self, path):
        return self.troupe.kubectl("get", "--raw", path, check=False)

    def revision(self):
        return json.loads(self.raw("/api/v1/namespaces/default/events").stdout)["metadata"]["resourceVersion"]

    def test_both_apis_show_them_they_last_and_old_watches_are_told(self):
        other = int(self.get("configmap", "kube-root-ca.crt")["metadata"]["resourceVersion"])
        self.troupe.kubectl("create", "-f", "-", stdin=EVENT)
        core = self.get("events", "made")
        self.assertEqual(core["message"], "something happened")
        self.assertEqual(core["involvedObject"]["name"], "kube-root-ca.crt")
        self.assertGreater(int(core["metadata"]["resourceVersion"]), other + 10**12, "a counter of its own")
        self.troupe.kubectl("patch", "events.events.k8s.io", "made", "--type=merge", "-p",
                            '{"series":{"count":3,"lastObservedTime":"2026-01-01T00:00:05.000000Z"}}')
        self.assertEqual(self.get("events", "made")["series"]["count"], 3)
        shown = self.troupe.kubectl("events", "--for", "configmap/kube-root-ca.crt").stdout
        self.assertIn("something happened", shown)
        refused = self.troupe.kubectl("create", "-f", "-", stdin=EVENT.replace("action: Acting\n", "").replace("made", "other"),
                                      check=False)
        self.assertIn("action: Required value", refused.stderr)
        before = self.revision()
        self.troupe.stop()
        self.troupe.start()
        self.assertEqual(self.get("events", "made")["series"]["count"], 3, "it was written behind")
        old = self.raw(f"/api/v1/namespaces/default/events?watch=1&timeoutSeconds=30&resourceVersion={before}")
        self.assertIn('"code":410', old.stdout + old.stderr)
        now = self.revision()
        self.assertGreater(int(now), int(before))
        fine = self.raw(f"/api/v1/namespaces/default/events?watch=1&timeoutSeconds=1&resourceVersion={now}")
        self.assertEqual(fine.returncode, 0, fine.stderr)

    def test_those_of_a_namespace_go_with_it(self):
        self.troupe.kubectl("create", "namespace", "short")
        self.troupe.kubectl("create", "-n", "short", "-f", "-", stdin=EVENT.replace("namespace: default", "namespace: short"))
        self.troupe.kubectl("delete", "namespace", "short")
        self.troupe.kubectl("wait", "--for=delete", "-n", "short", "events/made", f"--timeout={DEADLINE}s")
        names = [item["metadata"]["namespace"] for item in self.get("events", "-A")["items"]]
        self.assertNotIn("short", names)


if __name__ == "__main__":
    unittest.main()
