#include "send_audit/coroutines.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>

#include <cxxabi.h>
#include <dwarf.h>

namespace heddle::send_audit {

namespace {

std::string demangled(const std::string& name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status),
                                                         &std::free);
  return status == 0 && text != nullptr ? std::string(text.get()) : name;
}

std::string linkage_name_of(Dwarf_Die& entry) {
  Dwarf_Attribute attribute;
  const char* name = dwarf_formstring(dwarf_attr_integrate(&entry, DW_AT_linkage_name, &attribute));
  return name == nullptr ? std::string() : std::string(name);
}

std::optional<std::string> without_suffix(std::string_view text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return std::nullopt;
  return std::string(text.substr(0, text.size() - suffix.size()));
}

bool moves_between_threads(const std::string& promise) {
  static constexpr std::string_view movable[] = {"task_promise<", "dyn_task_promise<", "late_checking_promise<"};
  return std::ranges::any_of(
      movable, [&](std::string_view name) { return promise.starts_with("heddle::detail::" + std::string(name)); });
}

// The variables of a function, with the scopes they stand in.
struct scope {
  std::vector<Dwarf_Die> variables;
  std::vector<scope> inner;
  std::vector<unsigned> awaits;  // lines of inlined calls of await_resume, in the scopes inside too
  std::size_t awaiters = 0;      // g++'s variables for them, in the scopes inside too
};

bool is_awaiter_of_gcc(Dwarf_Die& variable) {
  const std::string name = name_of_entry(variable);
  return name.starts_with("Aw") && has_flag(variable, DW_AT_artificial) &&
         name.find_first_not_of("0123456789", 2) == std::string::npos;
}

// The line of an inlined await_resume of heddle's.
std::optional<unsigned> line_of_await(Dwarf_Die& inlined) {
  if (name_of_entry(inlined) != "await_resume" || !linkage_name_of(inlined).starts_with("_ZN6heddle6detail")) {
    return std::nullopt;
  }
  Dwarf_Attribute attribute;
  Dwarf_Word line = 0;
  if (dwarf_formudata(dwarf_attr(&inlined, DW_AT_call_line, &attribute), &line) != 0) return std::nullopt;
  return static_cast<unsigned>(line);
}

scope scope_of(Dwarf_Die entry) {
  scope result;
  for (Dwarf_Die child : children_of(entry)) {
    switch (dwarf_tag(&child)) {
      case DW_TAG_variable:
      case DW_TAG_formal_parameter:
        result.variables.push_back(child);
        result.awaiters += is_awaiter_of_gcc(child) ? 1 : 0;
        break;
      case DW_TAG_inlined_subroutine:
        if (const std::optional<unsigned> line = line_of_await(child)) result.awaits.push_back(*line);
        break;
      case DW_TAG_lexical_block: {
        scope inner = scope_of(child);
        result.awaits.insert(result.awaits.end(), inner.awaits.begin(), inner.awaits.end());
        result.awaiters += inner.awaiters;
        result.inner.push_back(std::move(inner));
        break;
      }
      default:
        break;
    }
  }
  return result;
}

// Whether there is a co_await in the scope on this line or a later one.
bool awaits_behind(const scope& in, unsigned line) {
  return std::ranges::any_of(in.awaits, [line](unsigned at) { return at >= line; });
}

// Calls `use` with each variable and the scope it stands in.
template <class Use>
void for_each_variable(scope& in, const Use& use) {
  for (Dwarf_Die& variable : in.variables) use(variable, in);
  for (scope& inner : in.inner) for_each_variable(inner, use);
}

std::optional<Dwarf_Die> find_variable(scope& in, std::string_view name) {
  std::optional<Dwarf_Die> result;
  for_each_variable(in, [&](Dwarf_Die& variable, const scope&) {
    if (!result.has_value() && name_of_entry(variable) == name) result = variable;
  });
  return result;
}

std::string promise_name(const module& from, std::optional<Dwarf_Die> variable) {
  if (!variable.has_value()) return {};
  std::optional<Dwarf_Die> type = bare_type_of(*variable);
  return type.has_value() ? from.name_of(*type) : std::string();
}

