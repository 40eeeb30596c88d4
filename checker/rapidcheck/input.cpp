#include "rapidcheck/input.hpp"

#include "strategies/base32.hpp"

#include <iterator>
#include <limits>
#include <sstream>
#include <utility>

namespace heddle::check {

generated_input generate_input(const rc::Gen<detail::generated_body>& bodies, std::uint64_t seed, std::uint64_t number,
                               int size) {
  const rc::Random random(rc::Random::Key{seed, number, 0, 0});
  return {bodies(random, size), {random, size, {}}};
}

std::optional<generated_input> generate_again(const rc::Gen<detail::generated_body>& bodies,
                                              const rc::detail::Reproduce& from) {
  generated_input result{bodies(from.random, from.size), from};
  for (const std::size_t taken : from.shrinkPath) {
    auto shrinks = result.made.shrinks();
    auto next = shrinks.next();
    for (std::size_t i = 0; i < taken && next; ++i) next = shrinks.next();
    if (!next) return std::nullopt;
    result.made = std::move(*next);
  }
  return result;
}

std::string to_token(const rc::detail::Reproduce& from) {
  std::vector<std::uint8_t> all;
  rc::detail::serialize(from, std::back_inserter(all));
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < all.size();) {
    bytes.push_back(all[i]);
    if (all[i++] != 0) continue;
    std::uint8_t more = 0;
    for (; i < all.size() && all[i] == 0 && more < std::numeric_limits<std::uint8_t>::max(); ++i) ++more;
    bytes.push_back(more);
  }
  return base32(bytes);
}

std::optional<rc::detail::Reproduce> from_token(std::string_view text) {
  const auto bytes = bytes_of(text);
  if (!bytes) return std::nullopt;
  std::vector<std::uint8_t> all;
  for (std::size_t i = 0; i < bytes->size(); ++i) {
    all.push_back((*bytes)[i]);
    if ((*bytes)[i] == 0 && i + 1 < bytes->size()) all.insert(all.end(), (*bytes)[++i], 0);
  }
  try {
    rc::detail::Reproduce from;
    rc::detail::deserialize(all.begin(), all.end(), from);
    if (to_token(from) != text) return std::nullopt;
    return from;
  } catch (const rc::detail::SerializationException&) {
    return std::nullopt;
  }
}

namespace detail {

std::vector<std::string> names_of_parameters(std::string_view list) {
  std::vector<std::string> names(1);
  int depth = 0;
  for (const char letter : list) {
    const bool opens = letter == '(' || letter == '<' || letter == '[' || letter == '{';
    const bool closes = letter == ')' || letter == '>' || letter == ']' || letter == '}';
    depth += (opens ? 1 : 0) - (closes ? 1 : 0);
    // The parentheses around the list are no part of it, nor is what stands behind a comma.
    const bool bracket = (opens && depth == 1) || (closes && depth == 0);
    if (letter == ',' && depth == 1) {
      names.emplace_back();
    } else if (!bracket && !(letter == ' ' && names.back().empty())) {
      names.back() += letter;
    }
  }
  return names;
}

}  // namespace detail

std::vector<input_view> views_of(const rc::gen::detail::Recipe& recipe) {
  std::vector<input_view> views;
  for (const auto& one : recipe.ingredients) {
    const rc::detail::Any value = one.value();
    std::ostringstream type;
    std::ostringstream text;
    value.showType(type);
    value.showValue(text);
    views.push_back({one.description.empty() ? type.str() : one.description, text.str()});
  }
  return views;
}

}  // namespace heddle::check
