#include "storage/conditions.hpp"

#include <string>

namespace troupe::storage {

Error compacted_error(Revision asked, Revision compacted) {
  return Error(ErrorCode::kCompacted, "revision " + std::to_string(asked) + " is no longer retained, the oldest is " +
                                          std::to_string(compacted) + ": list again");
}

Error future_error(Revision asked, Revision newest) {
  return Error(ErrorCode::kFutureRevision,
               "revision " + std::to_string(asked) + " does not exist yet, the newest is " + std::to_string(newest));
}

Result<Revision> resolve_revision(Revision at, Revision compacted, Revision newest) {
  if (at == kNow) return newest;
  if (at > newest) return fail(future_error(at, newest));
  if (at < compacted) return fail(compacted_error(at, compacted));
  return at;
}

Status check_condition(const Operation& operation, const RecordHeader* current) {
  switch (operation.condition.kind) {
    case Condition::Kind::kNone:
      return {};
    case Condition::Kind::kAbsent:
      if (current == nullptr) return {};
      return fail(ErrorCode::kAlreadyExists,
                  printable(operation.key.bytes()) + " exists at revision " + std::to_string(current->revision));
    case Condition::Kind::kAtRevision:
      if (current != nullptr && current->revision == operation.condition.revision) return {};
      return fail(ErrorCode::kConflict,
                  printable(operation.key.bytes()) + " is " +
                      (current == nullptr ? "absent" : "at revision " + std::to_string(current->revision)) +
                      ", the write expects revision " + std::to_string(operation.condition.revision));
  }
  return fail(ErrorCode::kInvalidArgument, "unknown condition");
}

void stamp(Record& record, Revision revision, const RecordHeader* current) {
  RecordHeader& header = record.mutable_header();
  header.layout = RecordHeader::kLayout;
  header.flags = 0;
  header.revision = revision;
  header.create_revision = current == nullptr ? revision : current->create_revision;
}

Record tombstone_of(const RecordHeader& current, Revision revision) {
  RecordMeta meta;
  meta.kind = current.kind;
  meta.form = current.form;
  meta.schema_generation = current.schema_generation;
  Record record = Record::allocate(meta, 0);
  RecordHeader& header = record.mutable_header();
  header.flags = RecordHeader::kDeleted;
  header.revision = revision;
  header.create_revision = current.create_revision;
  return record;
}

}  // namespace troupe::storage
