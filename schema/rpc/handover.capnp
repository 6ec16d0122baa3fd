@0xc3b1f0a2d94e7a61;
# What a keeper hands to the program that takes its place in the same process (execve), in a memfd. What is not in it the
# successor reads from the keeper's files, as after a crash. Fields are only appended; a change that an older program would
# misread raises `version`, and such a program is not given the place. Descriptors are numbers of the process, 0: none. Times
# are CLOCK_MONOTONIC in nanoseconds, 0: none.

using Cxx = import "/capnp/c++.capnp";
using Rpc = import "keeper.capnp";
$Cxx.namespace("troupe::rpc");

struct Handover {
  version @0 :UInt16;
  upgrades @1 :UInt32;  # how often a program has taken the place, this time included
  socket @2 :Int32;     # listens
  lock @3 :Int32;       # of the data folder, held
  lastExit @4 :UInt64;  # sequence
  containers @5 :List(HandedContainer);
  kernel @6 :HandedKernel;  # null: this keeper runs no kernel
  commands @7 :List(Int32);  # pids of commands beside containers: whoever asked for them is told that they are lost
}

struct HandedContainer {
  info @0 :Rpc.ContainerInfo;
  process @1 :Int32;  # pidfd
  mounts @2 :Int32;   # its mount namespace
  output @3 :Int32;   # our end of stdout, or of the terminal
  error @4 :Int32;
  input @5 :Int32;
  log @6 :Int32;
  logWanted @7 :Bool;  # lines still come
  logDropped @8 :UInt64;
  unfinishedOutput @9 :Data;  # of a line that has not ended yet
  unfinishedError @10 :Data;
  killAt @11 :Int64;  # when the grace of a stop ends
}

struct HandedKernel {
  pid @0 :Int32;  # 0: none runs
  process @1 :Int32;
  restarts @2 :UInt32;
  lastReason @3 :Text;
  attached @4 :Bool;
  starts @5 :List(Int64);  # that count against the budget
  startAt @6 :Int64;       # the pause after a spent budget
}
