@0xd6936b52f2ec9c85;
# The keeper's RPC: one unix socket, one bootstrap capability. The kernel is the client. Calls of one connection are
# answered in order, so a client may send create and start together. Times are Unix nanoseconds; ids are
# [A-Za-z0-9._-]{1,128} and do not start with a dot.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("troupe::rpc");

struct Failure {
  code @0 :UInt16;  # ErrorCode of base/result.hpp; 0 is success
  message @1 :Text;
}

struct SandboxSpec {
  id @0 :Text;
  podNamespace @1 :Text;
  podName @2 :Text;
  podUid @3 :Text;
  ports @4 :List(PortMapping);
}

struct PortMapping {
  containerPort @0 :UInt16;
  nodePort @1 :UInt16;
}

struct Mount {
  source @0 :Text;
  target @1 :Text;
  readOnly @2 :Bool;
  inside @3 :Text;  # the part of the source that is meant; empty: all
}

struct Variable {
  name @0 :Text;
  value @1 :Text;
}

struct ResourceLimit {
  resource @0 :Int32;  # RLIMIT_*
  soft @1 :UInt64;
  hard @2 :UInt64;
}

struct LogSpec {
  path @0 :Text;        # absolute; its folder is made
  maxBytes @1 :UInt64;  # 0: never rotated
  maxFiles @2 :UInt32;  # the current one included, at least 1
}

struct ContainerSpec {
  id @0 :Text;
  sandboxId @1 :Text;
  name @2 :Text;
  attempt @3 :UInt32;
  argv @4 :List(Text);
  environment @5 :List(Variable);
  workingDirectory @6 :Text;  # empty: the root directory
  hasUser @7 :Bool;
  user @8 :UInt32;
  hasGroup @9 :Bool;
  group @10 :UInt32;
  supplementaryGroups @11 :List(UInt32);
  limits @12 :List(ResourceLimit);
  niceness @13 :Int32;
  log @14 :LogSpec;
  mounts @15 :List(Mount);
  terminationPath @16 :Text;  # empty: the program has no place for last words
  confinement @17 :Confinement;
  input @18 :Bool;      # stdin is kept open for who attaches; else it is /dev/null
  inputOnce @19 :Bool;  # and ends with the first who attached to it
  terminal @20 :Bool;   # the streams are a terminal of the program's own
  hostname @21 :Text;   # with a UTS namespace of its own; empty: the node's
  ipc @22 :UInt8;       # IpcScope of runtime/runtime.hpp
  pids @23 :UInt8;      # PidScope of runtime/runtime.hpp
}

struct Confinement {
  memoryBytes @0 :UInt64;  # 0 here and below: no limit
  cpuMillis @1 :UInt64;
  cpuShares @2 :UInt64;
  pids @3 :UInt64;
  hasCapabilities @4 :Bool;
  capabilities @5 :UInt64;  # bit n: capability n is kept
  noNewPrivileges @6 :Bool;
  readOnlyRoot @7 :Bool;
  filter @8 :List(UInt64);  # of system calls: BPF, one sock_filter each; empty: none
  filterFlags @9 :UInt32;   # SECCOMP_FILTER_FLAG_*
}

struct Exit {
  exitCode @0 :Int32;  # 128 + signal when a signal ended it
  signal @1 :Int32;    # 0: it ended by itself
  statusLost @2 :Bool;  # it ended while no keeper was its parent: exitCode is 137
  finishedAt @3 :Int64;
  sequence @4 :UInt64;  # grows with each exit that this keeper saw
  lastWords @5 :Text;  # from the file at terminationPath
  oomKilled @6 :Bool;  # a process was killed for the memory limit
}

struct ContainerInfo {
  id @0 :Text;
  sandboxId @1 :Text;
  name @2 :Text;
  attempt @3 :UInt32;
  state @4 :UInt8;  # ContainerState of runtime/runtime.hpp
  pid @5 :Int32;
  startTicks @6 :UInt64;  # field 22 of /proc/PID/stat: with the pid it names a process for ever
  createdAt @7 :Int64;
  startedAt @8 :Int64;
  exit @9 :Exit;  # null until it exited
}

