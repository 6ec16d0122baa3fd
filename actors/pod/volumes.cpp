#include "actors/pod/volumes.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "actors/pod/volume_limits.hpp"
#include "runtime/fd.hpp"
#include "runtime/mounts.hpp"

namespace troupe::pod {
namespace {

namespace fs = std::filesystem;

constexpr const char* kData = "..data";
constexpr const char* kNextData = "..data_tmp";
constexpr std::uint32_t kGroupReads = 0440;  // what fsGroup adds to a projected file's mode

const VolumeSpec* find_volume(const PodSpec& spec, const std::string& name) {
  const auto found =
      std::find_if(spec.volumes.begin(), spec.volumes.end(), [&](const auto& one) { return one.name == name; });
  return found == spec.volumes.end() ? nullptr : &*found;
}

/// A relative path that stays inside: no "..", not absolute.
bool stays_inside(const std::string& path) {
  if (path.empty() || path.front() == '/') return false;
  const fs::path parts(path);
  return std::none_of(parts.begin(), parts.end(), [](const fs::path& part) { return part == ".."; });
}

Status add_object_files(const VolumeItem& item, const PodFacts& facts, std::uint32_t mode,
                        std::vector<VolumeFile>& out) {
  const bool secret = item.from.source == EnvVar::Source::kSecret;
  const char* what = secret ? "secret" : "configmap";
  const auto object = facts.objects.find({item.from.source, item.from.object});
  if (object == facts.objects.end()) {
    if (item.from.optional) return {};
    return fail(ErrorCode::kNotFound, std::string(what) + " \"" + item.from.object + "\" not found");
  }
  if (item.from.path.empty()) {
    for (const auto& [key, value] : object->second) out.push_back({key, value, mode});
    return {};
  }
  const auto value = object->second.find(item.from.path);
  if (value != object->second.end()) {
    out.push_back({item.path, value->second, mode});
    return {};
  }
  if (item.from.optional) return {};
  return fail(ErrorCode::kNotFound, std::string(secret ? "references non-existent secret key: "
                                                       : "configmap references non-existent config key: ") +
                                        item.from.path);
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// All labels or annotations, as a file shows them: key="value" a line, by key.
std::string listed(const std::map<std::string, std::string>& entries) {
  std::string out;
  for (const auto& [key, value] : entries) {
    if (!out.empty()) out += '\n';
    out += key + "=\"";
    for (const char c : value) {
      if (c == '"' || c == '\\') out += '\\';
      if (c == '\n') {
        out += "\\n";
      } else {
        out += c;
      }
    }
    out += '"';
  }
  return out;
}

Result<std::string> downward_text(const PodSpec& spec, const ContainerSpec& container, const VolumeItem& item,
                                  const PodFacts& facts) {
  if (item.from.source == EnvVar::Source::kValue) return content_of(item.from.path) + item.from.value;
  if (item.from.source == EnvVar::Source::kResource) return resource_value(spec, container, facts, item.from);
  if (item.from.path == "metadata.labels") return listed(spec.labels);
  if (item.from.path == "metadata.annotations") return listed(spec.annotations);
  return field_value(spec, facts, item.from.path);
}

Status failed(const char* what, const std::string& path, int error) {
  return fail(errno_error(error, std::string(what) + " " + path));
}

std::optional<gid_t> group_of(const PodSpec& spec) {
  return spec.fs_group ? std::optional(static_cast<gid_t>(*spec.fs_group)) : std::nullopt;
}

/// Nobody sees it before it is whole and has its mode.
Status write_one(const std::string& path, const VolumeFile& file, std::optional<gid_t> group) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  const runtime::Fd out(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!out) return failed("open", path, errno);
  for (std::size_t at = 0; at < file.content.size();) {
    const ssize_t size = write(out.get(), file.content.data() + at, file.content.size() - at);
    if (size < 0) return failed("write", path, errno);
    at += static_cast<std::size_t>(size);
  }
  if (group && fchown(out.get(), static_cast<uid_t>(-1), *group) != 0) return failed("chown", path, errno);
  if (fchmod(out.get(), file.mode) != 0) return failed("chmod", path, errno);
  return {};
}

/// Whether the folder shows exactly these files already.
bool up_to_date(const std::string& folder, const std::vector<VolumeFile>& files) {
  std::error_code error;
  std::size_t count = 0;
  for (fs::recursive_directory_iterator it(folder + "/" + kData + "/", error), end; !error && it != end;
       it.increment(error)) {
    if (it->is_regular_file(error)) ++count;
  }
  if (error || count != files.size()) return false;
  return std::all_of(files.begin(), files.end(), [&](const VolumeFile& file) {
    const std::string path = folder + "/" + kData + "/" + file.path;
    struct stat status {};
    return stat(path.c_str(), &status) == 0 && (status.st_mode & 07777) == file.mode &&
           content_of(path) == file.content;
  });
}

/// What an interrupted replacement left: all that only we name so, but what is shown.
void remove_leftovers(const std::string& folder) {
  std::error_code error;
  const std::string shown = fs::read_symlink(folder + "/" + kData, error).string();
  std::vector<fs::path> left;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("..") && name != kData && name != shown) left.push_back(entry.path());
  }
  for (const fs::path& one : left) fs::remove_all(one, error);
}

