#include "launch/cli/typed_line.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace transect {
namespace {

constexpr absl::string_view kBreaks = "=:<>";

// The option that a flag is; null for none.
const CLI::Option* FindFlag(const CLI::App& verb, std::string flag) {
  std::replace(flag.begin() + std::min<ptrdiff_t>(2, std::ssize(flag)),
               flag.end(), '_', '-');
  return verb.get_option_no_throw(flag);
}

// The argument number `index`; the last one takes all that are left.
const CLI::Option* FindArgument(const CLI::App& verb, size_t index) {
  const CLI::Option* last = nullptr;
  for (const CLI::Option* option : verb.get_options()) {
    if (!option->get_positional()) continue;
    last = option;
    if (index-- == 0) return option;
  }
  return last != nullptr && last->get_items_expected_max() > 1 ? last : nullptr;
}

const CLI::App* FindVerb(const CLI::App& app, const std::string& name) {
  for (const CLI::App* verb : app.get_subcommands(nullptr)) {
    if (verb->get_name() == name) return verb;
  }
  return nullptr;
}

std::string Escaped(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (!absl::ascii_isalnum(c) && !absl::StrContains("_-./,+%@^=:", c) &&
        absl::ascii_isascii(c)) {
      escaped += '\\';
    }
    escaped += c;
  }
  return escaped;
}

// The end of what bash takes for finished: behind the last unescaped break.
size_t LastBreak(absl::string_view typed) {
  size_t end = 0;
  for (size_t i = 0; i < typed.size(); ++i) {
    if (typed[i] == '\\') {
      ++i;
    } else if (absl::StrContains(kBreaks, typed[i])) {
      end = i + 1;
    }
  }
  return end;
}

}  // namespace

TypedLine ReadTypedLine(absl::string_view line) {
  TypedLine result;
  size_t begin = 0;
  const auto finish = [&] {
    if (!result.typed.empty()) result.words.push_back(result.word);
    result.word.clear();
  };
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (result.quote == 0 && absl::ascii_isspace(c)) {
      result.typed = std::string(line.substr(begin, i - begin));
      finish();
      begin = i + 1;
    } else if (result.quote == 0 && (c == '\'' || c == '"')) {
      result.quote = c;
    } else if (c == result.quote) {
      result.quote = 0;
    } else if (c == '\\' && result.quote != '\'' && i + 1 < line.size()) {
      result.word += line[++i];
    } else if (c != '\\' || result.quote == '\'') {
      result.word += c;
    }
  }
  result.typed = std::string(line.substr(begin));
  return result;
}

std::vector<std::string> TypedWord::ValuesOf(absl::string_view flag) const {
  std::vector<std::string> values;
  for (const auto& [name, value] : flags) {
    if (name == flag) values.push_back(value);
  }
  return values;
}

TypedWord FindTypedWord(const CLI::App& app, const TypedLine& line) {
  TypedWord result;
  result.word = line.word;
  const CLI::App* verb = &app;
  // The flag whose value comes next.
  const CLI::Option* open = nullptr;
  for (size_t i = 1; i < line.words.size(); ++i) {
    const std::string& word = line.words[i];
    if (open != nullptr) {
      result.flags.emplace_back(open->get_name(), word);
      open = nullptr;
    } else if (absl::StartsWith(word, "-") && word.size() > 1) {
      const size_t equals = word.find('=');
      const CLI::Option* const flag = FindFlag(*verb, word.substr(0, equals));
      if (flag == nullptr || flag->get_items_expected_max() == 0) continue;
      if (equals == std::string::npos) {
        open = flag;
      } else {
        result.flags.emplace_back(flag->get_name(), word.substr(equals + 1));
      }
    } else if (const CLI::App* next = FindVerb(*verb, word)) {
      verb = next;
      absl::StrAppend(&result.verb, result.verb.empty() ? "" : " ", word);
    } else {
      result.arguments.push_back(word);
    }
  }
  const size_t equals = line.word.find('=');
  if (open == nullptr && absl::StartsWith(line.word, "-")) {
    if (equals == std::string::npos) return result;
    open = FindFlag(*verb, line.word.substr(0, equals));
    if (open == nullptr) return result;
    result.prefix = line.word.substr(0, equals + 1);
    result.word = line.word.substr(equals + 1);
  }
  if (open != nullptr) {
    result.kind = open->get_type_name();
  } else if (const CLI::Option* argument =
                 FindArgument(*verb, result.arguments.size())) {
    result.kind = argument->get_name(/*positional=*/true);
  }
  return result;
}

std::vector<std::string> ForBash(const std::vector<std::string>& candidates,
                                 const TypedLine& line) {
  if (line.quote != 0) {
    // Bash puts what it is told behind the quote.
    return line.typed[0] == line.quote ? candidates
                                       : std::vector<std::string>();
  }
  const std::string done = line.typed.substr(0, LastBreak(line.typed));
  std::vector<std::string> words;
  for (const std::string& candidate : candidates) {
    const std::string escaped = Escaped(candidate);
    if (absl::StartsWith(escaped, done)) {
      words.push_back(escaped.substr(done.size()));
    }
  }
  return words;
}

}  // namespace transect
