"""Custom kinds with the real kubectl: from the definition to its end, over a restart."""

import json
import subprocess
import unittest

from harness import DEADLINE, TroupeCase

DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: {plural}.stable.example.com
spec:
  group: stable.example.com
  scope: Namespaced
  names: {{plural: {plural}, singular: {singular}, kind: {kind}, shortNames: [{short}], categories: [{plural}-all]}}
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {{}}
      scale: {{specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.selector}}
    additionalPrinterColumns:
    - {{name: Spec, type: string, jsonPath: .spec.cronSpec, description: The cron spec}}
    - {{name: Replicas, type: integer, jsonPath: .spec.replicas}}
    - {{name: Age, type: date, jsonPath: .metadata.creationTimestamp}}
    schema:
      openAPIV3Schema:
        type: object
        description: Runs something now and then.
        properties:
          spec:
            type: object
            required: [cronSpec]
            properties:
              cronSpec: {{type: string, pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){{4}}$', description: When it runs.}}
              image: {{type: string, default: busybox}}
              replicas: {{type: integer, minimum: 1, maximum: 10}}
              ports:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [port, protocol]
                items:
                  type: object
                  required: [port]
                  properties:
                    port: {{type: integer}}
                    protocol: {{type: string, default: TCP}}
                    name: {{type: string}}
              any: {{type: object, x-kubernetes-preserve-unknown-fields: true}}
          status:
            type: object
            properties:
              replicas: {{type: integer}}
              selector: {{type: string}}
"""


def definition(singular):
    return DEFINITION.format(plural=singular + "s", singular=singular, kind=singular.capitalize(), short=singular[:3] + "x")


def thing(kind, name, spec):
    return f"apiVersion: stable.example.com/v1\nkind: {kind.capitalize()}\nmetadata: {{name: {name}}}\nspec: {spec}\n"


class CustomResources(TroupeCase):
    def define(self, singular):
        self.troupe.apply(definition(singular))
        self.troupe.wait(f"crd {singular}s.stable.example.com", "condition=Established")

    def test_a_kind_is_served_shown_and_explained(self):
        self.define("crontab")
        self.assertEqual(self.troupe.apply(thing("crontab", "a", '{cronSpec: "* * * * */5", replicas: 2}')),
                         "crontab.stable.example.com/a created\n")
        lines = self.troupe.kubectl("get", "crontab").stdout.splitlines()
        self.assertEqual(lines[0].split(), ["NAME", "SPEC", "REPLICAS", "AGE"])
        self.assertEqual(lines[1].split()[:7], ["a", "*", "*", "*", "*", "*/5", "2"])
        self.assertEqual(self.troupe.kubectl("get", "crox", "-o", "name").stdout, "crontab.stable.example.com/a\n")
        self.assertEqual(self.troupe.kubectl("get", "crontabs-all", "-o", "name").stdout, "crontab.stable.example.com/a\n")
        self.assertEqual(self.troupe.jsonpath("crontab a", "{.spec.image}"), "busybox")
        self.assertIn("crontabs", self.troupe.kubectl("api-resources", "--api-group=stable.example.com").stdout)
        explained = self.troupe.kubectl("explain", "crontab").stdout
        self.assertIn("Runs something now and then.", explained)
        self.assertIn("metadata", explained)
        self.assertIn("When it runs.", self.troupe.kubectl("explain", "crontab.spec.cronSpec").stdout)
        self.assertIn("protocol", self.troupe.kubectl("explain", "crontab", "--recursive").stdout)

    def test_patches_scale_and_status_keep_apart(self):
        self.define("patched")
        self.troupe.apply(thing("patched", "a", '{cronSpec: "* * * * *", replicas: 1}'))
        self.troupe.kubectl("patch", "patched", "a", "--type=merge", "-p", '{"spec":{"replicas":3}}')
        self.assertEqual(self.troupe.jsonpath("patched a", "{.spec.replicas} {.metadata.generation}"), "3 2")
        self.troupe.kubectl("scale", "patched/a", "--replicas=5")
        self.assertEqual(self.troupe.jsonpath("patched a", "{.spec.replicas}"), "5")
        self.troupe.kubectl("patch", "patched", "a", "--type=merge", "--subresource=status", "-p",
                            '{"status":{"replicas":4},"spec":{"replicas":9}}')
        self.assertEqual(self.troupe.jsonpath("patched a", "{.spec.replicas} {.status.replicas}"), "5 4")
        refused = self.troupe.kubectl("patch", "patched", "a", "-p", '{"spec":{"replicas":3}}', check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("application/merge-patch+json", refused.stderr)
        self.troupe.kubectl("label", "patched", "a", "color=red")
        self.assertEqual(self.troupe.kubectl("get", "patched", "-l", "color=red", "-o", "name").stdout,
                         "patched.stable.example.com/a\n")

    def test_waiting_follows_one_object_by_its_name(self):
        self.define("awaited")
        self.troupe.apply(thing("awaited", "a", '{cronSpec: "* * * * *", replicas: 1}'))
        self.troupe.apply(thing("awaited", "b", '{cronSpec: "* * * * *", replicas: 2}'))
        self.troupe.wait("awaited/b", "jsonpath={.spec.replicas}=2")
        self.assertEqual(self.troupe.kubectl("get", "awaited", "--field-selector", "metadata.name=b", "-o", "name").stdout,
                         "awaited.stable.example.com/b\n")

    def test_invalid_objects_and_unknown_fields_are_named(self):
        self.define("checked")
        bad = self.troupe.kubectl("create", "-f", "-", stdin=thing("checked", "a", '{cronSpec: "* * * *", replicas: 15}'),
                                  check=False)
        self.assertEqual(bad.returncode, 1)
        self.assertIn('The Checked "a" is invalid', bad.stderr)
        self.assertIn("spec.replicas: Invalid value: 15: spec.replicas in body should be less than or equal to 10",
                      bad.stderr)
        self.assertIn("spec.cronSpec in body should match", bad.stderr)
        odd = thing("checked", "b", '{cronSpec: "* * * * *", foo: 1, any: {x: {z: 1}}}')
        strict = self.troupe.kubectl("create", "-f", "-", stdin=odd, check=False)
        self.assertEqual(strict.returncode, 1)
        self.assertIn('unknown field "spec.foo"', strict.stderr)
        warned = self.troupe.kubectl("create", "--validate=warn", "-f", "-", stdin=odd)
        self.assertIn('unknown field "spec.foo"', warned.stderr)
        shown = json.loads(self.troupe.kubectl("get", "checked", "b", "-o", "json").stdout)
        self.assertEqual(shown["spec"], {"cronSpec": "* * * * *", "image": "busybox", "any": {"x": {"z": 1}}})

    def test_it_is_applied_on_the_server_by_its_list_types(self):
        self.define("applied")

        def apply(manager, spec, check=True):
            return self.troupe.kubectl("apply", "--server-side", f"--field-manager={manager}", "-f", "-",
                                       stdin=thing("applied", "a", spec), check=check)

        apply("one", '{cronSpec: "* * * * *", ports: [{port: 80, name: web}]}')
        apply("two", '{cronSpec: "* * * * *", ports: [{port: 443}]}')
        self.assertEqual(self.troupe.jsonpath("applied a", "{.spec.ports[*].port}"), "80 443")
        self.assertIn('conflict with "one"', apply("two", '{cronSpec: "1 * * * *"}', check=False).stderr)
        apply("one", '{cronSpec: "* * * * *"}')
        self.assertEqual(self.troupe.jsonpath("applied a", "{.spec.ports[*].port}"), "443")

    def test_a_bad_definition_is_refused(self):
        text = definition("badly").replace("type: object\n        description", "description")
        refused = self.troupe.kubectl("create", "-f", "-", stdin=text, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("spec.versions[0].schema.openAPIV3Schema.type: Required value: must not be empty at the root",
                      refused.stderr)

    def test_it_is_watched_survives_a_restart_and_goes_with_its_definition(self):
        self.define("lasting")
        self.troupe.apply(thing("lasting", "a", '{cronSpec: "* * * * *"}'))
        owned = ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: owned\n  ownerReferences:\n"
                 "  - {apiVersion: stable.example.com/v1, kind: Lasting, name: a, uid: " +
                 self.troupe.jsonpath("lasting a", "{.metadata.uid}") + "}\n")
        self.troupe.apply(owned)
        watch = subprocess.Popen(["kubectl", "get", "lasting", "-w", "-o", "name"], stdout=subprocess.PIPE, text=True,
                                 env=self.troupe.environment())
        self.assertEqual(watch.stdout.readline(), "lasting.stable.example.com/a\n")
        self.troupe.apply(thing("lasting", "b", '{cronSpec: "* * * * *"}'))
        self.assertEqual(watch.stdout.readline(), "lasting.stable.example.com/b\n")
        watch.terminate()
        watch.communicate()
        self.troupe.stop()
        self.troupe.start()
        self.assertEqual(self.troupe.kubectl("get", "lasting", "-o", "name").stdout.split(),
                         ["lasting.stable.example.com/a", "lasting.stable.example.com/b"])
        self.troupe.kubectl("create", "namespace", "ends")
        self.troupe.kubectl("create", "-n", "ends", "-f", "-", stdin=thing("lasting", "c", '{cronSpec: "* * * * *"}'))
        self.troupe.kubectl("delete", "namespace", "ends", f"--timeout={DEADLINE}s")
        self.assertIn("NotFound", self.troupe.kubectl("get", "lasting", "c", "-n", "ends", check=False).stderr)
        self.troupe.kubectl("delete", "crd", "lastings.stable.example.com", f"--timeout={DEADLINE}s")
        self.troupe.wait("configmap/owned", "delete")
        gone = self.troupe.kubectl("get", "lasting", check=False)
        self.assertEqual(gone.returncode, 1)  # in which words depends on what kubectl has cached
        self.assertNotIn("lasting.stable", self.troupe.kubectl("api-resources", "-o", "name", "--cached=false").stdout)


if __name__ == "__main__":
    unittest.main()