/// The files in a new folder beside the shown one, which nobody else may enter before all are there.
Result<std::string> write_files(const std::string& folder, const std::vector<VolumeFile>& files,
                                std::optional<gid_t> group) {
  std::string made = folder + "/..XXXXXX";
  if (mkdtemp(made.data()) == nullptr) return fail(errno_error(errno, "make " + made));
  for (const VolumeFile& file : files) {
    if (Status written = write_one(made + "/" + file.path, file, group); !written) return fail(written.error());
  }
  if (chmod(made.c_str(), 0755) != 0) return fail(errno_error(errno, "chmod " + made));
  return made;
}

/// Links of files that are not shown any more.
void remove_dangling(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const bool dangling = entry.is_symlink(error) && !fs::exists(entry.path(), error);
    if (dangling && entry.path().filename() != kData) unlink(entry.path().c_str());
  }
}

/// Shows new files all at once: a folder beside the old one, then the link that all others go through.
Status replace_files(const std::string& folder, const std::vector<VolumeFile>& files, std::optional<gid_t> group) {
  if (up_to_date(folder, files)) return {};
  remove_leftovers(folder);
  std::error_code error;
  const fs::path before = fs::read_symlink(folder + "/" + kData, error);
  auto made = write_files(folder, files, group);
  if (!made) {
    remove_leftovers(folder);
    return fail(std::move(made.error()));
  }
  const std::string next = folder + "/" + kNextData;
  if (symlink(fs::path(*made).filename().c_str(), next.c_str()) != 0) return failed("link", next, errno);
  if (std::rename(next.c_str(), (folder + "/" + kData).c_str()) != 0) return failed("rename", next, errno);
  for (const VolumeFile& file : files) {
    const std::string top = fs::path(file.path).begin()->string();
    if (symlink((std::string(kData) + "/" + top).c_str(), (folder + "/" + top).c_str()) != 0 && errno != EEXIST) {
      return failed("link", folder + "/" + top, errno);
    }
  }
  remove_dangling(folder);
  if (!before.empty()) fs::remove_all(folder + "/" + before.string(), error);
  return {};
}

Status check_host_path(const VolumeSpec& volume) {
  struct stat status {};
  const bool there = stat(volume.path.c_str(), &status) == 0;
  const auto wrong = [&](const char* what) {
    return fail(ErrorCode::kInvalidArgument,
                "hostPath type check failed: " + volume.path + " is not a " + std::string(what));
  };
  if (volume.type == "DirectoryOrCreate" && !there) {
    std::error_code error;
    fs::create_directories(volume.path, error);
    return error ? failed("make", volume.path, error.value()) : Status();
  }
  if (volume.type == "FileOrCreate" && !there) return write_one(volume.path, {"", "", 0644}, {});
  if (volume.type.starts_with("Directory") && !S_ISDIR(status.st_mode)) return wrong("directory");
  if (volume.type.starts_with("File") && !S_ISREG(status.st_mode)) return wrong("file");
  if (volume.type == "Socket" && !S_ISSOCK(status.st_mode)) return wrong("socket file");
  if (volume.type == "CharDevice" && !S_ISCHR(status.st_mode)) return wrong("character device");
  if (volume.type == "BlockDevice" && !S_ISBLK(status.st_mode)) return wrong("block device");
  if (there) return {};
  std::error_code error;  // as container runtimes do
  fs::create_directories(volume.path, error);
  return error ? failed("make", volume.path, error.value()) : Status();
}

