"""Writes the .capnp file of one package from the model and the lock."""

from __future__ import annotations

import hashlib
import re

import lock as locks
import model

WIDTH = 120
DEFAULTS = {"kind": "plain", "of": "plain", "emit": "ifNonZero", "listType": "none", "mapType": "none"}
KINDS = {"plain", "quantity", "time", "microTime", "duration", "rawJson", "map"}
ENUMERANTS = {"kind": KINDS, "of": KINDS, "emit": {"ifNonZero", "ifNonEmpty", "ifSet", "always"},
              "listType": {"none", "atomic", "set", "map"}, "mapType": {"none", "atomic", "granular"},
              "form": {"object", "intOrString", "schemaOrBool", "schemaOrArray", "schemaOrStringArray"}}


def file_id(name: str) -> str:
    digest = hashlib.sha256(f"troupe schema {name}".encode()).digest()
    return f"0x{int.from_bytes(digest[:8], 'big') | 1 << 63:x}"


def quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def value(key: str, data) -> str:
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, int):
        return str(data)
    if isinstance(data, str):
        return data if data in ENUMERANTS.get(key, ()) else quote(data)
    if isinstance(data, dict):
        return "(" + arguments(data) + ")"
    return "[" + ", ".join(value("", item) for item in data) + "]"


def arguments(facts: dict) -> str:
    shown = {k: v for k, v in facts.items() if v not in ("", 0, False, []) and DEFAULTS.get(k) != v}
    return ", ".join(f"{key} = {value(key, data)}" for key, data in shown.items())


def wrap(text: str, indent: str) -> str:
    """Breaks a declaration at blanks outside of string literals."""
    words = re.findall(r'(?:"(?:\\.|[^"\\])*"|[^\s"])+', text)
    lines, line = [], indent
    for word in words:
        if len(line) + len(word) + 1 > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = indent + "    "
        line += word + " "
    return "\n".join(lines + [line.rstrip()])


class Writer:
    def __init__(self, package: model.Package, lock: locks.Lock, structs: dict[str, model.Struct]):
        self.package = package
        self.lock = lock
        self.structs = structs
        self.imports: set[str] = set()
        self.entries: dict[str, str] = {}  # name of a map's entry -> slot of its value

    def text(self) -> str:
        body = [self._struct(s) for s in self.package.structs]
        body += [self._entry(name, slot) for name, slot in sorted(self.entries.items())]
        pack = {"name": self.package.name, "group": self.package.group, "version": self.package.version,
                "enums": self.package.enums}
        space = "troupe::k8s::" + re.sub(r"\.", "_", self.package.name).replace("/", "::")
        head = [f"@{file_id(self.package.name)};",
                f"# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.",
                "", 'using Cxx = import "/capnp/c++.capnp";', 'using K = import "/schema/kubernetes.capnp";']
        head += [f'using {self._alias(p)} = import "/schema/{self._stem(p)}.capnp";' for p in sorted(self.imports)]
        head += ["", f'$Cxx.namespace("{space}");', wrap(f"$K.package({arguments(pack)});", "")]
        return "\n".join(head) + "\n\n" + "\n\n".join(body) + "\n"

    @staticmethod
    def _stem(package: str) -> str:
        return re.sub(r"[./]", "_", package)

    @staticmethod
    def _alias(package: str) -> str:
        return "".join(w[0].upper() + w[1:] for w in re.split(r"[./]", package))

    def _ref(self, name: str) -> str:
        """A struct's name as this file says it."""
        if name == "kubernetes.IntOrString":
            return "K.IntOrString"
        package = name.rpartition(".")[0]
        ident = self.structs[name].ident
        if package == self.package.name:
            return ident
        self.imports.add(package)
        return f"{self._alias(package)}.{ident}"

    def _type(self, slot: str) -> str:
        slot = slot.strip()
        if slot.startswith("struct "):
            return self._ref(slot[len("struct "):])
        if slot.startswith("List("):
            return f"List({self._type(slot[5:-1])})"
        if not slot.startswith("Map("):
            return slot
        inner = slot[4:-1]
        shared = {"Text": "TextEntry", "Quantity": "QuantityEntry", "Data": "DataEntry", "List(Text)": "TextListEntry",
                  "Time": "TimeEntry"}.get(inner)
        if shared:
            return f"List(K.{shared})"
        found = locks.struct_in(inner)
        if not inner.startswith("struct ") or found is None:
            raise model.FactsError(f"{self.package.name}: no entry for a map of {inner}")
        name = self.structs[found[1]].ident + "Entry"
        if f"{self.package.name}.{name}" in self.structs or self.entries.get(name, inner) != inner:
            raise model.FactsError(f"{self.package.name}: {name} is taken; the map of {inner} needs another name")
        self.entries[name] = inner
        return f"List({name})"

    def _entry(self, name: str, slot: str) -> str:
        return (f"struct {name} $K.entry {{\n  key @0 :Text $K.f(proto = 1);\n"
                f"  value @1 :{self._type(slot)} $K.f(proto = 2);\n}}")

    def _struct(self, struct: model.Struct) -> str:
        entries = {e.id: e for e in self.lock.types[struct.name]}
        facts = arguments(struct.facts)
        lines = [wrap(f"struct {struct.ident}" + (f" $K.type({facts})" if facts else "") + " {", "")]
        used = set()
        for field in struct.fields:
            entry = entries[field.id]
            text = f"{field.ident} @{entry.at} :{self._type(field.slot)} $K.f({arguments(field.facts)});"
            lines.append(wrap(text, "  "))
            used.add(entry.at)
            if field.has:
                lines.append(f'  {field.has} @{entry.has} :Bool $K.presence("{field.ident}");')
                used.add(entry.has)
        for at, (_, size) in sorted(self.lock.slots(struct.name).items()):
            if at not in used:
                slot = "AnyPointer" if size == "pointer" else size
                lines.append(f"  reserved{at} @{at} :{slot} $K.reserved;")
        return "\n".join(lines + ["}"])
