#!/usr/bin/env python3
"""What a change of the facts does to the ordinals: doctored facts against schema/tools."""

from __future__ import annotations

import copy
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "schema/tools"))

import emit  # noqa: E402
import generate  # noqa: E402
import lock as locks  # noqa: E402
import model  # noqa: E402


def field(number: int, name: str, kind: str, **more) -> dict:
    return {"name": name, "type": kind, "proto": number, **more}


def facts(**types: list[dict]) -> dict:
    return {"demo/v1": {"group": "demo.example", "goPackage": "demo/v1", "version": "v1",
                        "types": {name: {"kind": "struct", "fields": fields} for name, fields in types.items()}}}


BASE = {
    "Widget": [field(1, "name", "string"), field(2, "size", "int32"), field(3, "spec", "WidgetSpec"),
               field(4, "ready", "bool"), field(5, "weight", "int64", pointer=True), field(6, "tags", "[]string"),
               field(7, "Source", "Source", inline=True)],
    "WidgetSpec": [field(1, "limits", "map[string]string"), field(2, "requests", "map[string]string"),
                   field(3, "claims", "[]string"), field(4, "count", "int32")],
    "Source": [field(1, "file", "string"), field(2, "mode", "int32")],
}


def base(**changed: list[dict] | None) -> dict:
    types = copy.deepcopy(BASE)
    for name, fields in changed.items():
        if fields is None:
            del types[name]
        else:
            types[name] = fields
    return facts(**types)


def without(type_name: str, *names: str) -> list[dict]:
    return [f for f in copy.deepcopy(BASE[type_name]) if f["name"] not in names]


def changed(type_name: str, name: str, **more) -> list[dict]:
    return [f | more if f["name"] == name else f for f in copy.deepcopy(BASE[type_name])]


def evolve(*steps: dict) -> locks.Lock:
    """The lock after each of these facts was taken over in turn; through its text, as the file would be."""
    lock = locks.Lock({})
    for step in steps:
        lock = locks.Lock.parse(lock.text())
        lock.update(model.Model(step, {}).structs())
    return lock


def entry(lock: locks.Lock, type_name: str, name: str) -> locks.Entry:
    return next(e for e in lock.types[f"demo/v1.{type_name}"] if e.name == name)


def places(lock: locks.Lock) -> dict:
    return {(t, e.id): (e.at, e.has) for t, entries in lock.types.items() for e in entries}