dev_t device_of(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? status.st_dev : 0;
}

/// A file system in memory there, once; its size limit is kept by the system itself. Who may mount nothing on the node
/// has the folder: the pod is told, and its size is measured.
Status mount_memory(const VolumeSpec& volume, const std::string& folder) {
  if (device_of(folder) != device_of(fs::path(folder).parent_path().string())) return {};
  std::string options = "mode=0777";
  if (const auto limit = size_limit(volume)) options += ",size=" + std::to_string(*limit);
  if (mount("tmpfs", folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) == 0) return {};
  if (errno == EPERM) return {};
  return failed("mount a file system in memory at", folder, errno);
}

Result<std::string> prepare(const PodSpec& spec, const ContainerSpec& container, const VolumeSpec& volume,
                            const PodFacts& facts, std::string_view root, bool may_mount) {
  if (volume.kind == VolumeSpec::Kind::kHostPath) {
    if (Status checked = check_host_path(volume); !checked) return fail(checked.error());
    return volume.path;
  }
  if (volume.kind == VolumeSpec::Kind::kUnsupported) {
    return fail(ErrorCode::kUnsupported, "this node has no volumes of its kind");
  }
  const std::string folder = volumes_folder(root, spec.uid) + "/" + volume.name;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(errno_error(error.value(), "make " + folder));
  // Containers see their volumes where they are mounted; other users of the node see none.
  if (may_mount) chmod(volumes_folder(root, "").c_str(), 0700);
  if (volume.kind == VolumeSpec::Kind::kEmptyDir) {
    if (volume.in_memory && may_mount) {
      if (Status mounted = mount_memory(volume, folder); !mounted) return fail(mounted.error());
    }
    const auto group = group_of(spec);
    if (group && chown(folder.c_str(), static_cast<uid_t>(-1), *group) != 0) {
      return fail(errno_error(errno, "chown " + folder));
    }
    chmod(folder.c_str(), group ? 02777 : 0777);
    return folder;
  }
  auto files = volume_files(spec, container, volume, facts);
  if (!files) return fail(files.error());
  for (VolumeFile& file : *files) file.mode |= spec.fs_group ? kGroupReads : 0;
  if (Status replaced = replace_files(folder, *files, group_of(spec)); !replaced) return fail(replaced.error());
  return folder;
}

/// The part of the volume that is meant, as a relative path; empty: all of it.
Result<std::string> sub_path_of(const VolumeMountSpec& mount, const std::vector<runtime::Variable>& variables) {
  std::string inside = mount.sub_path;
  if (mount.expand_sub_path) {
    inside = expand(inside, [&](std::string_view name) -> const std::string* {
      const auto found =
          std::find_if(variables.begin(), variables.end(), [&](const auto& v) { return v.name == name; });
      return found == variables.end() ? nullptr : &found->value;
    });
  }
  if (mount.sub_path.empty() || stays_inside(inside)) return inside;
  return fail(ErrorCode::kInvalidArgument, "subPath \"" + inside + "\" leaves the volume");
}

/// For a node that may not mount: the folder itself, which the program finds at its own path.
Status use_in_place(const std::string& folder, const std::string& inside, const std::string& wanted) {
  const std::string path = inside.empty() ? folder : folder + "/" + inside;
  if (path != wanted) {
    return fail(ErrorCode::kUnsupported,
                "this node may not mount (it runs without privileges); use its own folder as mountPath: " + path);
  }
  if (inside.empty()) return {};
  const runtime::Fd base(open(folder.c_str(), O_PATH | O_CLOEXEC));
  const runtime::Fd made(base ? runtime::make_path(base.get(), inside.c_str(), true, 0755, true) : -1);
  return made ? Status() : failed("make", path, errno);
}

Status mount_one(const PodSpec& spec, const ContainerSpec& of, const VolumeMountSpec& mount, const VolumeSpec& volume,
                 const PodFacts& facts, std::string_view root, bool may_mount, runtime::ContainerSpec& wanted) {
  auto folder = prepare(spec, of, volume, facts, root, may_mount);
  if (!folder) return fail(std::move(folder.error()));
  auto inside = sub_path_of(mount, wanted.environment);
  if (!inside) return fail(std::move(inside.error()));
  if (!may_mount) return use_in_place(*folder, *inside, mount.path);
  const bool read_only = mount.read_only || volume.kind == VolumeSpec::Kind::kFiles;
  wanted.mounts.push_back({std::move(*folder), mount.path, read_only, std::move(*inside)});
  return {};
}

}  // namespace

