// One generated input: what it is made from, what it looks like, and the body that it makes.
//
// How it works. RapidCheck makes an input from the state of a generator of random numbers, a size, and a path of
// numbers of the shrinks that were taken (rc::detail::Reproduce). In a token that is RapidCheck's own serialisation
// with its many zeros counted, in base 32.
//
// Thread safety: RapidCheck has none; used outside of executions.
#pragma once

#include "heddle/check/report.hpp"
#include "heddle/rapidcheck/property.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::check {

struct generated_input {
  rc::Shrinkable<detail::generated_body> made;
  rc::detail::Reproduce from;
};

// The input of that number of a property with that seed.
generated_input generate_input(const rc::Gen<detail::generated_body>& bodies, std::uint64_t seed, std::uint64_t number,
                               int size);
// The input that was made so; nothing if the generators make something else by now.
std::optional<generated_input> generate_again(const rc::Gen<detail::generated_body>& bodies,
                                              const rc::detail::Reproduce& from);

std::string to_token(const rc::detail::Reproduce& from);
// Nothing if the text is not one of to_token.
std::optional<rc::detail::Reproduce> from_token(std::string_view text);

std::vector<input_view> views_of(const rc::gen::detail::Recipe& recipe);

}  // namespace heddle::check
