#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "runtime/fd.hpp"

namespace troupe::runtime {

class Places;

/// A place for mounts on the node that somebody's mounts lie on: while this lives, no keeper of this machine removes
/// it.
class Place {
 public:
  Place(Places& places, std::string path, Fd lock) : places_(places), path_(std::move(path)), lock_(std::move(lock)) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place();

 private:
  Places& places_;
  std::string path_;  // no link in it
  Fd lock_;
};

/// The empty folders and files that containers' mounts need on the node, made when they are missing and removed when no
/// container needs them any more. What was there before stays, and what is not empty.
///
/// Removing a place takes the mounts off it in every mount namespace, so each keeper locks (flock, shared) what its
/// containers' mounts lie on, and removes only what it can lock alone. What is made is on disk before it is made: a
/// keeper that comes after a crash removes it too. Holders must not outlive this.
class Places {
 public:
  /// `record`: the file that names what was made; absent while that is nothing.
  explicit Places(std::string record) : record_(std::move(record)) {}

  /// Reads what an earlier keeper made.
  void adopt();
  /// For a mount at `target`, an absolute path: makes what is missing of it, the last part a folder or an empty file.
  /// Nothing when it needs no holding (it is not empty) or cannot be had: then the mount itself says why.
  std::shared_ptr<Place> make(const std::string& target, bool folder);
  /// The same for a mount that is there already: makes nothing.
  std::shared_ptr<Place> find(const std::string& target);
  /// Something was made, and its last holder is gone.
  bool has_freed() const { return !freed_.empty(); }
  /// Removes what was made and let go since the last call.
  void remove_freed();
  /// Removes what was made and nobody holds, whenever that was.
  void remove_all();

 private:
  friend class Place;

  /// False when it has just been removed, or somebody is about to: try again.
  bool hold(const std::string& target, std::shared_ptr<Place>& place);
  bool make_missing(const std::string& target, bool folder);
  /// False when it is still there.
  bool remove(const std::string& path);
  void write() const;

  std::string record_;
  std::set<std::string> made_;                        // no link in them
  std::map<std::string, std::weak_ptr<Place>> held_;  // by target
  std::set<std::string> freed_;
};

}  // namespace troupe::runtime
