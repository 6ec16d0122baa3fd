#!/usr/bin/env python3
"""Checks that the tree keeps the rules of ARCHITECTURE.md. Prints FILE:LINE: what is wrong; exits 1 if anything is."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# A folder may include only itself and those before it.
LAYERS = ["base", "schema", "kernel", "storage", "runtime", "net", "actors/pod", "actors/service", "actors/controllers",
          "actors/scheduler", "actors/node", "api", "daemon", "cli"]
# The node half runs on other machines: it knows neither store nor API.
FORBIDDEN = {"actors/pod": {"storage", "api"}, "actors/node": {"storage", "api"}, "runtime": {"storage"}, "net": {"storage"},
             "kernel": {"storage"}}
HEAVY = re.compile(r'#include\s+[<"](caf/|boost/beast|boost/asio\.hpp|boost/asio/ssl|simdjson|spdlog/|schema/generated/|'
                   r'[a-z_/]*\.capnp\.h)')
# Private headers of a folder: only its own sources include them, so they may be heavy.
PRIVATE = re.compile(r'(/detail/|_internal\.hpp$)')
INCLUDE = re.compile(r'#include\s+"([^"]+)"')
MAX_FILE, MAX_FUNCTION = 600, 60
CODE = (".cpp", ".hpp", ".py", ".sh", ".erl", ".escript")


def tracked():
    out = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in out.splitlines() if (ROOT / path).is_file()]


def layer_of(path):
    parts = path.split("/")
    if parts[0] == "actors" and len(parts) > 2:
        return "/".join(parts[:2])
    return parts[0] if parts[0] in LAYERS else None


def check_includes(path, lines):
    mine = layer_of(path)
    public = path.endswith(".hpp") and mine and not PRIVATE.search(path)
    for number, line in enumerate(lines, 1):
        if public and HEAVY.match(line):
            yield number, f"heavy header in a public header: {line.strip()}"
        found = INCLUDE.match(line)
        other = layer_of(found.group(1)) if found else None
        if not mine or not other or mine == other:
            continue
        if LAYERS.index(other) > LAYERS.index(mine):
            yield number, f"{mine} may not include {other}: it is a layer below"
        if other in FORBIDDEN.get(mine, ()):
            yield number, f"{mine} may not include {other}"
        if PRIVATE.search(found.group(1)):
            yield number, f"{found.group(1)} is private to {other}"


def check_sizes(path, lines):
    if len(lines) > MAX_FILE:
        yield 1, f"{len(lines)} lines; the limit is {MAX_FILE}: split it"
    start = None
    for number, line in enumerate(lines, 1):
        # clang-format leaves a function's closing brace alone in the column its first line starts in.
        if re.match(r"[A-Za-z_].*\{$", line) and not re.match(r"(namespace|class|struct|enum|union|extern|constexpr|const|static const)\b", line):
            start = number
        elif line.startswith("}"):
            if start and number - start + 1 > MAX_FUNCTION:
                yield start, f"a function of {number - start + 1} lines; the limit is {MAX_FUNCTION}"
            start = None


def indentation(text, position):
    line = text[text.rfind("\n", 0, position) + 1:position]
    return len(line) - len(line.lstrip())


def check_coroutines(path, text):
    """g++ 12 destroys twice an aggregate that is built inside an expression with co_await, and makes an illegal
    instruction of a co_await inside a switch under UBSan."""
    text = re.sub(r"//[^\n]*", "", text)
    for found in re.finditer(r"\bswitch \([^{]*\{", text):
        end = text.find("\n" + " " * indentation(text, found.start()) + "}", found.end())
        if "co_await" in text[found.end():end]:
            yield text.count("\n", 0, found.start()) + 1, "co_await inside a switch: use if"
    for found in re.finditer(r"co_await\b([^;{}]*)\{([^;]*);", text):
        if "[" in found.group(1):  # a lambda's body
            continue
        yield text.count("\n", 0, found.start()) + 1, "an aggregate inside a co_await expression: name it, then std::move it"


def check_folder_table(paths):
    text = (ROOT / "ARCHITECTURE.md").read_text()
    named = set(re.findall(r"^\| `([a-z_/]+)/`", text, re.M))
    real = {layer_of(p) or p.split("/")[0] for p in paths if "/" in p and not p.startswith(".")}
    for folder in sorted(real - named):
        yield "ARCHITECTURE.md", 1, f"the folder table lacks {folder}/"
    for folder in sorted(named - real):
        yield "ARCHITECTURE.md", 1, f"the folder table names {folder}/, which is not there"
    for folder in sorted(real):
        if not (ROOT / folder / "README.md").is_file():
            yield folder, 1, "no README.md"


def faults():
    paths = tracked()
    yield from check_folder_table(paths)
    for path in paths:
        if not path.endswith(CODE):
            continue
        text = (ROOT / path).read_text(errors="replace")
        lines = text.splitlines()
        if path.endswith((".cpp", ".hpp")):
            yield from ((path, n, what) for n, what in check_includes(path, lines))
            yield from ((path, n, what) for n, what in check_coroutines(path, text))
        yield from ((path, n, what) for n, what in check_sizes(path, lines))


def main():
    count = 0
    for path, line, what in faults():
        print(f"{path}:{line}: {what}")
        count += 1
    print(f"{count} faults" if count else "layers, folder table, sizes, heavy headers and coroutine rule hold")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
