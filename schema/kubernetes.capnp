@0xd1c5a7f3e0b94a21;
# What the API says about types and fields beyond their Cap'n Proto form, as annotations, and the structs that the
# files of all API groups share. The files of the groups are written by tools/generate.py; this one by hand.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("troupe::k8s");
$package(name = "kubernetes");

enum Kind {
  # What a field is when its Cap'n Proto type alone does not say it.
  plain @0;
  quantity @1;      # Text: canonical quantity
  time @2;          # Int64: seconds since 1970
  microTime @3;     # Int64: microseconds since 1970
  duration @4;      # Int64: nanoseconds
  rawJson @5;       # Data: JSON bytes; protobuf {1: bytes}
  map @6;           # List of entries, sorted by key
}

enum Emit {
  ifNonZero @0;
  ifNonEmpty @1;
  ifSet @2;
  always @3;
}

enum ListType { none @0; atomic @1; set @2; map @3; }
enum MapType { none @0; atomic @1; granular @2; }
enum Form { object @0; intOrString @1; schemaOrBool @2; schemaOrArray @3; schemaOrStringArray @4; }

struct FieldFacts {
  proto @0 :UInt32;            # protobuf number; 0 when the type has no protobuf form
  json @1 :Text;               # JSON name, when it is not the field's own
  kind @2 :Kind;
  of @3 :Kind;                 # what a map's values are
  emit @4 :Emit;
  pointer @5 :Bool;            # absent and zero differ
  optional @6 :Bool;
  inlined @7 :Bool;            # its fields stand in the parent's JSON; protobuf nests it
  wrapped @8 :Bool;            # a named slice: a message {1: repeated items} in protobuf
  embedded @9 :Bool;           # its JSON objects carry apiVersion and kind
  listType @10 :ListType;
  keys @11 :List(Text);        # listMapKeys
  mapType @12 :MapType;
  structType @13 :Text;        # "granular" or "atomic"
  patch @14 :Text;             # patchStrategy
  mergeKey @15 :Text;          # patchMergeKey
  values @16 :Text;            # enumeration: "core/v1.Protocol"
  keyValues @17 :Text;         # enumeration of a map's keys
  default @18 :Text;           # JSON
  rules @19 :List(Text);
  gates @20 :List(Text);       # feature gates
}

struct GroupVersion {
  group @0 :Text;              # "*": any
  version @1 :Text;
}

struct TypeFacts {
  name @0 :Text;               # the type's name, when it is not the struct's own
  typeMeta @1 :Bool;           # JSON has apiVersion and kind
  form @2 :Form;
  markers @3 :List(Text);
  kinds @4 :List(GroupVersion);  # where clients send it too, beside its own group and version
}

struct EnumFacts {
  name @0 :Text;
  closed @1 :Bool;
  values @2 :List(Text);
}

struct PackageFacts {
  name @0 :Text;               # "core/v1"
  group @1 :Text;
  version @2 :Text;
  enums @3 :List(EnumFacts);
}

annotation f(field) :FieldFacts;
annotation presence(field) :Text;    # this Bool says whether the named field is set
annotation reserved(field) :Void;    # the field that had this ordinal is gone; its slot stays
annotation type(struct) :TypeFacts;
annotation entry(struct) :Void;      # an entry of a map
annotation package(file) :PackageFacts;

struct IntOrString $type(form = intOrString) {
  union {
    int @0 :Int32;
    str @1 :Text;
  }
}

struct TextEntry $entry {
  key @0 :Text $f(proto = 1);
  value @1 :Text $f(proto = 2);
}

struct QuantityEntry $entry {
  key @0 :Text $f(proto = 1);
  value @1 :Text $f(proto = 2, kind = quantity);
}

struct DataEntry $entry {
  key @0 :Text $f(proto = 1);
  value @1 :Data $f(proto = 2);
}

struct TextListEntry $entry {
  key @0 :Text $f(proto = 1);
  value @1 :List(Text) $f(proto = 2, wrapped = true);
}

struct TimeEntry $entry {
  key @0 :Text $f(proto = 1);
  value @1 :Int64 $f(proto = 2, kind = time);
  hasValue @2 :Bool $presence("value");
}

struct Resource {
  # A row of the resource table (resources.capnp).
  struct Subresource {
    name @0 :Text;
    group @1 :Text;
    version @2 :Text;
    kind @3 :Text;             # what its verbs take and answer
    verbs @4 :List(Text);
  }
  struct Column {
    # Of the Table that kubectl shows.
    name @0 :Text;
    type @1 :Text;
    format @2 :Text;
    priority @3 :Int32;        # 0: always; 1: with -o wide
  }
  group @0 :Text;
  version @1 :Text;
  kind @2 :Text;
  plural @3 :Text;
  singular @4 :Text;
  shortNames @5 :List(Text);
  categories @6 :List(Text);
  namespaced @7 :Bool;
  verbs @8 :List(Text);
  subresources @9 :List(Subresource);
  selectableFields @10 :List(Text);
  columns @11 :List(Column);
  storedAs @12 :GroupVersion;  # null: as it is
}
