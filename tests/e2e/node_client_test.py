"""@kubernetes/client-node, a client written by others: create, read, change, watch, and an informer that outlives a
restart of the server. Needs node and the package: `npm install @kubernetes/client-node` in a folder that
TROUPE_NODE_CLIENT names. No Debian package has it, so scripts/setup cannot install it; skipped without."""

import os
import shutil
import subprocess
import unittest
from pathlib import Path

from harness import DEADLINE, TroupeCase

FOLDER = os.environ.get("TROUPE_NODE_CLIENT", "")
SCRIPT = Path(__file__).with_name("node_client.mjs")


def missing():
    if not shutil.which("node"):
        return "node is not installed"
    if not FOLDER or not (Path(FOLDER) / "node_modules/@kubernetes/client-node").is_dir():
        return "TROUPE_NODE_CLIENT names no folder with node_modules/@kubernetes/client-node"
    return None


@unittest.skipIf(missing(), missing())
class NodeClient(TroupeCase):
    def command(self, what):
        return ["node", str(SCRIPT), FOLDER, str(self.troupe.kubeconfig), what]

    def run_script(self, what):
        done = subprocess.run(self.command(what), text=True, capture_output=True, timeout=DEADLINE)
        self.assertEqual((done.returncode, done.stdout), (0, "done\n"), done.stderr)

    def test_objects_are_made_read_changed_and_deleted(self):
        self.run_script("crud")

    def test_a_watch_tells_of_every_change(self):
        self.run_script("watch")

    def test_an_informer_outlives_a_restart_of_the_server(self):
        self.troupe.kubectl("create", "configmap", "before")
        informer = subprocess.Popen(self.command("informer"), text=True, stdout=subprocess.PIPE)
        self.addCleanup(informer.stdout.close)
        self.addCleanup(informer.wait)
        self.addCleanup(informer.kill)

        def wait_for(line):
            for said in informer.stdout:
                if said.strip() == line:
                    return
            self.fail(f"the informer ended before it said {line!r}")

        wait_for("add before")
        self.troupe.kubectl("create", "configmap", "while")
        wait_for("add while")
        self.troupe.stop()
        self.troupe.start()
        self.troupe.kubectl("create", "configmap", "after")
        wait_for("add after")
        self.troupe.kubectl("delete", "configmap", "before")
        wait_for("delete before")


if __name__ == "__main__":
    unittest.main()
