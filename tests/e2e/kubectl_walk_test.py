"""Every command of kubectl that needs no running pod: what it prints and how it exits."""

import json
import subprocess
import unittest

from harness import DEADLINE, TroupeCase

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, labels: {app: NAME}}
spec:
  replicas: 0
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec: {containers: [{name: c, image: busybox}]}
"""

POD = """apiVersion: v1
kind: Pod
metadata: {name: NAME, labels: {app: NAME}}
spec:
  schedulerName: nobody
  containers: [{name: c, image: busybox}]
"""


class Walk(TroupeCase):
    def run_all(self, table):
        """Rows of (command, what its output has)."""
        for command, expected in table:
            with self.subTest(command=command):
                done = self.troupe.kubectl(*command.split(), check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(expected, done.stdout)

    def make(self, manifest, name):
        self.troupe.apply(manifest.replace("NAME", name))

    def refused(self, command, expected, stdin=None):
        done = self.troupe.kubectl(*command.split(), check=False, stdin=stdin)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(expected, done.stderr)


class Creating(Walk):
    def test_each_kind_that_create_knows(self):
        self.run_all([
            ("create namespace made", "namespace/made created"),
            ("create configmap made --from-literal=a=b", "configmap/made created"),
            ("create secret generic made --from-literal=a=b", "secret/made created"),
            ("create secret docker-registry made-docker --docker-username=u --docker-password=p", "created"),
            ("create serviceaccount made", "serviceaccount/made created"),
            ("create deployment made --image=busybox --replicas=0", "deployment.apps/made created"),
            ("create job made --image=busybox -- true", "job.batch/made created"),
            ("create service clusterip made-ip --tcp=80:8080", "service/made-ip created"),
            ("create service nodeport made-port --tcp=80:8080", "service/made-port created"),
            ("create service loadbalancer made-balancer --tcp=80:8080", "service/made-balancer created"),
            ("create service externalname made-name --external-name=example.com", "service/made-name created"),
            ("create role made --verb=get,list --resource=pods", "role.rbac.authorization.k8s.io/made created"),
            ("create clusterrole made --verb=get --resource=nodes", "clusterrole.rbac.authorization.k8s.io/made created"),
            ("create rolebinding made --role=made --user=u", "rolebinding.rbac.authorization.k8s.io/made created"),
            ("create clusterrolebinding made --clusterrole=made --group=g", "created"),
            ("create quota made --hard=configmaps=100", "resourcequota/made created"),
            ("create poddisruptionbudget made --selector=app=x --min-available=1",
             "poddisruptionbudget.policy/made created"),
            ("create priorityclass made --value=5", "priorityclass.scheduling.k8s.io/made created"),
            ("create ingress made --rule=a.example/x=svc:80", "ingress.networking.k8s.io/made created"),
            ("autoscale deployment made --min=1 --max=3", "horizontalpodautoscaler.autoscaling/made autoscaled"),
            ("expose deployment made --name=exposed --port=80", "service/exposed exposed"),
            ("run made --image=busybox --restart=Never --overrides={\"spec\":{\"schedulerName\":\"nobody\"}}",
             "pod/made created"),
        ])
        done = self.troupe.kubectl("create", "cronjob", "made", "--image=busybox", "--schedule=*/5 * * * *", "--", "true")
        self.assertEqual(done.stdout, "cronjob.batch/made created\n")

    def test_a_mistake_is_told_before_anything_is_made(self):
        self.refused("create configmap Not_A_Name", "metadata.name")
        self.refused("create -f -", "unknown field \"dta\"",
                     stdin="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: strict}\ndta: {}\n")
        self.refused("get configmap strict", '(NotFound): configmaps "strict" not found')
        self.refused("get nonsense", "the server doesn't have a resource type")

    def test_a_review_is_validated_by_the_openapi_document(self):
        review = ("apiVersion: authorization.k8s.io/v1\nkind: SubjectAccessReview\nspec:\n  user: u\n"
                  "  resourceAttributes: {verb: get, resource: pods}\n")
        done = self.troupe.kubectl("create", "-f", "-", "-o", "jsonpath={.status.allowed}", stdin=review)
        self.assertEqual(done.stdout, "false")
        self.assertEqual(self.troupe.kubectl("auth", "can-i", "create", "pods").stdout, "yes\n")
        self.assertIn("system:masters", self.troupe.kubectl("auth", "whoami").stdout)


class Reading(Walk):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for at in range(7):
            cls.troupe.kubectl("create", "configmap", f"c{at}", f"--from-literal=n={at}")
            cls.troupe.kubectl("label", "configmap", f"c{at}", f"odd={at % 2}", "set=walk")
        cls.troupe.apply(DEPLOYMENT.replace("NAME", "shown"))
        cls.troupe.apply(POD.replace("NAME", "shown"))

    def test_get_in_every_form(self):
        self.run_all([
            ("get configmap c1", "NAME   DATA   AGE"),
            ("get configmap c1 -o name", "configmap/c1"),
            ("get configmap c1 -o yaml", '"n": "1"'),
            ("get configmap c1 -o json", '"n": "1"'),
            ("get configmap c1 -o jsonpath={.data.n}", "1"),
            ("get configmap c1 -o go-template={{.data.n}}", "1"),
            ("get configmap c1 -o custom-columns=A:.metadata.name,B:.data.n", "c1    1"),
            ("get deployment shown -o wide", "CONTAINERS   IMAGES    SELECTOR"),
            ("get pods -o wide", "NOMINATED NODE"),
            ("get all", "deployment.apps/shown"),
            ("get configmap --show-labels", "odd=1"),
            ("get configmap -L odd", "ODD"),
            ("get configmaps --sort-by=.metadata.name -o name", "configmap/c0"),
            ("get cm,deploy -A", "kube-system"),
            ("get --raw /version", '"minor":"36"'),
            ("get --raw /metrics", "apiserver_request_total{"),
            ("get --raw /api/v1/namespaces/default/configmaps/c1", "c1"),
            ("get componentstatuses", ""),
            ("cluster-info", "is running at"),
            ("version", "Server Version: v1.36"),
            ("describe configmap c1", "n:\n----\n1"),
            ("describe deployment shown", "StrategyType:"),
            ("describe pod shown", "Containers:"),
            ("describe namespace default", "Active"),
            ("describe service kubernetes", "Endpoints:"),
        ])

    def test_selectors_choose(self):
        names = self.troupe.kubectl("get", "cm", "-l", "odd=1", "-o", "name").stdout.split()
        self.assertEqual(names, ["configmap/c1", "configmap/c3", "configmap/c5"])
        for selector, expected in [("odd in (0,1),odd!=1", 4), ("odd", 7), ("set=walk,odd notin (0)", 3),
                                   ("set=walk,!odd", 0), ("set==walk,odd=0", 4)]:
            with self.subTest(selector=selector):
                names = self.troupe.kubectl("get", "cm", "-l", selector, "-o", "name").stdout.split()
                self.assertEqual(len(names), expected, names)
        self.assertEqual(self.troupe.kubectl("get", "cm", "--field-selector", "metadata.name=c2", "-o", "name").stdout,
                         "configmap/c2\n")
        self.assertIn("shown", self.troupe.kubectl("get", "pods", "--field-selector", "status.phase=Pending").stdout)
        self.refused("get cm --field-selector data.n=1", '"data.n" is not a known field selector')

    def test_chunks_add_up(self):
        whole = self.troupe.kubectl("get", "cm", "-o", "name").stdout
        self.assertEqual(self.troupe.kubectl("get", "cm", "-o", "name", "--chunk-size=2").stdout, whole)

    def test_a_watch_shows_what_comes(self):
        with subprocess.Popen(["kubectl", "get", "cm", "-l", "watched=1", "-w", "-o", "name"], text=True,
                              stdout=subprocess.PIPE, env=self.troupe.environment()) as watch:
            try:
                self.troupe.kubectl("create", "-f", "-", stdin="apiVersion: v1\nkind: ConfigMap\n"
                                    "metadata: {name: watched, labels: {watched: \"1\"}}\n")
                self.assertEqual(watch.stdout.readline(), "configmap/watched\n")
                self.troupe.kubectl("patch", "cm", "watched", "-p", '{"data":{"a":"b"}}')
                self.assertEqual(watch.stdout.readline(), "configmap/watched\n")
            finally:
                watch.terminate()
        ended = self.troupe.kubectl("get", "--raw", "/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=1")
        self.assertIn("watched", ended.stdout)

    def test_what_the_server_serves_is_told(self):
        self.run_all([
            ("api-resources", "deployments"),
            ("api-resources -o wide --namespaced=false", "namespaces"),
            ("api-resources --api-group=apps -o name", "statefulsets.apps"),
            ("api-versions", "rbac.authorization.k8s.io/v1"),
            ("explain pod.spec.containers", "FIELDS:"),
            ("explain pod --recursive", "containerPort"),
            ("explain deployments.spec.strategy --api-version=apps/v1", "rollingUpdate"),
            ("explain hpa.spec --api-version=autoscaling/v1", "maxReplicas"),
            ("explain crd.spec --recursive", "openAPIV3Schema"),
            ("events", ""),
            ("get events", ""),
            ("get events.events.k8s.io", ""),
            ("auth can-i --list", "*.*"),
        ])
        self.refused("explain pod.nonsense", "field \"nonsense\" does not exist")


class Changing(Walk):
    def test_apply_diff_and_apply_again(self):
        manifest = DEPLOYMENT.replace("NAME", "applied")
        self.assertEqual(self.troupe.apply(manifest), "deployment.apps/applied created\n")
        self.assertEqual(self.troupe.apply(manifest), "deployment.apps/applied unchanged\n")
        same = self.troupe.kubectl("diff", "-f", "-", stdin=manifest)
        self.assertEqual((same.returncode, same.stdout), (0, ""))
        changed = manifest.replace("image: busybox", "image: busybox:2")
        differs = self.troupe.kubectl("diff", "-f", "-", stdin=changed, check=False)
        self.assertEqual(differs.returncode, 1, differs.stderr)
        self.assertIn("+      - image: busybox:2", differs.stdout)
        self.assertEqual(self.troupe.apply(changed), "deployment.apps/applied configured\n")
        self.assertIn("busybox:2", self.troupe.kubectl("apply", "view-last-applied", "deploy", "applied").stdout)
        self.assertEqual(self.troupe.kubectl("apply", "--dry-run=server", "-f", "-", stdin=manifest).stdout,
                         "deployment.apps/applied configured (server dry run)\n")

    def test_edit_with_an_editor_that_is_a_script(self):
        self.troupe.kubectl("create", "configmap", "edited", "--from-literal=k=old")
        done = subprocess.run(["kubectl", "edit", "configmap", "edited"], text=True, capture_output=True,
                              timeout=DEADLINE, env={**self.troupe.environment(), "KUBE_EDITOR": "sed -i s/old/new/"})
        self.assertEqual((done.returncode, done.stdout), (0, "configmap/edited edited\n"), done.stderr)
        self.assertEqual(self.troupe.jsonpath("cm edited", "{.data.k}"), "new")

    def test_replace_and_its_conflict(self):
        self.troupe.kubectl("create", "configmap", "replaced", "--from-literal=k=1")
        shown = json.loads(self.troupe.kubectl("get", "cm", "replaced", "-o", "json").stdout)
        shown["data"]["k"] = "2"
        done = self.troupe.kubectl("replace", "-f", "-", stdin=json.dumps(shown))
        self.assertEqual(done.stdout, "configmap/replaced replaced\n")
        self.refused("replace -f -", "the object has been modified", stdin=json.dumps(shown))
        done = self.troupe.kubectl("replace", "--force", "-f", "-",
                                   stdin="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: replaced}\n")
        self.assertIn("configmap/replaced replaced", done.stdout)

    def test_patches_of_every_type(self):
        self.make(DEPLOYMENT, "patched")
        for flags, path, expected in [
                (["-p", '{"spec":{"template":{"spec":{"containers":[{"name":"d","image":"two"}]}}}}'],
                 "{.spec.template.spec.containers[*].name}", "d c"),
                (["--type=merge", "-p", '{"metadata":{"labels":{"x":"y"}}}'], "{.metadata.labels.x}", "y"),
                (["--type=json", "-p", '[{"op":"replace","path":"/metadata/labels/x","value":"z"}]'],
                 "{.metadata.labels.x}", "z"),
                (["--subresource=status", "--type=merge", "-p", '{"status":{"replicas":3,"observedGeneration":99}}'],
                 "{.kind}", "Deployment"),
                (["--subresource=scale", "--type=merge", "-p", '{"spec":{"replicas":0}}'], "{.spec.replicas}", "0")]:
            with self.subTest(flags=flags):
                self.assertIn("/patched patched", self.troupe.kubectl("patch", "deployment", "patched", *flags).stdout)
                self.assertEqual(self.troupe.jsonpath("deploy patched", path), expected)
        self.refused('patch deploy patched --type=json -p [{"op":"test","path":"/metadata/name","value":"x"}]', "The request is invalid")

    def test_labels_annotations_and_taints(self):
        self.troupe.kubectl("create", "configmap", "marked")
        self.troupe.kubectl("create", "-f", "-", stdin="apiVersion: v1\nkind: Node\nmetadata: {name: far}\n")
        self.run_all([
            ("label configmap marked a=b", "configmap/marked labeled"),
            ("label configmap marked a=c --overwrite", "configmap/marked labeled"),
            ("label configmap marked a-", "configmap/marked unlabeled"),
            ("annotate configmap marked k=v", "configmap/marked annotated"),
            ("annotate configmap marked k-", "configmap/marked annotated"),
            ("taint node far key=value:NoSchedule", "node/far tainted"),
            ("taint node far key-", "node/far untainted"),
            ("cordon far", "node/far cordoned"),
            ("uncordon far", "node/far uncordoned"),
            ("drain far", "node/far drained"),
            ("delete node far", "deleted"),
        ])
        self.troupe.kubectl("label", "cm", "marked", "a=b")
        self.refused("label cm marked a=c", "--overwrite is false")

    def test_commands_that_set_something(self):
        self.make(DEPLOYMENT, "setted")
        self.run_all([
            ("scale deployment setted --replicas=1", "deployment.apps/setted scaled"),
            ("scale deployment setted --replicas=0 --current-replicas=1", "scaled"),
            ("set image deployment/setted c=busybox:9", "image updated"),
            ("set env deployment/setted A=B", "env updated"),
            ("set resources deployment setted --limits=cpu=1", "resource requirements updated"),
            ("set serviceaccount deployment setted default", "serviceaccount updated"),
            ("rollout pause deployment setted", "deployment.apps/setted paused"),
            ("rollout resume deployment setted", "deployment.apps/setted resumed"),
            ("rollout restart deployment setted", "deployment.apps/setted restarted"),
            (f"rollout status deployment setted --timeout={DEADLINE}s", "successfully rolled out"),
            ("rollout history deployment setted", "REVISION"),
        ])
        self.refused("scale deployment setted --replicas=2 --current-replicas=7", "Expected replicas to be 7")


class Deleting(Walk):
    def test_each_cascade(self):
        for cascade in ("background", "foreground", "orphan"):
            with self.subTest(cascade=cascade):
                self.make(DEPLOYMENT, cascade)
                self.troupe.wait(f"deployment/{cascade}", "jsonpath={.status.observedGeneration}=1")
                self.assertIn("deleted", self.troupe.kubectl("delete", "deployment", cascade,
                                                             f"--cascade={cascade}", f"--timeout={DEADLINE}s").stdout)
                self.refused(f"get deployment {cascade}", "NotFound")
                sets = self.troupe.kubectl("get", "rs", "-l", f"app={cascade}", "-o", "name").stdout.split()
                if cascade == "orphan":
                    self.assertEqual(len(sets), 1)
                else:
                    self.troupe.kubectl("wait", "rs", "-l", f"app={cascade}", "--for=delete", f"--timeout={DEADLINE}s")

    def test_delete_by_name_selector_file_and_all(self):
        for name in ("d1", "d2", "d3", "d4"):
            self.troupe.kubectl("create", "configmap", name)
            self.troupe.kubectl("label", "configmap", name, f"deleted={name[1] in '23'}")
        self.run_all([
            ("delete configmap d1", 'configmap "d1" deleted'),
            ("delete configmap -l deleted=True", 'configmap "d3" deleted'),
            ("delete configmap d4 --now", "deleted"),
            ("delete configmap d4 --ignore-not-found", ""),
        ])
        self.refused("delete configmap d4", "NotFound")
        self.make(POD, "unscheduled")
        self.assertIn("deleted", self.troupe.kubectl("delete", "-f", "-", f"--timeout={DEADLINE}s",
                                                     stdin=POD.replace("NAME", "unscheduled")).stdout)

    def test_a_namespace_goes_with_its_content(self):
        self.troupe.kubectl("create", "namespace", "going")
        self.troupe.kubectl("create", "configmap", "inside", "-n", "going")
        self.troupe.kubectl("delete", "namespace", "going", f"--timeout={DEADLINE}s")
        self.refused("get configmap inside -n going", "NotFound")

    def test_wait_for_conditions_values_and_ends(self):
        self.make(POD, "awaited")
        self.run_all([
            ("wait pod/awaited --for=jsonpath={.status.phase}=Pending --timeout=60s", "condition met"),
            ("wait pod -l app=awaited --for=create --timeout=60s", "condition met"),
        ])
        self.refused("wait pod/awaited --for=condition=Ready --timeout=1s", "timed out waiting for the condition")
        self.troupe.kubectl("delete", "pod", "awaited", "--wait=false")
        self.assertEqual(self.troupe.kubectl("wait", "pod/awaited", "--for=delete", f"--timeout={DEADLINE}s").returncode, 0)


class Kustomize(Walk):
    def test_a_kustomization_is_applied_and_deleted(self):
        folder = self.troupe.home / "kustomization"
        folder.mkdir()
        (folder / "kustomization.yaml").write_text("resources: [it.yaml]\nnamePrefix: our-\n"
                                                   "configMapGenerator: [{name: made, literals: [a=b]}]\n")
        (folder / "it.yaml").write_text(DEPLOYMENT.replace("NAME", "web"))
        self.assertIn("name: our-web", self.troupe.kubectl("kustomize", str(folder)).stdout)
        self.assertIn("deployment.apps/our-web created", self.troupe.kubectl("apply", "-k", str(folder)).stdout)
        self.assertIn('"our-web" deleted', self.troupe.kubectl("delete", "-k", str(folder)).stdout)


if __name__ == "__main__":
    unittest.main()
