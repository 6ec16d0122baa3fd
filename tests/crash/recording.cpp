#include "tests/crash/recording.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace troupe::storage::testing {

struct CrashDisk::Change {
  std::uint64_t offset = 0;
  std::string bytes;       ///< A write...
  bool truncates = false;  ///< ...or the size becomes `offset`.
};

struct CrashDisk::Node {
  bool directory = false;
  // A directory's entries: now, at its last sync, and what was changed since. No node: removed.
  Entries now;
  Entries synced;
  std::vector<std::pair<std::string, NodePtr>> renamed;
  // A file's bytes that are durable, and what was done since.
  std::string durable;
  std::vector<Change> changes;
};

namespace {

void put_at(std::string& content, std::uint64_t offset, std::string_view bytes) {
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
  std::memcpy(content.data() + offset, bytes.data(), bytes.size());
}

}  // namespace

std::vector<RecordedCall> read_recording(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string all((std::istreambuf_iterator<char>(file)), {});
  std::vector<RecordedCall> calls;
  for (std::size_t at = 0; at + sizeof(DiskCall) <= all.size();) {
    RecordedCall recorded;
    std::memcpy(&recorded.call, all.data() + at, sizeof(DiskCall));
    at += sizeof(DiskCall);
    const DiskCall& call = recorded.call;
    if (at + call.first_bytes + call.second_bytes > all.size()) break;
    recorded.first = all.substr(at, call.first_bytes);
    recorded.second = all.substr(at + call.first_bytes, call.second_bytes);
    at += call.first_bytes + call.second_bytes;
    calls.push_back(std::move(recorded));
  }
  return calls;
}

CrashDisk::CrashDisk(std::string root) : root_(std::move(root)), top_(std::make_shared<Node>()) {
  top_->directory = true;
}
CrashDisk::~CrashDisk() = default;

CrashDisk::NodePtr CrashDisk::find(const std::string& path) const {
  NodePtr node = top_;
  for (std::size_t at = root_.size(); at < path.size() && node;) {
    const std::size_t end = std::min(path.find('/', at + 1), path.size());
    const auto it = node->now.find(path.substr(at + 1, end - at - 1));
    node = it == node->now.end() ? nullptr : it->second;
    at = end;
  }
  return node;
}

std::pair<CrashDisk::NodePtr, std::string> CrashDisk::parent_of(const std::string& path) const {
  const std::size_t slash = path.rfind('/');
  return {find(path.substr(0, slash)), path.substr(slash + 1)};
}

void CrashDisk::change(const std::string& path, NodePtr node) {
  auto [parent, name] = parent_of(path);
  if (!parent) std::abort();
  parent->renamed.emplace_back(name, node);
  if (node)
    parent->now[name] = std::move(node);
  else
    parent->now.erase(name);
}

void CrashDisk::apply(const RecordedCall& recorded) {
  const DiskCall& call = recorded.call;
  const auto make = [&](bool directory) {
    auto node = std::make_shared<Node>();
    node->directory = directory;
    if (!directory) files_.push_back(node);
    change(recorded.first, node);
    return node;
  };
  switch (call.kind) {
    case DiskCallKind::kOpen: {
      NodePtr node = find(recorded.first);
      open_[call.fd] = node ? node : make(false);
      return;
    }
    case DiskCallKind::kMakeDirectory:
      make(true);
      return;
    case DiskCallKind::kRemove:
      change(recorded.first, nullptr);
      return;
    case DiskCallKind::kRename: {
      // Two changes of one directory; a crash must not see one without the other, so the new name comes first.
      NodePtr node = find(recorded.first);
      change(recorded.second, node);
      change(recorded.first, nullptr);
      return;
    }
    case DiskCallKind::kWrite:
      if (call.synchronous != 0)
        put_at(open_.at(call.fd)->durable, call.offset, recorded.first);
      else
        open_.at(call.fd)->changes.push_back({call.offset, recorded.first, false});
      return;
    case DiskCallKind::kTruncate:
      open_.at(call.fd)->changes.push_back({call.offset, {}, true});
      return;
    case DiskCallKind::kSync: {
      Node& node = *open_.at(call.fd);
      for (const Change& done : std::exchange(node.changes, {})) {
        if (done.truncates)
          node.durable.resize(done.offset);
        else
          put_at(node.durable, done.offset, done.bytes);
      }
      node.synced = node.now;
      node.renamed.clear();
      return;
    }
    case DiskCallKind::kAnswer:
      return;
  }
}

std::size_t CrashDisk::pending() const {
  std::size_t count = 0;
  for (const NodePtr& file : files_) count += file->changes.size();
  return count;
}

void CrashDisk::crash(const std::string& to, Loss loss, std::mt19937_64& random) const { lay(*top_, to, loss, random); }

void CrashDisk::lay(const Node& node, const std::string& to, Loss loss, std::mt19937_64& random) const {
  Entries entries = node.now;
  if (loss != Loss::kNothing) {
    entries = node.synced;
    const std::size_t kept = loss == Loss::kAll ? 0 : random() % (node.renamed.size() + 1);
    for (std::size_t i = 0; i < kept; ++i) {
      const auto& [name, entry] = node.renamed[i];
      if (entry)
        entries[name] = entry;
      else
        entries.erase(name);
    }
  }
  for (const auto& [name, entry] : entries) {
    std::string path = to;
    path.append("/").append(name);
    // LMDB's table of readers and our lock mean nothing after a crash of the machine, and have no effect if they stay.
    if (name == "lock.mdb" || name == "LOCK") continue;
    if (!entry->directory) {
      fill(*entry, path, loss, random);
      continue;
    }
    std::filesystem::create_directory(path);
    lay(*entry, path, loss, random);
  }
}

void CrashDisk::fill(const Node& node, const std::string& to, Loss loss, std::mt19937_64& random) const {
  constexpr std::size_t kSector = 512;
  std::string content = node.durable;
  std::vector<const Change*> changes;
  for (const Change& change : node.changes) changes.push_back(&change);
  if (loss == Loss::kAll) changes.clear();
  if (loss == Loss::kWrites || loss == Loss::kSectors) std::shuffle(changes.begin(), changes.end(), random);
  const bool lossy = loss == Loss::kWrites || loss == Loss::kSectors;
  for (const Change* change : changes) {
    if (change->truncates) {
      if (!lossy || random() % 2 == 0) content.resize(change->offset);
      continue;
    }
    if (!lossy || (loss == Loss::kWrites && random() % 2 == 0)) {
      put_at(content, change->offset, change->bytes);
    } else if (loss == Loss::kSectors) {
      for (std::uint64_t at = 0; at < change->bytes.size();) {
        // Sectors of the disk, not of the write.
        const std::uint64_t n =
            std::min<std::uint64_t>(kSector - (change->offset + at) % kSector, change->bytes.size() - at);
        if (random() % 2 == 0) put_at(content, change->offset + at, std::string_view(change->bytes).substr(at, n));
        at += n;
      }
    }
  }
  std::ofstream(to, std::ios::binary) << content;
}

}  // namespace troupe::storage::testing
