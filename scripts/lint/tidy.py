#!/usr/bin/env python3
"""Runs clang-tidy on the sources named on standard input that the build knows.

usage: tidy.py CLANG_TIDY BUILD_DIR < sources
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def without_precompiled(database):
    """clang cannot read g++'s precompiled headers, and a source is to include what it uses."""
    for entry in database:
        entry["command"] = re.sub(r" -Winvalid-pch| -include \S*cmake_pch\.hxx", "", entry["command"])
    return database


def tidy(tool, build, source):
    done = subprocess.run([tool, "-p", build, "--quiet", "--warnings-as-errors=*",
                           "--extra-arg=-Wno-unknown-warning-option", source], cwd=ROOT,
                          capture_output=True, text=True)
    return source, done.returncode, done.stdout + done.stderr


def main():
    tool, build = sys.argv[1:3]
    database = json.loads((Path(build) / "compile_commands.json").read_text())
    known = {os.path.relpath(entry["file"], ROOT): Path(entry["file"]).read_text(errors="replace")
             for entry in database if Path(entry["file"]).is_file()}
    wanted = [line.strip() for line in sys.stdin if line.strip() in known]
    # clang 14 has no C++20 coroutines with libstdc++; g++ and the coroutine rule look at these files.
    sources = [s for s in wanted if "co_await" not in known[s] and "co_return" not in known[s]]
    bad = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        (Path(folder) / "compile_commands.json").write_text(json.dumps(without_precompiled(database)))
        for source, code, output in pool.map(lambda s: tidy(tool, folder, s), sources):
            if code:
                bad += 1
                print(f"{source}:\n{output[:6000]}")
    print(f"{len(sources) - bad} of {len(sources)} sources are tidy; {len(wanted) - len(sources)} coroutine sources skipped")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