std::vector<std::pair<EnvVar::Source, std::string>> all_references(const PodSpec& spec,
                                                                   const ContainerSpec& container) {
  auto out = object_references(container);
  for (const VolumeMountSpec& mount : container.mounts) {
    const VolumeSpec* volume = find_volume(spec, mount.volume);
    if (volume == nullptr) continue;
    for (const VolumeItem& item : volume->items) {
      const auto source = item.from.source;
      if (source != EnvVar::Source::kConfigMap && source != EnvVar::Source::kSecret) continue;
      const std::pair<EnvVar::Source, std::string> one(source, item.from.object);
      if (std::find(out.begin(), out.end(), one) == out.end()) out.push_back(one);
    }
  }
  return out;
}

Result<std::vector<VolumeFile>> volume_files(const PodSpec& spec, const ContainerSpec& container,
                                             const VolumeSpec& volume, const PodFacts& facts) {
  std::vector<VolumeFile> out;
  for (const VolumeItem& item : volume.items) {
    const std::uint32_t mode = item.mode.value_or(volume.mode);
    if (item.from.source == EnvVar::Source::kConfigMap || item.from.source == EnvVar::Source::kSecret) {
      if (Status added = add_object_files(item, facts, mode, out); !added) return fail(added.error());
      continue;
    }
    auto value = downward_text(spec, container, item, facts);
    if (!value) return fail(value.error());
    out.push_back({item.path, std::move(*value), mode});
  }
  for (const VolumeFile& file : out) {
    if (!stays_inside(file.path))
      return fail(ErrorCode::kInvalidArgument, "path \"" + file.path + "\" leaves the volume");
  }
  // Of two with one path the later wins.
  std::vector<VolumeFile> unique;
  for (auto it = out.rbegin(); it != out.rend(); ++it) {
    const bool known = std::any_of(unique.begin(), unique.end(), [&](const auto& one) { return one.path == it->path; });
    if (!known) unique.push_back(std::move(*it));
  }
  std::reverse(unique.begin(), unique.end());
  return unique;
}

Status mount_volumes(const PodSpec& spec, std::size_t container, const PodFacts& facts, std::string_view root,
                     bool may_mount, runtime::ContainerSpec& wanted) {
  const ContainerSpec& of = spec.containers[container];
  for (const VolumeMountSpec& mount : of.mounts) {
    const VolumeSpec* volume = find_volume(spec, mount.volume);
    if (volume == nullptr) continue;  // the API's validation refuses that
    if (Status mounted = mount_one(spec, of, mount, *volume, facts, root, may_mount, wanted); !mounted) {
      return fail(mounted.error().with_context("MountVolume.SetUp failed for volume \"" + volume->name + "\" "));
    }
  }
  return {};
}

std::string volumes_folder(std::string_view root, const std::string& uid) {
  return std::string(root) + "/volumes/" + uid;
}

bool has_changing_files(const PodSpec& spec, const ContainerSpec& container) {
  return std::any_of(container.mounts.begin(), container.mounts.end(), [&](const VolumeMountSpec& mount) {
    const VolumeSpec* volume = find_volume(spec, mount.volume);
    return volume != nullptr && volume->kind == VolumeSpec::Kind::kFiles;
  });
}

Status refresh_volumes(const PodSpec& spec, std::size_t container, const PodFacts& facts, std::string_view root) {
  const ContainerSpec& of = spec.containers[container];
  for (const VolumeMountSpec& mount : of.mounts) {
    const VolumeSpec* volume = find_volume(spec, mount.volume);
    if (volume == nullptr || volume->kind != VolumeSpec::Kind::kFiles) continue;
    if (auto folder = prepare(spec, of, *volume, facts, root, false); !folder) {
      return fail(folder.error().with_context("MountVolume.SetUp failed for volume \"" + volume->name + "\" "));
    }
  }
  return {};
}

void remove_volumes(std::string_view root, const std::string& uid) {
  if (uid.empty() || uid.find('/') != std::string::npos) return;
  const std::string folder = volumes_folder(root, uid);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string path = entry.path().string();
    if (device_of(path) != device_of(folder)) umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
  }
  fs::remove_all(folder, error);
}

}  // namespace troupe::pod