place or_else(place own, const place& other) {
  return own.line == 0 ? other : own;
}

// clang: how far from the begin of the frame a variable is, if that is where it is.
std::optional<Dwarf_Word> offset_in_frame(Dwarf_Die& variable) {
  Dwarf_Attribute attribute;
  Dwarf_Op* operations = nullptr;
  std::size_t count = 0;
  if (dwarf_attr(&variable, DW_AT_location, &attribute) == nullptr) return std::nullopt;
  if (dwarf_getlocation(&attribute, &operations, &count) != 0 || count < 2) return std::nullopt;
  const Dwarf_Op& last = operations[count - 1];
  const bool is_offset = last.atom == DW_OP_plus_uconst && operations[count - 2].atom == DW_OP_deref;
  return is_offset ? std::optional(last.number) : std::nullopt;
}

std::optional<Dwarf_Word> offset_of_member(Dwarf_Die& member) {
  Dwarf_Attribute attribute;
  Dwarf_Word offset = 0;
  if (dwarf_attr(&member, DW_AT_data_member_location, &attribute) == nullptr) return std::nullopt;
  return dwarf_formudata(&attribute, &offset) == 0 ? std::optional(offset) : std::nullopt;
}

bool is_made_up(const std::string& member) {
  return member.starts_with("class_") || member.starts_with("struct_") || member.starts_with("union_");
}

class reader {
 public:
  explicit reader(const module& from) : from_(from) {}

  coroutines read() {
    for (const Dwarf_Die& function : from_.functions()) read_function(function);
    for (auto& [name, frame] : clang_frames_) leave_out_what_ends_before(frame);
    for (std::string& name : seen_promises_) {
      if (!described_.contains(name)) result_.without_frame.push_back(std::move(name));
    }
    return std::move(result_);
  }

 private:
  // clang: what is known of a member of the frame.
  struct framed {
    std::optional<Dwarf_Word> offset;
    bool is_placed = false;    // whether a part of the coroutine said where it stands
    bool is_followed = false;  // by a suspension, in its scope
  };

  struct clang_frame {
    std::size_t index;  // in coroutines::found
    std::vector<framed> variables;
    bool shows_awaits = false;
  };

  void read_function(Dwarf_Die function) {
    scope variables = scope_of(function);
    if (std::optional<Dwarf_Die> frame = find_variable(variables, "__coro_frame")) {
      read_clang(function, variables, *frame);
    } else if (find_variable(variables, "_Coro_resume_index")) {
      read_gcc(function, variables);
    } else if (moves_between_threads(promise_name(from_, find_variable(variables, "__promise")))) {
      const std::string name = linkage_name_of(function);
      if (!name.empty()) note_promise(demangled(name));
    }
  }

  void note_promise(std::string function) {
    if (std::ranges::find(seen_promises_, function) == seen_promises_.end()) seen_promises_.push_back(function);
  }

  // Its parts are described one by one, each with the same frame. Which of them knows where a variable is differs.
  void read_clang(Dwarf_Die function, scope& variables, Dwarf_Die frame_variable) {
    std::optional<Dwarf_Die> frame = bare_type_of(frame_variable);
    if (!frame.has_value()) return;
    const std::optional<std::string> mangled = without_suffix(name_of_entry(*frame), ".coro_frame_ty");
    if (!mangled.has_value()) return;
    const std::string name = demangled(*mangled);
    if (described_.insert(name).second) read_clang_frame(name, function, *frame);
    const auto found = clang_frames_.find(name);
    if (found == clang_frames_.end()) return;
    clang_frame& known = found->second;
    known.shows_awaits = known.shows_awaits || !variables.awaits.empty();
    std::vector<held_variable>& held = result_.found[known.index].held;
    for (std::size_t i = 0; i < held.size(); ++i) find_place(held[i], known.variables[i], variables);
  }

