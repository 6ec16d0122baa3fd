"""kubectl applies on the server: conflicts, force, ownership, diff, and the way from client-side apply."""

import json
import unittest

from harness import TroupeCase


def config_map(name, **data):
    body = "".join(f"  {key}: \"{value}\"\n" for key, value in data.items())
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n{body}"


def service(name, *ports):
    body = "".join(f"  - {{name: {label}, port: {port}}}\n" for label, port in ports)
    return f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  selector: {{app: x}}\n  ports:\n{body}"


class ServerSideApply(TroupeCase):
    def apply(self, manifest, *flags, check=True):
        return self.troupe.kubectl("apply", "--server-side", *flags, "-f", "-", stdin=manifest, check=check)

    def managers(self, what):
        shown = self.troupe.kubectl("get", *what.split(), "-o", "json", "--show-managed-fields").stdout
        entries = json.loads(shown)["metadata"].get("managedFields", [])
        return {(entry["manager"], entry["operation"]): entry["fieldsV1"] for entry in entries}

    def test_an_object_is_made_and_left_alone_when_nothing_changes(self):
        self.assertEqual(self.apply(config_map("made", k="1")).stdout, "configmap/made serverside-applied\n")
        version = self.troupe.jsonpath("configmap made", "{.metadata.resourceVersion}")
        self.apply(config_map("made", k="1"))
        self.assertEqual(self.troupe.jsonpath("configmap made", "{.metadata.resourceVersion}"), version)
        self.assertEqual(self.managers("configmap made"), {("kubectl", "Apply"): {"f:data": {"f:k": {}}}})
        self.assertNotIn("managedFields", self.troupe.kubectl("get", "configmap", "made", "-o", "yaml").stdout)

    def test_a_conflict_names_its_manager_and_force_takes_the_field(self):
        self.apply(config_map("fought", k="1", l="1"), "--field-manager=one")
        refused = self.apply(config_map("fought", k="2"), "--field-manager=two", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn('Apply failed with 1 conflict: conflict with "one": .data.k', refused.stderr)
        self.apply(config_map("fought", k="2"), "--field-manager=two", "--force-conflicts")
        self.assertEqual(self.troupe.jsonpath("configmap fought", "{.data.k}"), "2")
        self.assertEqual(self.managers("configmap fought"), {("one", "Apply"): {"f:data": {"f:l": {}}},
                                                             ("two", "Apply"): {"f:data": {"f:k": {}}}})

    def test_what_is_applied_no_longer_goes(self):
        self.apply(service("shrinks", ("a", 80), ("b", 81)))
        self.apply(service("shrinks", ("b", 81)))
        self.assertEqual(self.troupe.jsonpath("service shrinks", "{.spec.ports[*].name}"), "b")

    def test_a_diff_shows_what_an_apply_would_do_and_does_nothing(self):
        self.apply(config_map("shown", k="1"))
        diff = self.troupe.kubectl("diff", "--server-side", "-f", "-", stdin=config_map("shown", k="2"), check=False)
        self.assertEqual(diff.returncode, 1, diff.stderr)
        self.assertIn('+  k: "2"', diff.stdout)
        self.assertEqual(self.troupe.jsonpath("configmap shown", "{.data.k}"), "1")
        same = self.troupe.kubectl("diff", "--server-side", "-f", "-", stdin=config_map("shown", k="1"), check=False)
        self.assertEqual((same.returncode, same.stdout), (0, ""), same.stderr)

    def test_client_side_apply_becomes_server_side_apply_without_conflicts(self):
        self.troupe.apply(config_map("moved", k="1", l="1"))
        self.assertIn(("kubectl-client-side-apply", "Update"), self.managers("configmap moved"))
        self.apply(config_map("moved", k="2"))
        self.assertEqual(self.troupe.jsonpath("configmap moved", "{.data}"), '{"k":"2"}')
        self.assertEqual([manager for manager, operation in self.managers("configmap moved") if operation == "Update"], [])
        # And back: the annotation was kept true.
        self.troupe.apply(config_map("moved", k="3"))
        self.assertEqual(self.troupe.jsonpath("configmap moved", "{.data}"), '{"k":"3"}')

    def test_an_unknown_field_is_refused(self):
        refused = self.apply(config_map("odd", k="1") + "dta: {}\n", "--validate=false", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn(".dta: field not declared in schema", refused.stderr)

    def test_a_dry_run_keeps_nothing(self):
        self.assertEqual(self.apply(config_map("dry", k="1"), "--dry-run=server").stdout,
                         "configmap/dry serverside-applied (server dry run)\n")
        self.assertIn("NotFound", self.troupe.kubectl("get", "configmap", "dry", check=False).stderr)


if __name__ == "__main__":
    unittest.main()
