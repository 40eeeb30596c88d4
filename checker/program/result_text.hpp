// The result of an execution as bytes, from the process that ran it to the one that judges it.
//
// Addresses of code mean the same in both: one is forked from the other. Names that live in the program's memory become
// copies that live as long as the process.
#pragma once

#include "heddle/sim/machine.hpp"
#include "program/shared_buffer.hpp"

namespace heddle::check {

void put_result(shared_buffer& buffer, const sim::execution_result& result);
sim::execution_result get_result(shared_buffer& buffer);

}  // namespace heddle::check