class Ordinals(unittest.TestCase):
    def keeps(self, lock: locks.Lock, before: locks.Lock) -> None:
        """Every slot of before is where it was and as wide as it was."""
        now = places(lock)
        for key, (at, has) in places(before).items():
            self.assertEqual(now[key][0], at, key)
            self.assertIn(now[key][1], (has,) if has is not None else (None, now[key][1]), key)
        for name in before.types:
            old = {at: size for at, (_, size) in before.slots(name).items()}
            new = {at: size for at, (_, size) in lock.slots(name).items()}
            self.assertEqual({at: new[at] for at in old}, old, name)

    def refuses(self, pattern: str, *steps: dict) -> None:
        with self.assertRaisesRegex((locks.LockError, model.FactsError), pattern):
            evolve(*steps)

    def test_added_fields_are_appended(self):
        before = evolve(base())
        grown = [field(8, "first", "int32")] + BASE["Widget"] + [field(9, "last", "string")]
        after = evolve(base(), base(Widget=grown))
        self.keeps(after, before)
        self.assertEqual([entry(after, "Widget", n).at for n in ("first", "last")],
                         [before.next("demo/v1.Widget"), before.next("demo/v1.Widget") + 1])

    def test_a_removed_field_keeps_its_slot(self):
        before = evolve(base())
        after = evolve(base(), base(Widget=without("Widget", "size", "weight")))
        self.keeps(after, before)
        text = write(after, base(Widget=without("Widget", "size", "weight")))
        self.assertRegex(text, r"reserved1 @1 :Int32 \$K.reserved;")
        self.assertRegex(text, r"reserved4 @4 :Int64 \$K.reserved;\n  reserved5 @5 :Bool \$K.reserved;")

    def test_a_field_that_is_back_has_its_old_ordinal(self):
        before = evolve(base())
        grown = without("Widget", "size", "weight") + [field(20, "other", "int32")]
        after = evolve(base(), base(Widget=grown), base(Widget=BASE["Widget"] + [field(20, "other", "int32")]))
        self.keeps(after, before)
        self.assertFalse(entry(after, "Widget", "weight").removed)

    def test_a_field_that_is_back_with_another_type_is_refused(self):
        self.refuses("Widget.size.*Int32 became Text", base(), base(Widget=without("Widget", "size")),
                     base(Widget=changed("Widget", "size", type="string")))

    def test_a_type_that_is_gone_and_back_has_its_old_ordinals(self):
        gone = base(WidgetSpec=None, Widget=without("Widget", "spec"))
        self.keeps(evolve(base(), gone, base()), evolve(base()))

    def test_a_plain_field_turned_pointer_keeps_its_slot_and_appends_a_presence_bit(self):
        before = evolve(base())
        after = evolve(base(), base(Widget=changed("Widget", "size", pointer=True)))
        self.keeps(after, before)
        self.assertEqual(entry(after, "Widget", "size").has, before.next("demo/v1.Widget"))

    def test_a_pointer_turned_plain_keeps_its_slot_and_its_presence_bit(self):
        before = evolve(base())
        after = evolve(base(), base(Widget=changed("Widget", "weight", pointer=False)))
        self.keeps(after, before)
        self.assertEqual(entry(after, "Widget", "weight").has, entry(before, "Widget", "weight").has)

    def test_a_changed_scalar_type_is_refused(self):
        for new in ("int64", "string", "bool", "[]int32", "meta/v1.Time", "WidgetSpec"):
            with self.subTest(new):
                self.refuses("Widget.size", base(), base(Widget=changed("Widget", "size", type=new)))

    def test_a_changed_meaning_of_the_same_bits_is_refused(self):
        seconds = base(Widget=BASE["Widget"] + [field(9, "at", "meta/v1.Time")])
        for new in ("meta/v1.MicroTime", "int64", "meta/v1.Duration"):
            with self.subTest(new):
                self.refuses("Widget.at", seconds, base(Widget=BASE["Widget"] + [field(9, "at", new)]))

    def test_a_struct_replaced_by_a_new_one_keeps_the_layout_of_shared_fields(self):
        new = [field(2, "requests", "map[string]string"), field(9, "extra", "string"),
               field(1, "limits", "map[string]string"), field(4, "count", "int32")]
        after = evolve(base(), base(Widget=changed("Widget", "spec", type="NewSpec"), NewSpec=new))
        for name in ("limits", "requests", "count"):
            self.assertEqual(entry(after, "NewSpec", name).at, entry(after, "WidgetSpec", name).at, name)
        self.assertTrue(entry(after, "NewSpec", "claims").removed)
        self.assertEqual(entry(after, "NewSpec", "extra").at, after.next("demo/v1.WidgetSpec"))

    def test_a_later_field_with_the_number_of_a_reserved_slot_does_not_get_that_slot(self):
        step = base(Widget=changed("Widget", "spec", type="NewSpec"), NewSpec=[field(1, "limits", "map[string]string")])
        later = base(Widget=changed("Widget", "spec", type="NewSpec"),
                     NewSpec=[field(1, "limits", "map[string]string"), field(3, "other", "int32")])
        after = evolve(base(), step, later)
        self.assertEqual(entry(after, "NewSpec", "other").at, after.next("demo/v1.WidgetSpec"))

    def test_nested_structs_of_a_replaced_one_keep_their_layout_too(self):
        old = base(WidgetSpec=BASE["WidgetSpec"] + [field(5, "inner", "Inner")],
                   Inner=[field(1, "a", "string"), field(2, "b", "string"), field(3, "c", "int32")])
        new = base(Widget=changed("Widget", "spec", type="NewSpec"),
                   NewSpec=[field(5, "inner", "NewInner")], NewInner=[field(3, "c", "int32"), field(2, "b", "string")])
        after = evolve(old, new)
        self.assertEqual(entry(after, "NewInner", "b").at, 1)
        self.assertEqual(entry(after, "NewInner", "c").at, 2)

    def test_a_list_of_structs_follows_the_same_rule(self):
        old = base(Widget=BASE["Widget"] + [field(9, "parts", "[]Source")])
        new = base(Widget=BASE["Widget"] + [field(9, "parts", "[]Part")], Part=[field(2, "mode", "int32")])
        after = evolve(old, new)
        self.assertEqual(entry(after, "Part", "mode").at, 1)

    def test_a_struct_replaced_by_a_known_one_with_another_layout_is_refused(self):
        other = [field(9, "z", "int32"), field(1, "limits", "map[string]string")]
        self.refuses("WidgetSpec became demo/v1.Other, but ordinal 0", base(Other=other),
                     base(Widget=changed("Widget", "spec", type="Other"), Other=other))

    def test_a_struct_replaced_by_a_known_shorter_one_is_refused(self):
        short = [field(1, "limits", "map[string]string")]
        self.refuses("has no slot there", base(Short=short), base(Widget=changed("Widget", "spec", type="Short"),
                                                                  Short=short))

    def test_a_struct_replaced_by_a_known_one_with_the_same_layout_is_taken(self):
        twin = BASE["WidgetSpec"] + [field(9, "more", "string")]
        before = evolve(base(Twin=twin))
        after = evolve(base(Twin=twin), base(Widget=changed("Widget", "spec", type="Twin"), Twin=twin))
        self.keeps(after, before)

    def test_shared_fields_of_different_types_are_refused(self):
        self.refuses("count is Text and was Int32", base(),
                     base(Widget=changed("Widget", "spec", type="NewSpec"), NewSpec=[field(4, "count", "string")]))

    def test_an_inline_struct_that_grew_keeps_every_ordinal(self):
        before = evolve(base())
        after = evolve(base(), base(Source=[field(3, "new", "bool")] + BASE["Source"]))
        self.keeps(after, before)

    def test_an_inline_struct_that_no_more_is_inline_keeps_its_slot(self):
        self.keeps(evolve(base(), base(Widget=changed("Widget", "Source", inline=False))), evolve(base()))

    def test_an_inline_struct_without_a_number_is_refused(self):
        flat = [f for f in BASE["Widget"] if f["name"] != "Source"]
        flat.append({"name": "Source", "type": "Source", "inline": True})
        self.refuses("inline field needs", base(Widget=flat))

    def test_one_number_for_two_fields_is_refused(self):
        self.refuses("number 1 is used twice", base(Widget=BASE["Widget"] + [field(1, "again", "string")]))

    def test_two_names_that_become_one_are_refused(self):
        self.refuses("two fields become", base(Widget=BASE["Widget"] + [field(9, "$name", "string")]))

    def test_a_lock_file_with_a_gap_is_refused(self):
        text = evolve(base()).text().replace('{"at": 1, "id": "2", "name": "size", "slot": "Int32"},\n', "")
        with self.assertRaisesRegex(locks.LockError, "gap"):
            locks.Lock.parse(text).update(model.Model(base(Widget=without("Widget", "size")), {}).structs())

    def test_the_lock_file_has_one_line_a_field(self):
        lines = evolve(base()).text().splitlines()
        self.assertEqual(sum(1 for line in lines if line.startswith('  {"at"')), 13)

    def test_random_changes_of_the_whole_api_move_nothing(self):
        for seed in range(6):
            with self.subTest(seed=seed):
                rng = random.Random(seed)
                before = locks.Lock.parse((ROOT / "schema/ordinals.lock.json").read_text())
                lock = locks.Lock.parse(before.text())
                for _ in range(3):
                    lock.update(model.Model(doctored(API.facts, rng), API.kinds).structs())
                self.keeps(lock, before)
                lock.update(API.structs())
                self.keeps(lock, before)


