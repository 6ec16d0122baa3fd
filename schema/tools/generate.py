#!/usr/bin/env python3
"""Writes schema/*.capnp and schema/ordinals.lock.json from schema/facts. With --check: fails when they would change.

usage: generate.py [--check] [--schema DIR]
"""

from __future__ import annotations

import argparse
import pathlib
import sys

import emit
import lock as locks
import model
import resources


def outputs(schema: pathlib.Path) -> dict[pathlib.Path, str]:
    """Every file that the tool writes, with its text."""
    api = model.Model.load(schema / "facts")
    structs = api.structs()
    path = schema / "ordinals.lock.json"
    lock = locks.Lock.parse(path.read_text() if path.exists() else "{}")
    lock.update(structs)
    files = {path: lock.text()}
    for package in api.packages.values():
        files[schema / f"{package.stem}.capnp"] = emit.Writer(package, lock, structs).text()
    files[schema / "resources.capnp"] = resources.text(schema / "facts", api)
    return files


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file would change")
    parser.add_argument("--schema", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    options = parser.parse_args()
    try:
        files = outputs(options.schema)
    except (model.FactsError, locks.LockError) as error:
        print(f"{sys.argv[0]}: {error}", file=sys.stderr)
        return 1
    stale = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    if options.check:
        for path in stale:
            print(f"{path}: differs from what the facts give; run schema/tools/generate.py", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(files[path])
    print(f"{len(stale)} of {len(files)} files written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
