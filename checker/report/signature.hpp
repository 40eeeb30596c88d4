// By what a finding is known again: over seeds, schedules, and builds of a program whose lines moved.
//
// How it works. The finding is written down without what chance and editing change, and the text is hashed. Kept are
// the kind; of each stack that says what went wrong, the innermost frames of the user's code by function and base name
// of the file; of a state in which all wait, what each waits for by kind, without numbers; of an assertion or an
// exception, its message without numbers, quoted values and the lines that show values. Left out are numbers of
// threads, tasks, objects and lines, addresses, where memory was allocated, and which of two racing accesses came
// first.
//
// Frames are those of the debug information, inlined calls included, so that optimisation does not change them; the
// same function several times in a row counts once.
//
// Limits: two assertions of one function whose texts differ in numbers or quoted words only are one finding. A message
// that the test itself composes of other changing words makes several of one. Without debug information, inlined
// functions are missing, and a build with other optimisation may have another signature.
#pragma once

#include "heddle/check/finding.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace heddle::check {

std::string signature_of(const finding& what);

// What is hashed, one item a line.
std::string signature_text(const finding& what);

// Without numbers and quoted values, such as "lock #, held by thread #".
std::string without_numbers(std::string_view text);

// Whether the stack tells where memory came from, which is the same for right and wrong uses of it.
bool explains_birth(const stack& one);

// Leaves of several findings with the same signature the first. Each is given its signature, unless it has one.
void remove_duplicates(std::vector<finding>& all);

}  // namespace heddle::check
