/// \file
/// The canonical text of a message, and its digest: what identities are made
/// of.
///
/// Serialized protobufs are not canonical (their bytes change with schema,
/// build flags and library version), so the text is made by a walk over the
/// descriptors, scheme "h2":
/// - fields in the order of their numbers, each by its name or `name_in_ids`
///   (data/io/field_options.proto); maps by sorted keys;
/// - only fields that are present, so that "absent" and "present with the
///   default value" differ (resolution removes the difference);
/// - scalars as in scalar_text.h, strings with their length;
/// - fields with the option `operational` are left out while none of their
///   `in_ids_when` holds, and have their `value_in_ids` if they have one;
/// - so is a field with the option `old_specs_meant` while it has that value,
///   and a message with that option while nothing in it enters: a schema that
///   grows keeps the ids of what ran before.
/// Field numbers and comments do not enter, names do. A changed walk is a new
/// scheme with a new prefix: it gives new ids and never reinterprets old ones.
/// Scheme "h1" knew no `old_specs_meant` and counted the evaluation as part of
/// a run; the store keeps what ran under it apart (launch/store/store.h).
#ifndef TRANSECT_EXPERIMENTS_IDENTITY_CANONICAL_H_
#define TRANSECT_EXPERIMENTS_IDENTITY_CANONICAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace transect {

/// Name of the scheme: the first bytes of everything that is hashed.
inline constexpr absl::string_view kIdScheme = "h2";

/// Hexadecimal digits of an identity: 128 bits.
inline constexpr int kIdDigits = 32;

/// The text described above, one line per field. kInvalidArgument, naming the
/// field, for unknown fields (a newer schema wrote them) and numbers that are
/// not finite.
absl::StatusOr<std::string> CanonicalText(
    const google::protobuf::Message& message);

/// First 128 bits of SHA-256 over `h2:<kind>\n<text>`, as kIdDigits lower-case
/// hexadecimal digits. `kind` keeps identities of different things apart.
std::string TextDigest(absl::string_view kind, absl::string_view text);

/// TextDigest of the canonical text of `message` under its type's full name,
/// followed by `extra`, which names everything else that the identity rests on.
absl::StatusOr<std::string> SpecDigest(const google::protobuf::Message& message,
                                       absl::string_view extra);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_IDENTITY_CANONICAL_H_
