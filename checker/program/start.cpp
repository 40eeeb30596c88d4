// Takes the place of the program's start: whoever links this has its `main` checked.
//
// How it works. The C runtime's start code calls __libc_start_main with the address of `main`. The definition in
// the executable is the one it finds; it passes on everything but `main`. Static initialisers run as ever, then
// check_program runs in place of `main`. See docs/decisions/0005-whole-programs.md.
#include "heddle/sim/machine.hpp"
#include "program/check_program.hpp"

#include <cstdio>

#include <dlfcn.h>
#include <unistd.h>

namespace {

using main_function = int(int, char**, char**);
using start_function = int(main_function*, int, char**, void (*)(), void (*)(), void (*)(), void*);

main_function* main_of_program = nullptr;

int checked_main(int argc, char** argv, char** environment) {
  const int status =
      heddle::check::check_program({.main = main_of_program, .argc = argc, .argv = argv, .environment = environment});
  std::fflush(nullptr);
  // The program's handlers of atexit and its static destructors ran in the schedules.
  _exit(status);
}

}  // namespace

extern "C" int __libc_start_main(main_function* main, int argc, char** argv, void (*initialise)(), void (*finish)(),
                                 void (*finish_libraries)(), void* stack_end) {
  main_of_program = main;
  heddle::sim::prepare_for_programs();
  auto* const start = reinterpret_cast<start_function*>(dlsym(RTLD_NEXT, "__libc_start_main"));
  return start(&checked_main, argc, argv, initialise, finish, finish_libraries, stack_end);
}
