/// \file
/// Strict reading of foreign JSON: valid UTF-8 (a byte-order mark before it is
/// skipped), no duplicate keys, no NaN, integers that fit in 64 bits (a larger
/// one is an error and is not rounded), bounded depth, nothing after the value.
/// nlohmann's parser does the rest.
#ifndef TRANSECT_DATA_IO_STRICT_JSON_H_
#define TRANSECT_DATA_IO_STRICT_JSON_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json_fwd.hpp"

namespace transect {

/// Deepest nesting of arrays and objects.
inline constexpr int kMaxJsonDepth = 32;

/// Parses `text`, which begins in line `first_line` of the file (a row of JSON
/// lines). Errors are kInvalidArgument and begin with
/// `file_name:line:column: `. Of an empty file, a pointer or a web page in
/// place of JSON they say that it is that (stand_in.h).
absl::StatusOr<nlohmann::json> ParseStrictJson(absl::string_view text,
                                               absl::string_view file_name,
                                               int64_t first_line = 1);

/// Members of foreign objects. Errors say what is missing, or of which type it
/// is. The result points into `object`.
absl::StatusOr<const nlohmann::json*> JsonMember(const nlohmann::json& object,
                                                 absl::string_view key);
absl::StatusOr<const nlohmann::json*> JsonArray(const nlohmann::json& object,
                                                absl::string_view key);
absl::StatusOr<int64_t> JsonInt(const nlohmann::json& object,
                                absl::string_view key);
absl::StatusOr<std::string> JsonString(const nlohmann::json& object,
                                       absl::string_view key);

}  // namespace transect

#endif  // TRANSECT_DATA_IO_STRICT_JSON_H_
