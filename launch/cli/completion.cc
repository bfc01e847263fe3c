#include "launch/cli/completion.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace transect {
namespace {

// Fields, runs, selectors and names of published sets are asked for; the rest
// is in the script. The program is the one that is typed.
constexpr char kAskInBash[] = R"(  local line=${COMP_LINE-}
  if [[ -n $line ]]; then
    mapfile -t COMPREPLY < <("${COMP_WORDS[0]/#\~/$HOME}" complete bash \
      "${line:0:COMP_POINT}" 2>/dev/null)
    if ((${#COMPREPLY[@]})); then
      compopt -o nosort 2>/dev/null
      if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[.=] ]]; then
        compopt -o nospace 2>/dev/null
      fi
      return 0
    fi
  fi
)";
constexpr char kAskInZsh[] = R"(_transect_ask() {
  local -a found unfinished
  found=("${(@f)$(${(Q)${(z)LBUFFER}[1]} complete zsh "$LBUFFER" 2>/dev/null)}")
  found=(${found:#})
  if ((! $#found)); then _files; return; fi
  unfinished=(${(M)found:#*[.=]})
  found=(${found:#*[.=]})
  compadd -S '' -a unfinished
  compadd -a found
}
)";

// A flag with all its spellings.
struct Flag {
  std::vector<std::string> spellings;
  std::string about;
  bool takes_value = false;
  // The values it can have, if there are few.
  std::vector<std::string> values;
};

// A verb, or the program.
struct Node {
  // "transect data synth".
  std::string path;
  std::string about;
  std::vector<Flag> flags;
  // Values of its arguments that are no flags; empty where they are files.
  std::vector<std::string> values;
  std::vector<Node> verbs;

  // The last word of `path`.
  std::string name() const { return path.substr(path.find_last_of(' ') + 1); }
};

// "{a,b}" in the name of a type, which CLI11 makes of a set of values.
std::vector<std::string> ValuesOf(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const size_t begin = type.find('{');
  const size_t end = type.find('}');
  if (begin == std::string::npos || end == std::string::npos || end < begin) {
    return {};
  }
  return absl::StrSplit(type.substr(begin + 1, end - begin - 1), ',');
}

Node Read(const CLI::App& app, const std::string& path) {
  Node node;
  node.path = path;
  node.about = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      const std::vector<std::string> values = ValuesOf(*option);
      node.values.insert(node.values.end(), values.begin(), values.end());
      continue;
    }
    Flag flag;
    for (const std::string& name : option->get_lnames()) {
      flag.spellings.push_back("--" + name);
    }
    for (const std::string& name : option->get_snames()) {
      flag.spellings.push_back("-" + name);
    }
    flag.about = option->get_description();
    flag.takes_value = option->get_items_expected_max() > 0;
    flag.values = ValuesOf(*option);
    node.flags.push_back(std::move(flag));
  }
  for (const CLI::App* verb : app.get_subcommands(nullptr)) {
    // What people are not shown has no group.
    if (verb->get_group().empty()) continue;
    node.verbs.push_back(Read(*verb, path + " " + verb->get_name()));
  }
  return node;
}

// The node and all below it.
void Flatten(const Node& node, std::vector<const Node*>* all) {
  all->push_back(&node);
  for (const Node& verb : node.verbs) {
    Flatten(verb, all);
  }
}

// `text` as one word of a shell.
std::string Quoted(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

// Text in a specification of zsh's _arguments, where these mean something.
std::string ZshText(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"\\", "\\\\"}, {"[", "\\["}, {"]", "\\]"}, {":", "\\:"}});
}

std::string FunctionName(const Node& node) {
  return absl::StrCat("_", absl::StrReplaceAll(node.path, {{" ", "_"}}));
}

std::string ZshAction(const std::vector<std::string>& values) {
  return values.empty() ? "_transect_ask"
                        : absl::StrCat("(", absl::StrJoin(values, " "), ")");
}

void AppendZsh(const Node& node, std::string* script) {
  absl::StrAppend(script, FunctionName(node), "() {\n");
  std::vector<std::string> arguments;
  for (const Flag& flag : node.flags) {
    const std::string value =
        flag.takes_value ? absl::StrCat(":value:", ZshAction(flag.values)) : "";
    for (const std::string& spelling : flag.spellings) {
      // A flag may be given several times; '*' says so.
      arguments.push_back(Quoted(
          absl::StrCat("*", spelling, "[", ZshText(flag.about), "]", value)));
    }
  }
  if (node.verbs.empty()) {
    arguments.push_back(
        Quoted(absl::StrCat("*:argument:", ZshAction(node.values))));
    absl::StrAppend(script, "  _arguments \\\n    ",
                    absl::StrJoin(arguments, " \\\n    "), "\n}\n");
    return;
  }
  arguments.push_back("'1: :->verb'");
  arguments.push_back("'*:: :->rest'");
  absl::StrAppend(script, "  local context state state_descr line\n",
                  "  typeset -A opt_args\n", "  _arguments -C \\\n    ",
                  absl::StrJoin(arguments, " \\\n    "), "\n",
                  "  case $state in\n    verb)\n      local -a verbs\n",
                  "      verbs=(\n");
  for (const Node& verb : node.verbs) {
    absl::StrAppend(
        script, "        ",
        Quoted(absl::StrCat(verb.name(), ":",
                            absl::StrReplaceAll(verb.about, {{"\n", " "}}))),
        "\n");
  }
  absl::StrAppend(script, "      )\n      _describe verb verbs\n      ;;\n",
                  "    rest)\n      case $line[1] in\n");
  for (const Node& verb : node.verbs) {
    absl::StrAppend(script, "        ", verb.name(), ") ", FunctionName(verb),
                    " ;;\n");
  }
  absl::StrAppend(script, "      esac\n      ;;\n  esac\n}\n");
}

}  // namespace

std::string BashCompletion(const CLI::App& app) {
  const Node root = Read(app, app.get_name());
  std::vector<const Node*> nodes;
  Flatten(root, &nodes);
  std::string script = absl::StrCat(
      "# Completion of ", root.path, " in bash. Generated: ", root.path,
      " completion bash\n", "_", root.path, "() {\n", kAskInBash,
      "  local cur=${COMP_WORDS[COMP_CWORD]}\n",
      "  local prev=${COMP_WORDS[COMP_CWORD-1]}\n",
      // --flag=value comes as three words.
      "  if [[ $cur == '=' ]]; then cur=\n",
      "  elif [[ $prev == '=' && COMP_CWORD -gt 1 ]]; then ",
      "prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n", "  local path=", root.path,
      " i\n", "  for ((i = 1; i < COMP_CWORD; i++)); do\n",
      "    case \"$path ${COMP_WORDS[i]}\" in\n      ");
  std::vector<std::string> paths;
  for (const Node* node : nodes) {
    if (node != &root) {
      paths.push_back(Quoted(node->path));
    }
  }
  absl::StrAppend(&script, absl::StrJoin(paths, "|"),
                  ") path=\"$path ${COMP_WORDS[i]}\" ;;\n    esac\n  done\n",
                  "  local words= files=\n  case \"$path $prev\" in\n");
  for (const Node* node : nodes) {
    for (const Flag& flag : node->flags) {
      if (!flag.takes_value) {
        continue;
      }
      std::vector<std::string> patterns;
      for (const std::string& spelling : flag.spellings) {
        patterns.push_back(Quoted(absl::StrCat(node->path, " ", spelling)));
      }
      absl::StrAppend(
          &script, "    ", absl::StrJoin(patterns, "|"), ") ",
          flag.values.empty()
              ? "files=1"
              : absl::StrCat("words=", Quoted(absl::StrJoin(flag.values, " "))),
          " ;;\n");
    }
  }
  absl::StrAppend(&script, "    *) case \"$path\" in\n");
  for (const Node* node : nodes) {
    std::vector<std::string> words;
    for (const Node& verb : node->verbs) {
      words.push_back(verb.name());
    }
    words.insert(words.end(), node->values.begin(), node->values.end());
    const bool files = words.empty();
    for (const Flag& flag : node->flags) {
      words.insert(words.end(), flag.spellings.begin(), flag.spellings.end());
    }
    absl::StrAppend(&script, "      ", Quoted(node->path),
                    ") words=", Quoted(absl::StrJoin(words, " ")),
                    files ? " files=1" : "", " ;;\n");
  }
  absl::StrAppend(&script, "    esac ;;\n  esac\n",
                  "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n",
                  // Flags and files do not meet: a word with a dash is a flag.
                  "  if [[ -n $files && $cur != -* ]]; then\n",
                  "    local IFS=$'\\n'\n",
                  "    COMPREPLY=($(compgen -f -- \"$cur\"))\n",
                  "    compopt -o filenames 2>/dev/null || true\n  fi\n}\n",
                  "complete -F _", root.path, " ", root.path, "\n");
  return script;
}

std::string ZshCompletion(const CLI::App& app) {
  const Node root = Read(app, app.get_name());
  std::vector<const Node*> nodes;
  Flatten(root, &nodes);
  std::string script =
      absl::StrCat("#compdef ", root.path, "\n# Generated: ", root.path,
                   " completion zsh\n", kAskInZsh);
  for (const Node* node : nodes) {
    AppendZsh(*node, &script);
  }
  // As a file of fpath it is called for a completion, sourced it is not.
  absl::StrAppend(&script, "if [[ $funcstack[1] == ", FunctionName(root),
                  " ]]; then\n  ", FunctionName(root),
                  " \"$@\"\nelse\n  compdef ", FunctionName(root), " ",
                  root.path, "\nfi\n");
  return script;
}

}  // namespace transect
