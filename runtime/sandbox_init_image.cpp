#include <cstddef>

#include "runtime/sandbox_inits_internal.hpp"

__asm__(
    ".pushsection .rodata\n"
    ".hidden troupe_init_image\n"
    ".hidden troupe_init_image_end\n"
    ".global troupe_init_image\n"
    ".global troupe_init_image_end\n"
    "troupe_init_image:\n"
    ".incbin \"" TROUPE_INIT_FILE
    "\"\n"
    "troupe_init_image_end:\n"
    ".popsection\n");

extern "C" {
extern const char troupe_init_image[];      // NOLINT: the names are the assembler's
extern const char troupe_init_image_end[];  // NOLINT
}

namespace troupe::runtime {

std::string_view sandbox_init_image() {
  return {troupe_init_image, static_cast<std::size_t>(troupe_init_image_end - troupe_init_image)};
}

}  // namespace troupe::runtime
