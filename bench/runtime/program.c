#include <unistd.h>

/* Ends at once, or, with any argument, never: the cheapest process there is. */
int main(int argc, char** argv) {
  (void)argv;
  if (argc > 1) pause();
  return 0;
}
