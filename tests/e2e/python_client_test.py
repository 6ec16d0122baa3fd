"""Debian's python3-kubernetes, a client written by others: create, read, change, watch, and an informer that outlives
a restart of the server."""

import threading
import unittest

from harness import DEADLINE, TroupeCase

try:
    import kubernetes
    from kubernetes import client, config, watch
except ImportError:
    kubernetes = None


@unittest.skipUnless(kubernetes, "python3-kubernetes is not installed")
class PythonClient(TroupeCase):
    def setUp(self):
        config.load_kube_config(str(self.troupe.kubeconfig))
        self.core = client.CoreV1Api()

    def config_map(self, name, **data):
        return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels={"by": "python"}), data=data)

    def test_objects_are_made_read_changed_and_deleted(self):
        made = self.core.create_namespaced_config_map("default", self.config_map("crud", a="b"))
        self.assertTrue(made.metadata.uid)
        self.assertEqual(self.core.read_namespaced_config_map("crud", "default").data, {"a": "b"})
        self.core.patch_namespaced_config_map("crud", "default", {"data": {"c": "d"}})
        shown = self.core.read_namespaced_config_map("crud", "default")
        self.assertEqual(shown.data, {"a": "b", "c": "d"})
        shown.data = {"e": "f"}
        self.assertEqual(self.core.replace_namespaced_config_map("crud", "default", shown).data, {"e": "f"})
        with self.assertRaises(client.ApiException) as conflict:
            self.core.replace_namespaced_config_map("crud", "default", shown)
        self.assertEqual(conflict.exception.status, 409)
        self.assertEqual(self.core.delete_namespaced_config_map("crud", "default").status, "Success")
        with self.assertRaises(client.ApiException) as gone:
            self.core.read_namespaced_config_map("crud", "default")
        self.assertEqual(gone.exception.status, 404)

    def test_lists_go_on_where_a_page_ended(self):
        for at in range(5):
            self.core.create_namespaced_config_map("default", self.config_map(f"page{at}"))
        names, token = [], None
        while True:
            page = self.core.list_namespaced_config_map("default", label_selector="by=python", limit=2, _continue=token)
            names += [item.metadata.name for item in page.items if item.metadata.name.startswith("page")]
            token = page.metadata._continue
            if not token:
                break
        self.assertEqual(names, [f"page{at}" for at in range(5)])

    def test_kinds_of_several_groups(self):
        apps = client.AppsV1Api()
        labels = {"app": "python"}
        template = client.V1PodTemplateSpec(
            metadata=client.V1ObjectMeta(labels=labels),
            spec=client.V1PodSpec(containers=[client.V1Container(name="c", image="busybox")]))
        apps.create_namespaced_deployment("default", client.V1Deployment(
            metadata=client.V1ObjectMeta(name="python"),
            spec=client.V1DeploymentSpec(replicas=0, selector=client.V1LabelSelector(match_labels=labels),
                                         template=template)))
        self.assertEqual(apps.read_namespaced_deployment_scale("python", "default").spec.replicas, 0)
        self.core.create_namespaced_service("default", client.V1Service(
            metadata=client.V1ObjectMeta(name="python"),
            spec=client.V1ServiceSpec(selector=labels, ports=[client.V1ServicePort(port=80, target_port="http")])))
        self.assertEqual(self.core.read_namespaced_service("python", "default").spec.ports[0].target_port, "http")
        self.assertEqual(client.VersionApi().get_code().minor, "36")
        self.assertIn("apps", [group.name for group in client.ApisApi().get_api_versions().groups])
        client.BatchV1Api().list_job_for_all_namespaces()
        client.NetworkingV1Api().list_ingress_for_all_namespaces()
        client.RbacAuthorizationV1Api().list_cluster_role()
        client.StorageV1Api().list_storage_class()
        client.CoordinationV1Api().list_lease_for_all_namespaces()

    def test_a_watch_tells_of_every_change(self):
        start = self.core.list_namespaced_config_map("default").metadata.resource_version
        self.core.create_namespaced_config_map("default", self.config_map("seen"))
        self.core.patch_namespaced_config_map("seen", "default", {"data": {"a": "b"}})
        self.core.delete_namespaced_config_map("seen", "default")
        kinds = []
        stream = watch.Watch()
        for event in stream.stream(self.core.list_namespaced_config_map, "default", resource_version=start,
                                   field_selector="metadata.name=seen", timeout_seconds=DEADLINE):
            kinds.append(event["type"])
            if event["type"] == "DELETED":
                stream.stop()
        self.assertEqual(kinds, ["ADDED", "MODIFIED", "DELETED"])

    def test_an_unknown_api_is_a_404_with_a_status(self):
        with self.assertRaises(client.ApiException) as missing:
            client.CustomObjectsApi().list_cluster_custom_object("nowhere.example", "v1", "things")
        self.assertEqual(missing.exception.status, 404)


class Informer:
    """Lists, then watches from there, for ever: after a break from the last revision it saw, after a 410 anew."""

    def __init__(self, kubeconfig):
        self.core = client.CoreV1Api(config.new_client_from_config(str(kubeconfig)))
        self.known, self.lists, self.ending = {}, 0, False
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        revision = None
        while not self.ending:
            try:
                if revision is None:
                    listed = self.core.list_namespaced_config_map("default")
                    self.lists += 1
                    self.take({item.metadata.name: item.data for item in listed.items})
                    revision = listed.metadata.resource_version
                for event in watch.Watch().stream(self.core.list_namespaced_config_map, "default",
                                                  resource_version=revision, timeout_seconds=DEADLINE):
                    item = event["object"]
                    revision = item.metadata.resource_version
                    self.take({item.metadata.name: None if event["type"] == "DELETED" else item.data})
            except client.ApiException as error:
                if error.status == 410:
                    revision = None
            except Exception:  # the server is away: any error of the client's HTTP
                pass

    def take(self, changes):
        with self.changed:
            for name, data in changes.items():
                if data is None and name in self.known:
                    del self.known[name]
                else:
                    self.known[name] = data
            self.changed.notify_all()

    def wait_for(self, test):
        with self.changed:
            return self.changed.wait_for(lambda: test(self.known), DEADLINE)


@unittest.skipUnless(kubernetes, "python3-kubernetes is not installed")
class InformerOverARestart(TroupeCase):
    def test_nothing_is_missed_and_nothing_is_listed_again(self):
        troupe = self.troupe
        informer = Informer(troupe.kubeconfig)
        troupe.kubectl("create", "configmap", "before", "--from-literal=n=1")
        self.assertTrue(informer.wait_for(lambda known: "before" in known))
        troupe.stop()
        troupe.start()
        troupe.kubectl("create", "configmap", "after", "--from-literal=n=2")
        troupe.kubectl("delete", "configmap", "before")
        self.assertTrue(informer.wait_for(lambda known: "after" in known and "before" not in known), informer.known)
        self.assertEqual(informer.lists, 1)
        informer.ending = True


if __name__ == "__main__":
    unittest.main()
