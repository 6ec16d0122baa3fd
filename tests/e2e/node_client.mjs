// Driven by node_client_test.py: speaks to a Troupe with @kubernetes/client-node and tells each step in a line.
//   node node_client.mjs FOLDER_WITH_NODE_MODULES KUBECONFIG crud|informer
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import assert from "node:assert/strict";

const [folder, kubeconfig, what] = process.argv.slice(2);
const found = createRequire(resolve(folder, "here.js")).resolve("@kubernetes/client-node");
const k8s = await import(pathToFileURL(found));
const config = new k8s.KubeConfig();
config.loadFromFile(kubeconfig);
const core = config.makeApiClient(k8s.CoreV1Api);
const namespace = "default";
const say = (...words) => console.log(words.join(" "));
const map = (name, data) => ({ metadata: { name, labels: { by: "node" } }, data });
const code = (promise) => promise.then(() => 0, (error) => error.code);

async function crud() {
  const made = await core.createNamespacedConfigMap({ namespace, body: map("crud", { a: "b" }) });
  assert.ok(made.metadata.uid);
  assert.equal(await code(core.createNamespacedConfigMap({ namespace, body: map("crud", {}) })), 409);
  const shown = await core.readNamespacedConfigMap({ namespace, name: "crud" });
  assert.deepEqual(shown.data, { a: "b" });
  shown.data = { c: "d" };
  const replaced = await core.replaceNamespacedConfigMap({ namespace, name: "crud", body: shown });
  assert.deepEqual(replaced.data, { c: "d" });
  assert.equal(await code(core.replaceNamespacedConfigMap({ namespace, name: "crud", body: shown })), 409);
  const patched = await core.patchNamespacedConfigMap(
    { namespace, name: "crud", body: [{ op: "add", path: "/data/e", value: "f" }] });
  assert.deepEqual(patched.data, { c: "d", e: "f" });
  const listed = await core.listNamespacedConfigMap({ namespace, labelSelector: "by=node" });
  assert.deepEqual(listed.items.map((item) => item.metadata.name), ["crud"]);
  await core.deleteNamespacedConfigMap({ namespace, name: "crud" });
  assert.equal(await code(core.readNamespacedConfigMap({ namespace, name: "crud" })), 404);
  const apps = config.makeApiClient(k8s.AppsV1Api);
  assert.deepEqual((await apps.listNamespacedDeployment({ namespace })).items, []);
  const version = await config.makeApiClient(k8s.VersionApi).getCode();
  assert.equal(version.minor, "36");
  say("done");
}

async function watch() {
  const { metadata } = await core.listNamespacedConfigMap({ namespace });
  const kinds = [];
  await new Promise((resolve, reject) => {
    const watched = new k8s.Watch(config).watch(
      `/api/v1/namespaces/${namespace}/configmaps`,
      { resourceVersion: metadata.resourceVersion, fieldSelector: "metadata.name=seen" },
      (type) => {
        kinds.push(type);
        if (type === "DELETED") resolve();
      },
      (error) => error && reject(error));
    watched.then(async (request) => {
      await core.createNamespacedConfigMap({ namespace, body: map("seen", {}) });
      await core.patchNamespacedConfigMap(
        { namespace, name: "seen", body: [{ op: "add", path: "/data", value: { a: "b" } }] });
      await core.deleteNamespacedConfigMap({ namespace, name: "seen" });
    }).catch(reject);
  });
  assert.deepEqual(kinds, ["ADDED", "MODIFIED", "DELETED"]);
  say("done");
}

// Runs until it is killed; starts again whenever the server was away.
function informer() {
  const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`,
    () => core.listNamespacedConfigMap({ namespace }));
  for (const event of ["add", "update", "delete"]) {
    informer.on(event, (object) => say(event, object.metadata.name));
  }
  const start = () => informer.start().catch(() => setTimeout(start, 100));
  informer.on("error", () => setTimeout(start, 100));
  start();
}

await { crud, watch, informer }[what]();
if (what !== "informer") process.exit(0);
