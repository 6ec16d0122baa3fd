@0xb5a2c1f06d3e4a97;
# Messages for the kernel's tests.
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("troupe::kernel::test");

struct Ping {
  number @0 :UInt64;
  text @1 :Text;
}
struct Pong {
  number @0 :UInt64;
}
struct Bag {
  name @0 :Text;
  items @1 :List(Item);
  struct Item {
    key @0 :Text;
    data @1 :Data;
    inner @2 :Item;
  }
}