API = model.Model.load(ROOT / "schema/facts")


def doctored(api: dict, rng: random.Random) -> dict:
    """The real facts with fields removed, added, shuffled and turned to pointers at random."""
    out = copy.deepcopy(api)
    for package in out.values():
        for fact in package["types"].values():
            fields = fact.get("fields", [])
            kept = [f for f in fields if f.get("inline") or rng.random() > 0.1]
            for f in kept:
                if f["type"] in ("int32", "int64", "bool") and rng.random() < 0.2:
                    f["pointer"] = not f.get("pointer", False)
            if fields and rng.random() < 0.3:
                number = max(f.get("proto", 0) for f in fields) + rng.randint(1, 1000)
                kept.append(field(number, f"added{number}", rng.choice(["string", "int32", "bool", "[]string"])))
            rng.shuffle(kept)
            fact["fields"] = kept
    return out


def write(lock: locks.Lock, new: dict) -> str:
    api = model.Model(new, {})
    return emit.Writer(api.packages["demo/v1"], lock, api.structs()).text()


def compiled(folder: pathlib.Path, text: str) -> pathlib.Path:
    path = folder / "demo.capnp"
    path.write_text(text)
    return path


def convert(schema: pathlib.Path, how: str, type_name: str, data: bytes) -> bytes:
    done = subprocess.run(["capnp", "convert", f"-I{ROOT}", how, str(schema), type_name], input=data, check=True,
                          capture_output=True)
    return done.stdout


