// Which types must not live across a suspension of a task that may move.
//
// How it works. A type is bound to its thread if its name matches a pattern, or was declared so with
// HEDDLE_DECLARE_SEND(type, false); or if it holds such a one: in a member or a base class, and for a template of the
// standard library in what its arguments say. Pointers and references hold nothing. What was declared send, or matches
// a pattern of `send`, is looked into no further. A pattern is a name with namespaces, in which `*` stands for any
// text.
//
// Limits. A declaration inside of a class (`using declare_send = ...`) leaves nothing in clang's debug information:
// give its name as a pattern.
#pragma once

#include "send_audit/coroutines.hpp"
#include "send_audit/debug_info.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::send_audit {

struct patterns {
  std::vector<std::string> non_send;
  std::vector<std::string> send;
};

// Locks of the standard library and others, which have to be released on the thread that took them, and heddle's own.
patterns default_patterns();

class rules {
 public:
  rules(const module& from, const patterns& by) : from_(from), by_(by) {}

  // In words what keeps the variable on its thread, such as "a std::lock_guard<std::mutex>" or "an app::session, which
  // holds a std::unique_lock<std::mutex> in `guard`"; nothing if it may move.
  std::optional<std::string> why_not(const held_variable& variable) const;

 private:
  std::optional<std::string> find(Dwarf_Die type, std::set<Dwarf_Off>& seen) const;
  std::optional<std::string> find_inside(Dwarf_Die type, const std::string& name, std::set<Dwarf_Off>& seen) const;
  bool is_bound(const std::string& name) const;

  const module& from_;
  const patterns& by_;
};

}  // namespace heddle::send_audit
