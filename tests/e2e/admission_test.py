"""kubectl shows what is wrong with an object, what a cluster gives to one, and what one may do, in Kubernetes' words."""

import json
import unittest

from harness import TroupeCase

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: x}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{a: b}}}}
  template:
    metadata: {{labels: {{a: {label}}}}}
    spec: {{containers: [{{name: c, image: i}}]}}
"""

SERVICE = """
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec:
  {more}
  ports: [{{port: 80}}]
"""


class WhatIsWrongIsSaid(TroupeCase):
    def refused(self, manifest, verb="create"):
        answer = self.troupe.kubectl(verb, "--validate=false", "-f", "-", stdin=manifest, check=False)
        self.assertEqual(answer.returncode, 1, answer.stdout)
        return answer.stderr.strip()

    def test_a_deployment(self):
        self.assertEqual(
            self.refused(DEPLOYMENT.format(replicas=-1, label="b")),
            'The Deployment "x" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0')
        wrong = self.refused(DEPLOYMENT.format(replicas=-1, label="c"), "apply")
        self.assertIn('The Deployment "x" is invalid: \n', wrong)
        self.assertIn("* spec.replicas: Invalid value: -1: must be greater than or equal to 0", wrong)
        self.assertIn('* spec.template.metadata.labels: Invalid value: {"a":"c"}: '
                      "`selector` does not match template `labels`", wrong)

    def test_a_pod(self):
        self.assertEqual(
            self.refused("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
                         "spec: {restartPolicy: Odd, containers: [{name: a}]}\n"),
            'The Pod "p" is invalid: spec.restartPolicy: Unsupported value: "Odd": supported values: "Always", '
            '"OnFailure", "Never"')

    def test_a_namespace_that_is_not_there(self):
        answer = self.troupe.kubectl("create", "configmap", "m", "-n", "nowhere", check=False)
        self.assertEqual(answer.stderr.strip(),
                         'error: failed to create configmap: namespaces "nowhere" not found')

    def test_what_may_not_change(self):
        self.troupe.kubectl("create", "secret", "generic", "fixed", "--from-literal=k=v")
        answer = self.troupe.kubectl("patch", "secret", "fixed", "-p", '{"type":"other"}', check=False)
        self.assertEqual(answer.stderr.strip(),
                         'The Secret "fixed" is invalid: type: Invalid value: "other": field is immutable')


class WhatAClusterGives(TroupeCase):
    def test_addresses_and_ports(self):
        self.troupe.apply(SERVICE.format(name="s", more="type: NodePort"))
        spec = json.loads(self.troupe.kubectl("get", "service", "s", "-o", "json").stdout)["spec"]
        self.assertTrue(spec["clusterIP"].startswith("10.96."), spec)
        self.assertTrue(30000 <= spec["ports"][0]["nodePort"] <= 32767, spec)
        taken = self.troupe.kubectl("create", "service", "clusterip", "t", "--tcp=80", "--clusterip=" + spec["clusterIP"],
                                    check=False)
        self.assertIn("provided IP is already allocated", taken.stderr)
        self.troupe.kubectl("delete", "service", "s")
        self.troupe.kubectl("create", "service", "clusterip", "t", "--tcp=80", "--clusterip=" + spec["clusterIP"])

    def test_a_quota_is_kept(self):
        self.troupe.kubectl("create", "namespace", "small")
        self.troupe.kubectl("create", "quota", "q", "--hard=configmaps=3", "-n", "small")
        made = [self.troupe.kubectl("create", "configmap", f"m{i}", "-n", "small", check=False) for i in range(5)]
        refused = [answer.stderr for answer in made if answer.returncode != 0]
        self.assertTrue(refused)
        self.assertIn("is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=3, "
                      "limited: configmaps=3", refused[0])


class WhatOneMayDo(TroupeCase):
    def test_auth(self):
        self.assertEqual(self.troupe.kubectl("auth", "can-i", "create", "pods").stdout.strip(), "yes")
        self.assertIn("system:masters", self.troupe.kubectl("auth", "whoami").stdout)
        self.assertIn("*.*", self.troupe.kubectl("auth", "can-i", "--list").stdout)
        other = self.troupe.kubectl("create", "--validate=false", "-f", "-", "-o", "jsonpath={.status.allowed}", stdin=json.dumps({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
            "spec": {"user": "u", "resourceAttributes": {"verb": "get", "resource": "pods"}}}))
        self.assertEqual(other.stdout, "false")


if __name__ == "__main__":
    unittest.main()
