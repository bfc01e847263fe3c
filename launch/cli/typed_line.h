/// \file
/// The start of a command line that is being typed: which word is to be
/// completed, what it is an answer to, and how answers go back to the shell.
#ifndef TRANSECT_LAUNCH_CLI_TYPED_LINE_H_
#define TRANSECT_LAUNCH_CLI_TYPED_LINE_H_

#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/string_view.h"

namespace transect {

/// Words of a shell, as far as quotes and backslashes go.
struct TypedLine {
  /// The finished words, the program first, without quotes.
  std::vector<std::string> words;
  /// The word at the end, "" behind a space, without quotes, and as typed.
  std::string word;
  std::string typed;
  /// The quote that is open at the end, ' or "; 0 for none.
  char quote = 0;
};

TypedLine ReadTypedLine(absl::string_view line);

/// What the word at the end of a line stands for.
struct TypedWord {
  /// Of a flag's value the name of its type ("RUN", "PATH=VALUE"), of an
  /// argument its own ("SELECTOR"); "" for a verb, a flag and what cannot be
  /// told.
  std::string kind;
  /// What comes before it in the same word: "--set=" or "".
  std::string prefix;
  /// The rest of it.
  std::string word;
  /// Path of the verb below the program: "data synth".
  std::string verb;
  /// Arguments of the verb that stand before it.
  std::vector<std::string> arguments;
  /// Values of flags before it, in their order: {"--store", "DIR"}.
  std::vector<std::pair<std::string, std::string>> flags;

  /// Values of one flag.
  std::vector<std::string> ValuesOf(absl::string_view flag) const;
};

/// `app` says which verbs and flags there are.
TypedWord FindTypedWord(const CLI::App& app, const TypedLine& line);

/// Those of `candidates`, whole words, that bash can put in place of what it
/// takes for the current word: it breaks words at '=', ':', '<' and '>' that
/// are not in quotes. What a shell would read otherwise has a backslash. None
/// where a quote is open within a word.
std::vector<std::string> ForBash(const std::vector<std::string>& candidates,
                                 const TypedLine& line);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_TYPED_LINE_H_