  void read_clang_frame(const std::string& name, Dwarf_Die function, Dwarf_Die frame) {
    coroutine read{name, place_of(function), {}};
    clang_frame members{result_.found.size(), {}};
    for (Dwarf_Die& member : children_of(frame)) {
      if (dwarf_tag(&member) != DW_TAG_member) continue;
      const std::string member_name = name_of_entry(member);
      std::optional<Dwarf_Die> type = bare_type_of(member);
      if (member_name == "__promise") {
        if (!moves_between_threads(promise_name(from_, member))) return;
      } else if (type.has_value() && !member_name.starts_with("__")) {
        members.variables.push_back({.offset = offset_of_member(member)});
        read.held.push_back({member_name, *type, read.where, is_made_up(member_name)});
      }
    }
    result_.found.push_back(std::move(read));
    clang_frames_.emplace(name, std::move(members));
  }

  // A part of the coroutine that has the variable, in the frame: where it stands, and whether a suspension follows.
  static void find_place(held_variable& held, framed& known, scope& variables) {
    if (!known.offset.has_value()) return;
    for_each_variable(variables, [&](Dwarf_Die& variable, const scope& in) {
      if (name_of_entry(variable) != held.name || offset_in_frame(variable) != known.offset) return;
      const place own = place_of(variable);
      held.where = or_else(own, held.where);
      known.is_placed = true;
      known.is_followed = known.is_followed || awaits_behind(in, own.line);
    });
  }

  void read_gcc(Dwarf_Die function, scope& variables) {
    std::optional<std::string> name;
    for_each_variable(variables, [&](Dwarf_Die& variable, const scope&) {
      std::optional<Dwarf_Die> pointer = bare_type_of(variable);
      if (name.has_value() || !pointer.has_value() || dwarf_tag(&*pointer) != DW_TAG_pointer_type) return;
      if (std::optional<Dwarf_Die> frame = bare_type_of(*pointer)) {
        name = without_suffix(name_of_entry(*frame), ".Frame");
      }
    });
    if (!name.has_value() || !moves_between_threads(promise_name(from_, find_variable(variables, "_Coro_promise")))) {
      return;
    }
    *name = demangled(*name);
    if (!described_.insert(*name).second) return;
    std::optional<Dwarf_Die> self = find_variable(variables, "_Coro_self_handle");
    coroutine read{*name, place_of(self.has_value() ? *self : function), {}};
    read_gcc_scope(variables, read);
    result_.found.push_back(std::move(read));
  }

  // What stands in no scope with a later suspension: clang put it into the frame for the next round of a loop.
  void leave_out_what_ends_before(clang_frame& frame) {
    if (!frame.shows_awaits) return;
    std::vector<held_variable> kept;
    std::vector<held_variable>& held = result_.found[frame.index].held;
    for (std::size_t i = 0; i < held.size(); ++i) {
      const framed& known = frame.variables[i];
      if (!known.is_placed || known.is_followed) kept.push_back(std::move(held[i]));
    }
    held = std::move(kept);
  }

  static void read_gcc_scope(scope& in, coroutine& into) {
    if (in.awaiters == 0) return;
    const bool all_lines_are_known = in.awaits.size() >= in.awaiters;
    for (Dwarf_Die& variable : in.variables) {
      const std::string name = name_of_entry(variable);
      std::optional<Dwarf_Die> type = bare_type_of(variable);
      if (!type.has_value() || name.starts_with("_Coro_")) continue;
      const place own = place_of(variable);
      if (all_lines_are_known && !awaits_behind(in, own.line)) continue;
      into.held.push_back({name, *type, or_else(own, into.where), false,
                           all_lines_are_known ? evidence::lives_across : evidence::scope_suspends});
    }
    for (scope& inner : in.inner) read_gcc_scope(inner, into);
  }

  const module& from_;
  coroutines result_;
  std::set<std::string> described_;
  std::map<std::string, clang_frame> clang_frames_;
  std::vector<std::string> seen_promises_;
};

}  // namespace

coroutines coroutines_of(const module& from) {
  return reader(from).read();
}

}  // namespace heddle::send_audit
