#pragma once

#include <string_view>

namespace troupe::fuzz {

/// Each reads any bytes as one input of the API, and aborts when what came of it breaks a promise.

/// One HTTP/1.1 request as it stands on a connection: parser, path, query, Accept, selectors, verb, on a store in
/// memory. Everything well-formed enough to be a request is answered, never with 500.
void fuzz_request(std::string_view input);
/// The first byte chooses object and kind of patch, the rest is the patch. What was accepted is a whole object; a merge
/// patch or an apply that is sent again changes nothing.
void fuzz_patch(std::string_view input);
/// The first byte chooses labels or fields. What was understood means the same when it is written out again.
void fuzz_selector(std::string_view input);

}  // namespace troupe::fuzz
