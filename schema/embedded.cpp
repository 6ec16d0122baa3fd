#include "schema/embedded.hpp"

// The assembler reads the file: megabytes as a C++ array would cost the compiler seconds.
asm(".section .rodata\n"
    ".balign 16\n"
    ".global troupe_api_schema_begin\n"
    "troupe_api_schema_begin:\n"
    ".incbin \"" TROUPE_API_SCHEMA_FILE
    "\"\n"
    ".global troupe_api_schema_end\n"
    "troupe_api_schema_end:\n"
    ".balign 16\n"
    ".previous\n");

extern "C" {
extern const std::byte troupe_api_schema_begin[];
extern const std::byte troupe_api_schema_end[];
}

namespace troupe::schema {

std::span<const std::byte> embedded_api_schema() { return {troupe_api_schema_begin, troupe_api_schema_end}; }

}  // namespace troupe::schema
