#include "cli/completion.hpp"

#include "cli/errors.hpp"

#include <algorithm>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace heddle::cli {

namespace {

std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* one : command.get_options()) {
    for (const std::string& name : one->get_lnames()) names.push_back(name);
  }
  return names;
}

std::string dashed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "--" : " --") + name;
  return text;
}

std::string names_of_commands(const CLI::App& all) {
  std::string text;
  for (const CLI::App* one : all.get_subcommands(nullptr)) text += (text.empty() ? "" : " ") + one->get_name();
  return text;
}

// Behind `--`, and where no option begins, files are completed.
std::string for_bash(const CLI::App& all) {
  std::string cases;
  for (const CLI::App* one : all.get_subcommands(nullptr)) {
    cases += fmt::format("    {}) options=\"{}\" ;;\n", one->get_name(), dashed(options_of(*one)));
  }
  return fmt::format(R"(_heddle() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} options= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    if [ "${{COMP_WORDS[i]}}" = -- ]; then
      COMPREPLY=($(compgen -f -- "$word"))
      return
    fi
  done
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{} {}" -- "$word"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{}  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$options --" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}}
complete -o filenames -F _heddle heddle
)",
                     names_of_commands(all), dashed(options_of(all)), cases);
}

std::string quoted_for_fish(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2) text.insert(at, "\\");
  return "'" + text + "'";
}

std::string for_fish(const CLI::App& all) {
  std::string text;
  for (const CLI::App* one : all.get_subcommands(nullptr)) {
    text += fmt::format("complete -c heddle -n __fish_use_subcommand -a {} -d {}\n", one->get_name(),
                        quoted_for_fish(one->get_description()));
    for (const CLI::Option* option : one->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        text += fmt::format("complete -c heddle -n '__fish_seen_subcommand_from {}' -l {} -d {}\n", one->get_name(),
                            name, quoted_for_fish(option->get_description()));
      }
    }
  }
  return text;
}

}  // namespace

std::string completion_script(const CLI::App& command, const std::string& shell) {
  if (shell == "bash") return for_bash(command);
  if (shell == "zsh") return "autoload -U +X bashcompinit && bashcompinit\n" + for_bash(command);
  if (shell == "fish") return for_fish(command);
  throw usage_error(fmt::format("there is no completion for {}; allowed: bash, zsh, fish", shell));
}

}  // namespace heddle::cli
