"""Ordinals for ever: the lock file, and what a change of the facts may do to it.

A field's identity is (type, protobuf number). Its ordinals never change and are never given to another field: a Cap'n
Proto layout follows from the sequence of slot types alone, so that sequence may only grow.
"""

from __future__ import annotations

import dataclasses
import json
import re

import model

RESERVED = "-"  # start of the id of a slot that an inherited layout keeps for another type's field


class LockError(Exception):
    """A change that would move or reuse a slot; the message says which and what to do."""


@dataclasses.dataclass
class Entry:
    at: int  # ordinal of the value
    id: str
    name: str
    slot: str
    has: int | None = None  # ordinal of the presence bit
    removed: bool = False

    def to_json(self) -> str:
        data = {k: v for k, v in dataclasses.asdict(self).items() if v is not None and v is not False}
        return json.dumps(data)


def slot_of(field: model.Field) -> str:
    """The slot with what its bits mean: "Int64 time" is no "Int64"."""
    kind = field.facts["kind"]
    return field.slot if kind in ("plain", "map") else f"{field.slot} {kind}"


def struct_in(slot: str) -> tuple[str, str] | None:
    """"List(struct core/v1.Port)" -> ("List(struct )", "core/v1.Port"); None for a slot without one."""
    found = re.search(r"struct ([\w./]+)", slot)
    return (slot[: found.start(1)] + slot[found.end(1):], found.group(1)) if found else None


def size_class(slot: str) -> str:
    """What decides a slot's place in the layout."""
    plain = slot.split(" ")[0]
    return plain if plain in model.SCALARS else "pointer"


class Lock:
    def __init__(self, types: dict[str, list[Entry]]):
        self.types = types

    @staticmethod
    def parse(text: str) -> "Lock":
        return Lock({name: [Entry(**e) for e in entries] for name, entries in json.loads(text).items()})

    def text(self) -> str:
        blocks = []
        for name in sorted(self.types):
            lines = ",\n".join("  " + e.to_json() for e in sorted(self.types[name], key=lambda e: e.at))
            blocks.append(f'"{name}": [\n{lines}\n]' if lines else f'"{name}": []')
        return "{\n" + ",\n".join(blocks) + "\n}\n"

    def slots(self, name: str) -> dict[int, tuple[Entry, str]]:
        """Every ordinal of a type: (its entry, size class)."""
        out = {}
        for entry in self.types[name]:
            out[entry.at] = (entry, size_class(entry.slot))
            if entry.has is not None:
                out[entry.has] = (entry, "Bool")
        return out

    def next(self, name: str) -> int:
        return max(self.slots(name), default=-1) + 1

    def update(self, structs: dict[str, model.Struct]) -> None:
        """Brings the lock to the model. Raises LockError when an old record would be misread; the lock is then void."""
        replaced = [pair for name in sorted(structs) if name in self.types for pair in self._replaced(structs[name])]
        for old, new, where in replaced:
            if new not in self.types:
                self._inherit(old, new, where, structs)
        for name in sorted(structs):
            self._update_type(structs[name])
        for old, new, where in replaced:
            self._check_compatible(old, new, where, set())
        for name in self.types:
            if sorted(self.slots(name)) != list(range(self.next(name))):
                raise LockError(f"{name}: the lock file has a gap or uses an ordinal twice; restore it from history")

    def _replaced(self, struct: model.Struct) -> list[tuple[str, str, str]]:
        """Fields whose struct type is another one now: (old type, new type, where)."""
        out = []
        locked = {e.id: e for e in self.types[struct.name]}
        for field in struct.fields:
            entry = locked.get(field.id)
            if entry is None or entry.slot == slot_of(field):
                continue
            where = f"{struct.name}.{field.json} ({field.id})"
            was, now = struct_in(entry.slot), struct_in(slot_of(field))
            if was is None or now is None or was[0] != now[0]:
                raise LockError(f"{where}: {entry.slot} became {slot_of(field)}; a slot keeps its type for ever. Give "
                                "the field a new number, or convert in code and keep the old type here")
            out.append((was[1], now[1], where))
        return out

    def _inherit(self, old: str, new: str, where: str, structs: dict[str, model.Struct]) -> None:
        """Lays a new type out as the one it replaces: shared fields keep their ordinals, the others' stay reserved."""
        if new not in structs or old not in self.types:
            raise LockError(f"{where}: {old} became {new}, and one of them is unknown")
        fields = {f.id: f for f in structs[new].fields}
        self.types[new] = entries = []
        for entry in self.types[old]:
            field = fields.get(entry.id)
            if field is None or field.json != entry.name:
                kept = entry.id if entry.id.startswith(RESERVED) else RESERVED + entry.id
                entries.append(dataclasses.replace(entry, id=kept, removed=True))
                continue
            slot = slot_of(field)
            was, now = struct_in(entry.slot), struct_in(slot)
            if slot != entry.slot and (was is None or now is None or was[0] != now[0]):
                raise LockError(f"{where}: {old} became {new}, whose field {entry.name} is {slot} and was {entry.slot}")
            entries.append(dataclasses.replace(entry, slot=slot, removed=False))
            if was and now and was[1] != now[1] and now[1] not in self.types:
                self._inherit(was[1], now[1], f"{where}.{entry.name}", structs)

    def _update_type(self, struct: model.Struct) -> None:
        entries = self.types.setdefault(struct.name, [])
        locked = {e.id: e for e in entries}
        present = {f.id for f in struct.fields}
        for entry in entries:
            entry.removed = entry.id not in present
        for field in struct.fields:
            entry = locked.get(field.id)
            if entry is None:
                entry = Entry(self.next(struct.name), field.id, field.json, slot_of(field))
                entries.append(entry)
            entry.name, entry.slot = field.json, slot_of(field)
            if field.has and entry.has is None:
                entry.has = self.next(struct.name)

    def _check_compatible(self, old: str, new: str, where: str, seen: set[tuple[str, str]]) -> None:
        """Every slot of `old` means the same in `new`, or nothing."""
        if old == new or (old, new) in seen:
            return
        seen.add((old, new))
        target = self.slots(new)
        for at, (entry, size) in self.slots(old).items():
            here = f"{where}: {old} became {new}, but ordinal {at} ({entry.name})"
            if at not in target:
                raise LockError(f"{here} has no slot there: the next field of {new} would read it")
            other, other_size = target[at]
            if size != other_size:
                raise LockError(f"{here} is a {size} slot and there a {other_size} one")
            if other.removed:
                continue
            if (other.id, other.name) != (entry.id, entry.name) or (at == entry.at) != (at == other.at):
                raise LockError(f"{here} is there the field {other.name}")
            was, now = struct_in(entry.slot), struct_in(other.slot)
            if was and now and was[0] == now[0]:
                self._check_compatible(was[1], now[1], f"{where}.{entry.name}", seen)
            elif entry.slot != other.slot:
                raise LockError(f"{here} is {entry.slot} and there {other.slot}")
