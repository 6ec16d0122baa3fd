#!/usr/bin/env python3
"""Compiles each header named on standard input alone, with the flags of its folder's sources.

usage: compile_alone.py COMPILE_COMMANDS < headers
"""

import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def flags_by_folder(database):
    flags = {}
    for entry in json.loads(Path(database).read_text()):
        folder = os.path.relpath(os.path.dirname(entry["file"]), ROOT)
        words = shlex.split(entry["command"])
        keep, take_next = [], False
        for word in words:
            if take_next or word.startswith(("-I", "-D", "-std")):
                keep.append(word)
                take_next = False
            elif word in ("-isystem", "-I"):
                keep.append(word)
                take_next = True
        if len(keep) > len(flags.get(folder, [])):  # the folder's target that sees most
            flags[folder] = keep
    return flags


def fitting(flags, header):
    folder = os.path.dirname(header)
    while folder and folder not in flags:
        folder = os.path.dirname(folder)
    if folder in flags:
        return flags[folder]
    inside = [f for f in flags if f.startswith(os.path.dirname(header) + "/")]
    return flags[inside[0]] if inside else ["-I" + str(ROOT), "-std=c++20"]


def compiles(flags, header):
    done = subprocess.run(["c++", "-fsyntax-only", "-w", "-x", "c++", *fitting(flags, header), header], cwd=ROOT,
                          capture_output=True, text=True)
    return header, done.returncode, done.stderr


def main():
    headers = [line.strip() for line in sys.stdin if line.strip()]
    flags = flags_by_folder(sys.argv[1])
    bad = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for header, code, errors in pool.map(lambda h: compiles(flags, h), headers):
            if code:
                bad += 1
                print(f"{header}: does not compile alone\n{errors[:2000]}")
    print(f"{len(headers) - bad} of {len(headers)} headers compile alone")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
