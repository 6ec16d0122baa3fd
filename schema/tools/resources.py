"""Writes resources.capnp: the resource table as a constant, from facts/resources.json and facts/subresources.json."""

from __future__ import annotations

import json
import pathlib

import emit
import model


def subresource(name: str, row: dict, known: dict) -> dict:
    if name not in known:
        raise model.FactsError(f"{row['plural']}: facts/subresources.json does not know {name!r}")
    fact = known[name]
    if fact["kind"] == "self":
        group, version, kind = row["group"], row["version"], row["kind"]
    else:
        place, kind = fact["kind"].replace("{Kind}", row["kind"]).split(" ")
        group, _, version = place.rpartition("/")
    return {"name": name, "group": group, "version": version, "kind": kind, "verbs": fact["verbs"]}


def check(rows: list[dict], kinds: set[tuple[str, str, str]]) -> None:
    seen = set()
    for row in rows:
        where = f"facts/resources.json: {row['group']}/{row['version']} {row['plural']}"
        if (row["group"], row["version"], row["kind"]) not in kinds:
            raise model.FactsError(f"{where}: no type of kind {row['kind']}")
        stored = row.get("storedAs")
        if stored and (stored["group"], stored["version"], row["kind"]) not in kinds:
            raise model.FactsError(f"{where}: stored as a type that is not there")
        for key in ((row["group"], row["version"], row["plural"]), (row["group"], row["version"], "kind", row["kind"])):
            if key in seen:
                raise model.FactsError(f"{where}: twice in the table")
            seen.add(key)


def text(facts: pathlib.Path, api: model.Model) -> str:
    rows = json.loads((facts / "resources.json").read_text())
    known = json.loads((facts / "subresources.json").read_text())
    kinds = {(p.group, p.version, s.facts.get("name", s.name.rpartition(".")[2]))
             for p in api.packages.values() for s in p.structs}
    check(rows, kinds)
    lines = []
    for row in rows:
        data = dict(row)
        data["subresources"] = [subresource(name, row, known) for name in row["subresources"]]
        for sub in data["subresources"]:
            if (sub["group"], sub["version"], sub["kind"]) not in kinds:
                raise model.FactsError(f"{row['plural']}/{sub['name']}: no type {sub['kind']}")
        lines.append(emit.wrap("(" + emit.arguments(data) + "),", "  "))
    lines[-1] = lines[-1].removesuffix(",")
    head = [f"@{emit.file_id('resources')};",
            "# Written by schema/tools/generate.py from facts/resources.json and facts/subresources.json: change those.",
            "", 'using Cxx = import "/capnp/c++.capnp";', 'using K = import "/schema/kubernetes.capnp";', "",
            '$Cxx.namespace("troupe::k8s");', "", "const resources :List(K.Resource) = ["]
    return "\n".join(head + lines + ["];"]) + "\n"
