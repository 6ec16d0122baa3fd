"""The facts as a model: packages of structs whose fields have a Cap'n Proto slot.

Reads schema/facts/api/*.json. Knows nothing of ordinals (lock.py) or of Cap'n Proto's syntax (emit.py).
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import re


class FactsError(Exception):
    """The facts say something that cannot be modelled; the message says where."""


# Types of the facts that are values of their own: (Cap'n Proto slot, kind in the annotation).
SPECIAL = {
    "resource.Quantity": ("Text", "quantity"),
    "intstr.IntOrString": ("struct kubernetes.IntOrString", "plain"),
    "runtime.RawExtension": ("Data", "rawJson"),
    "meta/v1.FieldsV1": ("Data", "rawJson"),
    "apiextensions/v1.JSON": ("Data", "rawJson"),
    "any": ("Data", "rawJson"),
    "meta/v1.Time": ("Int64", "time"),
    "meta/v1.MicroTime": ("Int64", "microTime"),
    "meta/v1.Duration": ("Int64", "duration"),
    "types.UID": ("Text", "plain"),
    "string": ("Text", "plain"),
    "bool": ("Bool", "plain"),
    "int32": ("Int32", "plain"),
    "int64": ("Int64", "plain"),
    "float64": ("Float64", "plain"),
    "bytes": ("Data", "plain"),
}
# Types of the facts that are Go's own business: values above, or interfaces that no field has.
NO_STRUCT = {"meta/v1.Time", "meta/v1.MicroTime", "meta/v1.Duration", "meta/v1.TypeMeta", "meta/v1.Patch",
             "meta/v1.FieldsV1Reader", "meta/v1.InternalEvent", "apiextensions/v1.JSON"}
FORMS = {"apiextensions/v1.JSONSchemaPropsOrBool": "schemaOrBool",
         "apiextensions/v1.JSONSchemaPropsOrArray": "schemaOrArray",
         "apiextensions/v1.JSONSchemaPropsOrStringArray": "schemaOrStringArray"}
# Named slices that Go marks "protobuf.nullable": a message of their own in protobuf. Other named slices are plain.
WRAPPED = {"meta/v1.Verbs", "authentication/v1.ExtraValue", "authorization/v1.ExtraValue", "certificates/v1.ExtraValue"}
# Names that a Cap'n Proto file cannot declare because they hide a built-in one.
BUILT_IN = {"Void", "Bool", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32",
            "Float64", "Text", "Data", "List", "AnyPointer", "AnyStruct", "AnyList", "Capability"}
SCALARS = {"Bool", "Int32", "Int64", "Float64"}


@dataclasses.dataclass
class Field:
    id: str  # identity inside the type: protobuf number, or "json:NAME" where protobuf has no form
    json: str
    ident: str  # name in the .capnp file
    slot: str  # "Int32", "Text", "List(Text)", "struct core/v1.PodSpec", "List(struct ...)", "Map(struct ...)"
    has: str  # name of the presence field, "" when it has none
    facts: dict  # annotation FieldFacts, without defaults


@dataclasses.dataclass
class Struct:
    name: str  # "core/v1.Pod"
    ident: str
    fields: list[Field]
    facts: dict  # annotation TypeFacts


@dataclasses.dataclass
class Package:
    name: str  # "core/v1"
    group: str
    version: str
    structs: list[Struct]
    enums: list[dict]

    @property
    def stem(self) -> str:
        return re.sub(r"[./]", "_", self.name)


def identifier(json_name: str) -> str:
    """"$ref" -> "ref", "x-kubernetes-list-type" -> "xKubernetesListType", "JSONSchemas" -> "jsonSchemas"."""
    words = [w for w in re.split(r"[^A-Za-z0-9]+", json_name) if w]
    name = words[0] + "".join(w[0].upper() + w[1:] for w in words[1:])
    head = re.match(r"[A-Z]+(?=[A-Z][a-z]|$)|[A-Z]", name)
    return name[: head.end()].lower() + name[head.end():] if head else name


def struct_identifier(name: str) -> str:
    return "Object" + name if name in BUILT_IN else name


def base_type(go_type: str) -> str:
    while True:
        if go_type.startswith("[]"):
            go_type = go_type[2:]
        elif go_type.startswith("map["):
            go_type = go_type[go_type.index("]") + 1:]
        else:
            return go_type


class Model:
    """All packages, by name."""

    def __init__(self, facts: dict[str, dict], kinds: dict[str, list[dict]]):
        self.facts = facts
        self.kinds = kinds
        self.packages = {name: self._package(name) for name in sorted(facts)}

    @staticmethod
    def load(folder: pathlib.Path) -> "Model":
        facts = {}
        for path in sorted((folder / "api").glob("*.json")):
            data = json.loads(path.read_text())
            facts[data["goPackage"]] = data
        return Model(facts, json.loads((folder / "kinds.json").read_text()))

    def structs(self) -> dict[str, Struct]:
        return {s.name: s for p in self.packages.values() for s in p.structs}

    def _package(self, name: str) -> Package:
        data = self.facts[name]
        structs, enums = [], []
        for type_name, fact in sorted(data["types"].items()):
            full = f"{name}.{type_name}"
            if fact["kind"] == "enum":
                enums.append({"name": full, "closed": "enum" in fact.get("markers", []), "values": fact["values"]})
            elif fact["kind"] == "struct" and full not in NO_STRUCT:
                structs.append(self._struct(name, type_name, fact))
        return Package(name, data["group"], data["version"], structs, enums)

    def _struct(self, package: str, type_name: str, fact: dict) -> Struct:
        full = f"{package}.{type_name}"
        facts: dict = {}
        if struct_identifier(type_name) != type_name:
            facts["name"] = type_name
        fields = []
        for field in fact.get("fields", []):
            if f"{package}.{field['type']}".endswith("meta/v1.TypeMeta") and field.get("inline"):
                facts["typeMeta"] = True
            else:
                fields.append(self._field(full, package, field))
        if full in FORMS:
            facts["form"] = FORMS[full]
        if fact.get("markers"):
            facts["markers"] = fact["markers"]
        if full in self.kinds:
            facts["kinds"] = self.kinds[full]
        self._check_names(full, fields)
        return Struct(full, struct_identifier(type_name), fields, facts)

    @staticmethod
    def _check_names(full: str, fields: list[Field]) -> None:
        names = [f.ident for f in fields] + [f.has for f in fields if f.has]
        for name in names:
            if names.count(name) > 1:
                raise FactsError(f"{full}: two fields become {name!r} in Cap'n Proto; rename one in model.identifier")
        ids = [f.id for f in fields]
        for ident in ids:
            if ids.count(ident) > 1:
                raise FactsError(f"{full}: protobuf number {ident} is used twice")

    def _qualified(self, go_type: str, package: str) -> str:
        if go_type in SPECIAL or "/" in go_type:
            return go_type
        local = f"{package}.{go_type}"
        if local in SPECIAL or go_type in self.facts[package]["types"]:
            return local
        raise FactsError(f"{package}: no type {go_type!r}")

    def _resolve(self, go_type: str, package: str) -> tuple[str, str, str]:
        """Follows aliases: ([] or map or plain type, its package, name of the first alias or enum met)."""
        named = ""
        while True:
            if go_type.startswith(("[]", "map[")):
                return go_type, package, named
            full = self._qualified(go_type, package)
            if full in SPECIAL:
                return full, package, named
            package, _, local = full.rpartition(".")
            fact = self.facts.get(package, {"types": {}})["types"].get(local)
            if fact is None:
                raise FactsError(f"no facts of type {full}")
            if fact["kind"] == "struct":
                return full, package, named
            if not named or fact["kind"] == "enum":
                named = full
            go_type = "string" if fact["kind"] == "enum" else fact["underlying"]

    def _is_enum(self, name: str) -> bool:
        package, _, local = name.rpartition(".")
        return package in self.facts and self.facts[package]["types"].get(local, {}).get("kind") == "enum"

    def _element(self, go_type: str, package: str, where: str) -> tuple[str, str, str, bool]:
        """One value: (slot, kind, enum name or "", wrapped)."""
        resolved, inner, named = self._resolve(go_type, package)
        if resolved.startswith("[]") and named in WRAPPED:
            slot, kind, values, _ = self._element(resolved[2:], inner, where)
            return f"List({slot})", kind, values, True
        if resolved.startswith(("[]", "map[")):
            raise FactsError(f"{where}: a list or map inside a list or map: {go_type}")
        slot, kind = SPECIAL.get(resolved, (f"struct {resolved}", "plain"))
        return slot, kind, named if self._is_enum(named) else "", False

    def _slot(self, go_type: str, package: str, where: str) -> tuple[str, dict]:
        """The Cap'n Proto slot of a field of this type, and what of it the annotation must say."""
        resolved, inner, named = self._resolve(go_type, package)
        facts: dict = {}
        if resolved.startswith("map["):
            key, value = resolved[4:].split("]", 1)
            slot, kind, values, wrapped = self._element(value, inner, where)
            slot = {"time": "Time", "quantity": "Quantity"}.get(kind, slot)
            facts = {"kind": "map", "of": kind, "values": values}
            key_enum = self._resolve(key, inner)[2]
            facts["keyValues"] = key_enum if self._is_enum(key_enum) else ""
            if slot.startswith("List(") and not wrapped:
                raise FactsError(f"{where}: a map of lists")
            return f"Map({slot})", facts
        if resolved.startswith("[]"):
            slot, kind, values, wrapped = self._element(resolved[2:], inner, where)
            if wrapped or kind in ("time", "microTime", "duration"):
                raise FactsError(f"{where}: a list of {kind} or of named lists")
            return f"List({slot})", {"kind": kind, "values": values, "wrapped": named in WRAPPED}
        slot, kind, values, _ = self._element(go_type, package, where)
        return slot, {"kind": kind, "values": values}

    def _field(self, full: str, package: str, field: dict) -> Field:
        where = f"{full}.{field['name']}"
        slot, facts = self._slot(field["type"], package, where)
        inline = field.get("inline", False)
        if inline and ("proto" not in field or not slot.startswith("struct ")):
            raise FactsError(f"{where}: an inline field needs a struct and a protobuf number")
        name = identifier(field["name"])
        pointer = field.get("pointer", False)
        has = ""
        if slot in SCALARS and (pointer or facts["kind"] in ("time", "microTime")):
            has = "has" + name[0].upper() + name[1:]
        emit = field.get("emit", "ifNonZero")
        if emit == "ifNonZero" and (slot.startswith(("List(", "Map(")) or slot == "Data"):
            emit = "ifNonEmpty"
        facts |= {
            "proto": field.get("proto", 0), "json": field["name"] if field["name"] != name else "", "emit": emit,
            "pointer": pointer, "optional": field.get("optional", False), "inlined": inline,
            "embedded": field.get("embedded", False), "listType": field.get("listType", "none"),
            "keys": field.get("listMapKeys", []), "mapType": field.get("mapType", "none"),
            "structType": field.get("structType", ""), "patch": field.get("patchStrategy", ""),
            "mergeKey": field.get("patchMergeKey", ""), "default": field.get("default", ""),
            "rules": field.get("rules", []), "gates": field.get("featureGates", []),
        }
        ident = str(field["proto"]) if "proto" in field else "json:" + field["name"]
        return Field(ident, field["name"], name, slot, has, facts)
