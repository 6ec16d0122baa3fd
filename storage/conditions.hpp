#pragma once

#include "base/result.hpp"
#include "storage/record.hpp"
#include "storage/store.hpp"

/// What every store decides the same way, as plain functions.
namespace troupe::storage {

Error compacted_error(Revision asked, Revision compacted);
Error future_error(Revision asked, Revision newest);

/// The revision a request means. kCompacted, kFutureRevision.
Result<Revision> resolve_revision(Revision at, Revision compacted, Revision newest);

/// `current`: the living newest version, or null. kAlreadyExists, kConflict.
Status check_condition(const Operation& operation, const RecordHeader* current);

/// Fills in the revisions of a record that is being committed. `current` as above.
void stamp(Record& record, Revision revision, const RecordHeader* current);

/// The version that says "deleted at `revision`".
Record tombstone_of(const RecordHeader& current, Revision revision);

}  // namespace troupe::storage
