// The first process of a sandbox's PID namespace. It has no library: a page of code and a page of stack are all it is.
// It reaps because it is started with SIGCHLD ignored, and ends when its keeper kills it; then the system ends all
// others in the namespace.
#include <sys/prctl.h>
#include <sys/syscall.h>

namespace {

#if defined(__x86_64__)
long call(long number, long one, const void* two, long three, long four) {
  register long fourth __asm__("r10") = four;
  long result = number;
  __asm__ volatile("syscall" : "+a"(result) : "D"(one), "S"(two), "d"(three), "r"(fourth) : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
long call(long number, long one, const void* two, long three, long four) {
  register long eighth __asm__("x8") = number;
  register long result __asm__("x0") = one;
  register const void* second __asm__("x1") = two;
  register long third __asm__("x2") = three;
  register long fourth __asm__("x3") = four;
  __asm__ volatile("svc 0" : "+r"(result) : "r"(eighth), "r"(second), "r"(third), "r"(fourth) : "memory");
  return result;
}
#else
#error "give this machine's system call here: number in, up to four arguments, result out"
#endif

constexpr char kName[] = "troupe-init";

}  // namespace

extern "C" [[noreturn]] void _start() {
  call(SYS_prctl, PR_SET_NAME, kName, 0, 0);
  for (;;) call(SYS_ppoll, 0, nullptr, 0, 0);
}
