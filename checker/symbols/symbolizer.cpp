#include "symbols/symbolizer.hpp"

#include "explore/executable.hpp"
#include "symbols/functions.hpp"
#include "symbols/names.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include <cxxabi.h>
#include <dlfcn.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <unistd.h>

namespace heddle::check {

namespace {

struct freeing {
  void operator()(void* block) const noexcept { std::free(block); }
};

// A name of C is no mangled one: to the demangler `x` is a type.
std::string demangled(const char* name) {
  if (!std::string_view(name).starts_with("_Z")) return name;
  int status = 0;
  const std::unique_ptr<char, freeing> result(abi::__cxa_demangle(name, nullptr, nullptr, &status));
  return status == 0 && result ? std::string(result.get()) : std::string(name);
}

std::string function_of(Dwarf_Die* die) {
  Dwarf_Attribute attribute;
  for (const unsigned key : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name}) {
    if (dwarf_attr_integrate(die, key, &attribute) == nullptr) continue;
    const char* name = dwarf_formstring(&attribute);
    if (name == nullptr) continue;
    std::string function = demangled(name);
    if (!function.starts_with("_Z")) return function;  // else it is newer than the demangler
  }
  const char* name = dwarf_diename(die);
  return name == nullptr ? std::string() : std::string(name);
}

// Where the inlined function of `die` was called.
place call_place(Dwarf_Die* unit, Dwarf_Die* die) {
  place result;
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  if (dwarf_attr(die, DW_AT_call_line, &attribute) != nullptr && dwarf_formudata(&attribute, &value) == 0) {
    result.line = static_cast<unsigned>(value);
  }
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  if (dwarf_attr(die, DW_AT_call_file, &attribute) == nullptr || dwarf_formudata(&attribute, &value) != 0)
    return result;
  if (dwarf_getsrcfiles(unit, &files, &count) != 0) return result;
  if (const char* file = dwarf_filesrc(files, value, nullptr, nullptr)) result.file = file;
  return result;
}

place line_place(Dwarf_Die* unit, Dwarf_Addr address) {
  place result;
  Dwarf_Line* line = dwarf_getsrc_die(unit, address);
  if (line == nullptr) return result;
  if (const char* file = dwarf_linesrc(line, nullptr, nullptr)) result.file = file;
  int number = 0;
  if (dwarf_lineno(line, &number) == 0) result.line = static_cast<unsigned>(number);
  return result;
}

}  // namespace

class symbolizer::modules {
 public:
  modules() : own_path_(executable_path()) {
    callbacks_.find_elf = dwfl_linux_proc_find_elf;
    callbacks_.find_debuginfo = dwfl_standard_find_debuginfo;
    callbacks_.debuginfo_path = &debuginfo_path_;
    dwfl_ = dwfl_begin(&callbacks_);
    if (dwfl_ == nullptr) return;
    dwfl_report_begin(dwfl_);
    dwfl_linux_proc_report(dwfl_, getpid());
    dwfl_report_end(dwfl_, nullptr, nullptr);
  }
  modules(const modules&) = delete;
  modules& operator=(const modules&) = delete;
  ~modules() {
    if (dwfl_ != nullptr) dwfl_end(dwfl_);
  }

  std::string variable_at(std::uintptr_t address) {
    // libdwfl knows of what is mapped from the file, not of zeroed data behind it: it is asked for the first address.
    Dl_info object;
    if (dwfl_ == nullptr || dladdr(reinterpret_cast<const void*>(address), &object) == 0) return {};
    Dwfl_Module* module = dwfl_addrmodule(dwfl_, reinterpret_cast<std::uintptr_t>(object.dli_fbase));
    if (module == nullptr) return {};
    GElf_Off offset = 0;
    GElf_Sym symbol;
    const char* name = dwfl_module_addrinfo(module, address, &offset, &symbol, nullptr, nullptr, nullptr);
    if (name == nullptr || GELF_ST_TYPE(symbol.st_info) != STT_OBJECT || offset >= symbol.st_size) return {};
    std::string text = demangled(name);
    if (offset != 0) text += " + " + std::to_string(offset) + (offset == 1 ? " byte" : " bytes");
    return text;
  }

