"""What `troupe up` says of a wrong flag, variable or key, and how it exits."""

import os
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import DEADLINE, TROUPE


def run(*words, config=None, **variables):
    """Runs troupe with a command line that must be refused: the deadline is for one that is not."""
    with tempfile.TemporaryDirectory(prefix="troupe-e2e-") as home:
        if config is not None:
            path = Path(home) / "troupe.toml"
            path.write_text(config.replace("HOME", home))
            words = ("--config", str(path), *words)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("TROUPE_")}
        return subprocess.run([TROUPE, *words], text=True, capture_output=True, timeout=DEADLINE,
                              env={**environment, **variables})


class CommandLine(unittest.TestCase):
    def refused(self, done, name):
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn(name, done.stderr + done.stdout)

    def test_a_wrong_flag_is_named(self):
        self.refused(run("up"), "--data-dir")
        self.refused(run("up", "--data-dir", "x", "--nonsense"), "--nonsense")
        self.refused(run("up", "--nonsense"), "--nonsense")
        self.refused(run("upp"), "upp")
        self.refused(run("up", "--data-dir", "x", "--listen", "here"), "--listen")
        self.refused(run("up", "--data-dir", "x", "--listen", "300.0.0.1:1"), "300.0.0.1")
        self.refused(run("up", "--data-dir", "x", "--log-format", "xml"), "--log-format")
        self.refused(run("up", "--data-dir", "x", "-v", "loud"), "-v")
        self.refused(run("up", "--data-dir", "x", "--token-auth-file", "/nowhere"), "--token-auth-file")

    def test_a_port_that_is_taken_is_told_with_what_to_do(self):
        with tempfile.TemporaryDirectory(prefix="troupe-e2e-") as home, socket.create_server(("127.0.0.1", 0)) as taken:
            done = run("up", "--data-dir", home, "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("the port is in use; choose another one", done.stderr)

    def test_a_wrong_variable_is_named(self):
        for variable, value, flag in [("TROUPE_LISTEN", "here", "--listen"), ("TROUPE_MAX_PODS", "many", "--max-pods"),
                                      ("TROUPE_LOG_FORMAT", "xml", "--log-format"),
                                      ("TROUPE_THREADS", "few", "--threads")]:
            with self.subTest(variable=variable):
                self.refused(run("up", "--data-dir", "x", **{variable: value}), flag)

    def test_a_wrong_key_or_value_of_the_file_is_named(self):
        self.refused(run("up", config='[up]\ndata-dir = "HOME"\nnonsense = 3\n'), "nonsense")
        self.refused(run("up", config='[up]\ndata-dir = "HOME"\nmax-pods = "many"\n'), "--max-pods")
        self.refused(run("--config", "/nowhere", "up"), "/nowhere")

    def test_the_file_the_environment_and_the_command_line_are_read(self):
        # What comes later wins: each row's last value is the wrong one, so that it is the one that is refused.
        file = '[up]\ndata-dir = "HOME"\nlisten = "127.0.0.1:0"\n'
        self.refused(run("up", config=file, TROUPE_LISTEN="from-environment"), "from-environment")
        self.refused(run("up", "--listen", "from-flag", config=file, TROUPE_LISTEN="from-environment"), "from-flag")

    def test_help_and_version_are_no_failure(self):
        self.assertEqual(run("--help").returncode, 0)
        self.assertIn("Exit codes", run("--help").stdout)
        self.assertIn("TROUPE_LOG_FORMAT", run("up", "--help").stdout)
        self.assertEqual(run("version").returncode, 0)
        self.assertEqual(run("up", "--data-dir", "/proc/nowhere").returncode, 1)


if __name__ == "__main__":
    unittest.main()