struct KernelInfo {
  pid @0 :Int32;
  restarts @1 :UInt32;
  lastReason @2 :Text;  # how the last one ended; empty at first
}

struct Inventory {
  sandboxes @0 :List(SandboxSpec);
  containers @1 :List(ContainerInfo);
  keeperPid @2 :Int32;
  kernel @3 :KernelInfo;  # pid 0: this keeper runs no kernel
  upgrades @4 :UInt32;  # how often the keeper's program was replaced in its process
}

interface ExitListener {
  # Given by the client, called by the keeper with every exit the client has not been told of on this connection. One call
  # is outstanding at a time; exits that happen meanwhile come together in the next.
  exited @0 (containers :List(ContainerInfo)) -> ();
}

interface Descriptor {
  # Carries a file descriptor beside the message.
}

interface Command {
  # A command with streams of its own. It is killed, with its process group, when its client drops it or goes away.
  wait @0 () -> (exitCode :Int32);  # 128 + signal when a signal ended it
  kill @1 () -> ();
}

interface Attachment {
  # Copies of a container's output go to its client until he drops it.
  wait @0 () -> (cutOff :Bool);  # with the container's end, or when its client is cut off
  end @1 ();                     # no more copies from now on
}

interface Keeper {
  attach @0 (listener :ExitListener) -> (inventory :Inventory, command :List(Text));
  # First call of a connection. The inventory holds all exits until now, the listener gets those after it. By the command
  # a client can start another keeper in the place of this one, should it die.

  list @1 () -> (inventory :Inventory);

  createSandbox @2 (spec :SandboxSpec) -> (failure :Failure);
  removeSandbox @3 (id :Text) -> (failure :Failure);
  # Takes the sandbox's containers along. Conflict while one of them runs.

  createContainer @4 (spec :ContainerSpec) -> (failure :Failure);
  startContainer @5 (id :Text) -> (failure :Failure, pid :Int32, startTicks :UInt64, startedAt :Int64);
  # A container runs once. The failure carries the step and the errno text; the container stays created.

  stopContainer @6 (id :Text, signal :Int32, graceMillis :UInt64) -> (failure :Failure);
  # Signals the container's process group, and kills it after the grace. Answers at once: the exit comes by the listener.

  removeContainer @7 (id :Text) -> (failure :Failure);
  # Forgets the container and its exit. Conflict while it runs.

  reopenLog @8 (id :Text) -> (failure :Failure);
  shutdown @9 (keepWorkloads :Bool) -> ();
  # As SIGTERM to the keeper.

  exec @10 (id :Text, argv :List(Text), timeoutMillis :UInt64, maxOutput :UInt32) -> (failure :Failure, exitCode :Int32, timedOut :Bool, output :Data);
  # Runs a command beside the container's process and answers when it has ended.

  openCommand @11 (id :Text, argv :List(Text), terminal :Bool, input :Descriptor, output :Descriptor, error :Descriptor) -> (failure :Failure, command :Command);
  # Runs a command beside the container's process on descriptors of the caller's, who keeps the other ends: no byte goes
  # through the keeper. With `terminal` all three are the same pseudo terminal, which becomes the command's own.

  attachContainer @12 (id :Text, input :Bool, output :Descriptor, error :Descriptor) -> (failure :Failure, attachment :Attachment, input :Descriptor);
  # From now on what the container writes is copied to pipes of the caller's, until it ends. Who is a megabyte behind is
  # cut off: the container waits for nobody. `input` is the container's stdin or terminal, if it was asked for and is there:
  # a stdin that ends with the first who attaches ends when all copies of it are closed.

  upgrade @13 () -> (failure :Failure);
  # As SIGUSR2 to the keeper: its program on disk takes its place in the same process. The failure says why it does not; the
  # end of the connection says that it does, and the next one that it did, by Inventory.upgrades.
}
