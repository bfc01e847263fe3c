/// \file
/// Flags that are fields of a request to the worker
/// (launch/requests/worker_request.proto): the request is where a verb keeps
/// its options, and their defaults are the schema's.
#ifndef TRANSECT_LAUNCH_CLI_REQUEST_FLAGS_H_
#define TRANSECT_LAUNCH_CLI_REQUEST_FLAGS_H_

#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "data/data.pb.h"
#include "google/protobuf/message.h"

namespace transect {

/// Adds to `verb` the option `name`, "--limit" or "DIR", which sets the field
/// `field` of `message`: a string, an int32, an enumeration or a list of
/// strings. A string that is empty leaves its field absent. Of an enumeration
/// the words are its values but UNSPECIFIED, as the schema writes them.
///
/// The help is `about`, and the default that the schema gives the field.
/// `message` must outlive the app.
CLI::Option* AddField(CLI::App* verb, const std::string& name,
                      const std::string& field,
                      google::protobuf::Message* message,
                      const std::string& about);

/// As AddField, a flag without a value that sets the bool `field`.
CLI::Option* AddFlagField(CLI::App* verb, const std::string& name,
                          const std::string& field,
                          google::protobuf::Message* message,
                          const std::string& about);

/// As AddField, --format: an enumeration whose words are in lower case, "text"
/// and "json".
CLI::Option* AddFormatField(CLI::App* verb, const std::string& field,
                            google::protobuf::Message* message,
                            const std::string& about);

/// --format-of-data, --sentence-field and --ignored-label: how a data set that
/// is named on the command line is read.
void AddReadingFlags(CLI::App* verb, FoundDataset* reading);

/// --policy KIND=ACTION, repeatable: what becomes of defective records. A kind
/// or an action that is none is refused with what there is.
void AddPolicyFlag(CLI::App* verb, DefectPolicy* policy);

/// kInvalidArgument names all values of these flags that do not go together or
/// are out of range, or the layout whose files `root` has instead.
absl::Status CheckReading(const FoundDataset& reading, const std::string& root);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_REQUEST_FLAGS_H_
