// makecontext: where a program keeps the stacks of its own fibers matters to what is said of locals, see
// machine/dead_stacks.cpp.
//
// Thread safety: that of the machine. Limit: arguments_max arguments for the fiber; further ones are lost.
#include "../machine/execution.hpp"
#include "real.hpp"

#include <array>
#include <cstdarg>
#include <cstddef>
#include <utility>

#include <ucontext.h>

using namespace heddle::sim;

namespace {

constexpr std::size_t arguments_max = 16;
using arguments = std::array<long, arguments_max>;

template <std::size_t... Index>
void make(ucontext_t* context, void (*entry)(), int count, const arguments& all, std::index_sequence<Index...>) {
  HEDDLE_REAL(makecontext)(context, entry, count, all[Index]...);
}

}  // namespace

extern "C" void makecontext(ucontext_t* context, void (*entry)(), int count, ...) noexcept {
  if (execution* const machine = running()) machine->note_stack_of_program(context->uc_stack.ss_sp);
  arguments all{};
  va_list given;
  va_start(given, count);
  for (int i = 0; i < count && static_cast<std::size_t>(i) < arguments_max; ++i) {
    all[static_cast<std::size_t>(i)] = va_arg(given, long);
  }
  va_end(given);
  make(context, entry, count, all, std::make_index_sequence<arguments_max>());
}