  std::vector<frame> frames_at(std::uintptr_t return_address) {
    const Dwarf_Addr address = return_address - 1;
    Dwfl_Module* module = dwfl_ == nullptr ? nullptr : dwfl_addrmodule(dwfl_, address);
    if (module == nullptr) return {frame{return_address, {}, {}, 0, true}};
    Dwarf_Addr bias = 0;
    Dwarf_Die* unit = unit_at(module, address, bias);
    std::vector<frame> frames;
    if (unit != nullptr) frames = frames_in(unit, address - bias, return_address);
    if (frames.empty()) frames.push_back(frame_without_dwarf(module, address, return_address));
    return frames;
  }

 private:
  static Dwarf_Die* unit_at(Dwfl_Module* module, Dwarf_Addr address, Dwarf_Addr& bias) {
    if (Dwarf_Die* unit = dwfl_module_addrdie(module, address, &bias)) return unit;
    Dwarf_Die* unit = nullptr;
    while ((unit = dwfl_module_nextcu(module, unit, &bias)) != nullptr) {
      if (dwarf_haspc(unit, address - bias) == 1) return unit;
    }
    return nullptr;
  }

  std::vector<frame> frames_in(Dwarf_Die* unit, Dwarf_Addr address, std::uintptr_t return_address) {
    std::vector<frame> frames;
    place where = line_place(unit, address);
    auto& functions = functions_[unit->cu];
    if (!functions) functions = std::make_unique<unit_functions>(*unit);
    for (Dwarf_Die& scope : functions->scopes_at(address)) {
      const std::string function = function_of(&scope);
      frames.push_back(
          {return_address, short_name(function), where.file, where.line, is_internal(function, where.file)});
      where = call_place(unit, &scope);
    }
    return frames;
  }

  frame frame_without_dwarf(Dwfl_Module* module, Dwarf_Addr address, std::uintptr_t return_address) const {
    const char* path = nullptr;
    dwfl_module_info(module, nullptr, nullptr, nullptr, nullptr, nullptr, &path, nullptr);
    const char* name = dwfl_module_addrname(module, address);
    const std::string function = name == nullptr ? std::string() : demangled(name);
    const bool own = path != nullptr && own_path_ == path;
    return {return_address, short_name(function), {}, 0, !own || function.empty() || is_internal(function, {})};
  }

  const std::string own_path_;
  char* debuginfo_path_ = nullptr;
  Dwfl_Callbacks callbacks_{};
  Dwfl* dwfl_ = nullptr;
  std::map<const Dwarf_CU*, std::unique_ptr<unit_functions>> functions_;  // of units asked for
};

symbolizer::symbolizer() = default;
symbolizer::~symbolizer() = default;

const std::vector<frame>& symbolizer::resolve(std::uintptr_t return_address) {
  const auto found = known_.find(return_address);
  if (found != known_.end()) return found->second;
  if (!modules_) modules_ = std::make_unique<modules>();
  return known_.emplace(return_address, modules_->frames_at(return_address)).first->second;
}

std::vector<frame> symbolizer::resolve_all(const std::vector<std::uintptr_t>& return_addresses) {
  std::vector<frame> all;
  for (const std::uintptr_t address : return_addresses) {
    const auto& frames = resolve(address);
    all.insert(all.end(), frames.begin(), frames.end());
  }
  return all;
}

std::string symbolizer::variable(std::uintptr_t address) {
  if (!modules_) modules_ = std::make_unique<modules>();
  return modules_->variable_at(address);
}

place symbolizer::user_place(std::uintptr_t return_address) {
  return return_address == 0 ? place{} : check::user_place(resolve(return_address));
}

place user_place(const std::vector<frame>& frames) {
  const auto known = [](const frame& one) { return !one.internal && one.line != 0; };
  const auto users = [](const frame& one) { return !one.internal; };
  auto found = std::find_if(frames.begin(), frames.end(), known);
  if (found == frames.end()) found = std::find_if(frames.begin(), frames.end(), users);
  return found == frames.end() ? place{} : place{found->file, found->function, found->line};
}

}  // namespace heddle::check
