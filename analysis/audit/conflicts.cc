#include "analysis/audit/conflicts.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace transect {
namespace {

// Fewer could be equal by chance.
constexpr int kLeastInCommon = 5;

// Columns that both rows have, as pairs of values.
std::vector<std::pair<AuditValue, AuditValue>> InCommon(const AuditRow& a,
                                                        const AuditRow& b) {
  std::vector<std::pair<AuditValue, AuditValue>> common;
  for (const AuditValue& value : a.values) {
    const auto other =
        std::ranges::find(b.values, value.column, &AuditValue::column);
    if (other != b.values.end()) common.emplace_back(value, *other);
  }
  return common;
}

std::optional<SameTraining> Compare(absl::Span<const AuditRow> rows, size_t a,
                                    size_t b) {
  SameTraining same{.a = a, .b = b};
  int differences = 0;
  const auto common = InCommon(rows[a], rows[b]);
  for (const auto& [in_a, in_b] : common) {
    if (in_a.printed == in_b.printed) continue;
    ++differences;
    same.column = in_a.column;
    same.in_a = in_a;
    same.in_b = in_b;
  }
  if (static_cast<int>(common.size()) < kLeastInCommon || differences > 1) {
    return std::nullopt;
  }
  return same;
}

}  // namespace

std::string NameOf(const AuditRow& row) {
  return absl::StrCat(row.label, " (", row.source, ")");
}

std::vector<SameTraining> SameTrainings(absl::Span<const AuditRow> rows) {
  std::vector<SameTraining> pairs;
  for (size_t a = 0; a < rows.size(); ++a) {
    for (size_t b = a + 1; b < rows.size(); ++b) {
      if (const auto same = Compare(rows, a, b); same.has_value()) {
        pairs.push_back(*same);
      }
    }
  }
  return pairs;
}

std::vector<std::string> SameLabels(absl::Span<const AuditRow> rows) {
  std::vector<std::string> sentences;
  for (size_t a = 0; a < rows.size(); ++a) {
    for (size_t b = a + 1; b < rows.size(); ++b) {
      if (!absl::EqualsIgnoreCase(rows[a].label, rows[b].label) ||
          rows[a].split != rows[b].split || Compare(rows, a, b).has_value()) {
        continue;
      }
      std::vector<std::string> differences;
      for (const auto& [in_a, in_b] : InCommon(rows[a], rows[b])) {
        if (in_a.printed != in_b.printed) {
          differences.push_back(absl::StrCat(in_a.column, " ", in_a.printed,
                                             " and ", in_b.printed));
        }
      }
      if (differences.empty()) continue;
      sentences.push_back(absl::StrCat(
          rows[a].label, rows[a].split.empty() ? "" : ", split ", rows[a].split,
          ", is printed with other values in ", rows[a].source, " and ",
          rows[b].source, ": ", absl::StrJoin(differences, ", "), "."));
    }
  }
  return sentences;
}

}  // namespace transect