class Bytes(unittest.TestCase):
    """Objects written under one schema and read under another, by Cap'n Proto's own tool."""

    def read(self, new: dict, old_object: str) -> str:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            old_schema = compiled(folder, write(evolve(base()), base()))
            written = convert(old_schema, "text:binary", "Widget", old_object.encode())
            new_schema = compiled(folder, write(evolve(base(), new), new))
            text = " ".join(convert(new_schema, "binary:text", "Widget", written).decode().split())
            return text.replace("[ (", "[(").replace(") ]", ")]")

    def test_a_plain_value_is_read_after_it_became_a_pointer(self):
        text = self.read(base(Widget=changed("Widget", "size", pointer=True)), "(size = 7, name = \"w\")")
        self.assertIn("size = 7", text)
        self.assertIn("hasSize = false", text)  # which is why present means: bit set, or value not zero

    def test_fields_around_a_removed_one_are_read(self):
        text = self.read(base(Widget=without("Widget", "size", "ready")),
                         '(name = "w", size = 7, ready = true, weight = -3, hasWeight = true, tags = ["a"])')
        for part in ('name = "w"', "weight = -3", "hasWeight = true", 'tags = ["a"]', "reserved1 = 7"):
            self.assertIn(part, text)

    def test_a_replaced_struct_is_read_by_its_shared_fields(self):
        new = base(Widget=changed("Widget", "spec", type="NewSpec"),
                   NewSpec=[field(9, "extra", "string"), field(4, "count", "int32"),
                            field(2, "requests", "map[string]string")])
        text = self.read(new, '(spec = (count = 9, claims = ["c"], requests = [(key = "cpu", value = "1")]))')
        self.assertIn('count = 9', text)
        self.assertIn('requests = [(key = "cpu", value = "1")]', text)
        self.assertNotIn("extra", text)

    def test_an_inline_struct_that_grew_is_read(self):
        text = self.read(base(Source=[field(3, "new", "bool")] + BASE["Source"]),
                         '(source = (file = "f", mode = 420))')
        self.assertIn('file = "f"', text)
        self.assertIn("mode = 420", text)


class Kept(unittest.TestCase):
    """The fixtures that carry_unknown_test.cpp reads: what the tool made of two facts files must stay what it makes."""

    def test_the_tool_still_writes_the_kept_schemas(self):
        folder = ROOT / "tests/fixtures/schema/evolution"
        lock = locks.Lock({})
        for name in ("old", "new"):
            api = model.Model({"demo/v1": json.loads((folder / f"{name}.json").read_text())}, {})
            lock.update(api.structs())
            self.assertEqual(lock.text(), (folder / f"{name}.lock.json").read_text(), name)
            written = emit.Writer(api.packages["demo/v1"], lock, api.structs()).text()
            self.assertEqual(written, (folder / f"{name}.capnp").read_text(), name)


class Generated(unittest.TestCase):
    def test_writing_again_gives_no_difference(self):
        for path, text in generate.outputs(ROOT / "schema").items():
            self.assertEqual(path.read_text(), text, f"{path.name}: run schema/tools/generate.py")

    def test_every_fact_has_its_annotation(self):
        taken = {"name", "type", "proto", "emit", "pointer", "optional", "inline", "embedded", "listType", "listMapKeys",
                 "mapType", "structType", "patchStrategy", "patchMergeKey", "default", "rules", "featureGates"}
        for package in API.packages.values():
            for name, kind in API.facts[package.name]["types"].items():
                self.assertLessEqual({k for f in kind.get("fields", []) for k in f}, taken, name)
                self.assertLessEqual(set(kind), {"kind", "fields", "markers", "underlying", "values"}, name)
        spec = next(f for f in API.structs()["core/v1.PodSpec"].fields if f.json == "containers")
        self.assertEqual((spec.facts["keys"], spec.facts["mergeKey"], spec.facts["patch"], spec.facts["proto"]),
                         (["name"], "name", "merge", 2))

    def test_the_facts_hold_no_prose(self):
        for fact in API.facts.values():
            for kind in fact["types"].values():
                keys = set(kind) | {k for f in kind.get("fields", []) for k in f}
                self.assertFalse(keys & {"description", "doc", "comment", "text"})


if __name__ == "__main__":
    unittest.main()
