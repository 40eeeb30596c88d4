// What a transition does to objects that other threads use, and when the order of two of them matters.
//
// Invariant: two transitions without a conflict, next to each other, lead to the same state in either order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace heddle::check {

enum class access_kind : std::uint8_t {
  read,
  failed_compare,  // a read, but in another order it may succeed, and write
  write,
  acquire,
  acquire_shared,
  release,
  release_shared
};

struct access {
  std::uintptr_t object = 0;  // see sim::event_observer
  access_kind kind = access_kind::write;

  friend bool operator==(const access&, const access&) = default;
};

// Any object, whatever it is.
inline constexpr access any_access{~std::uintptr_t{0}, access_kind::write};

// The order of two such accesses does not matter.
constexpr bool only_looks(access_kind kind) noexcept {
  switch (kind) {
    case access_kind::read:
    case access_kind::failed_compare:
    case access_kind::acquire_shared:
    case access_kind::release_shared:
      return true;
    default:
      return false;
  }
}
constexpr bool acquires(access_kind kind) noexcept {
  return kind == access_kind::acquire || kind == access_kind::acquire_shared;
}
constexpr bool releases(access_kind kind) noexcept {
  return kind == access_kind::release || kind == access_kind::release_shared;
}

constexpr bool conflict(const access& a, const access& b) noexcept {
  if (a == any_access || b == any_access) return true;
  return a.object == b.object && !(only_looks(a.kind) && only_looks(b.kind));
}

// Of one transition; few.
using accesses = std::vector<access>;

inline bool conflict(const accesses& a, const accesses& b) noexcept {
  return std::any_of(a.begin(), a.end(), [&b](const access& one) {
    return std::any_of(b.begin(), b.end(), [&one](const access& other) { return conflict(one, other); });
  });
}

inline void add_access(accesses& all, access one) {
  if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
}

}  // namespace heddle::check
