#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe::runtime {

/// The names of Linux' capabilities without CAP_, by number, as <linux/capability.h> has them.
inline constexpr std::array<std::string_view, 41> kCapabilityNames = {"CHOWN",
                                                                      "DAC_OVERRIDE",
                                                                      "DAC_READ_SEARCH",
                                                                      "FOWNER",
                                                                      "FSETID",
                                                                      "KILL",
                                                                      "SETGID",
                                                                      "SETUID",
                                                                      "SETPCAP",
                                                                      "LINUX_IMMUTABLE",
                                                                      "NET_BIND_SERVICE",
                                                                      "NET_BROADCAST",
                                                                      "NET_ADMIN",
                                                                      "NET_RAW",
                                                                      "IPC_LOCK",
                                                                      "IPC_OWNER",
                                                                      "SYS_MODULE",
                                                                      "SYS_RAWIO",
                                                                      "SYS_CHROOT",
                                                                      "SYS_PTRACE",
                                                                      "SYS_PACCT",
                                                                      "SYS_ADMIN",
                                                                      "SYS_BOOT",
                                                                      "SYS_NICE",
                                                                      "SYS_RESOURCE",
                                                                      "SYS_TIME",
                                                                      "SYS_TTY_CONFIG",
                                                                      "MKNOD",
                                                                      "LEASE",
                                                                      "AUDIT_WRITE",
                                                                      "AUDIT_CONTROL",
                                                                      "SETFCAP",
                                                                      "MAC_OVERRIDE",
                                                                      "MAC_ADMIN",
                                                                      "SYSLOG",
                                                                      "WAKE_ALARM",
                                                                      "BLOCK_SUSPEND",
                                                                      "AUDIT_READ",
                                                                      "PERFMON",
                                                                      "BPF",
                                                                      "CHECKPOINT_RESTORE"};

/// The bit of a capability in a mask; its name is with CAP_ or without. Nothing: there is none of that name.
constexpr std::optional<std::uint64_t> capability_bit(std::string_view name) {
  if (name.starts_with("CAP_")) name.remove_prefix(4);
  const auto found = std::find(kCapabilityNames.begin(), kCapabilityNames.end(), name);
  if (found == kCapabilityNames.end()) return std::nullopt;
  return std::uint64_t{1} << static_cast<unsigned>(found - kCapabilityNames.begin());
}

}  // namespace troupe::runtime
