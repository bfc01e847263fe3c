// A second descriptor pool with the schema of RunSpec as another version of the
// program might have it.
#ifndef TRANSECT_TESTS_EXPERIMENTS_TESTING_DYNAMIC_SCHEMA_H_
#define TRANSECT_TESTS_EXPERIMENTS_TESTING_DYNAMIC_SCHEMA_H_

#include <functional>
#include <memory>
#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/message.h"

namespace transect {

class DynamicSchema {
 public:
  // Copies the files that `root` needs into a pool of its own, after `edit` has
  // seen each.
  DynamicSchema(
      const google::protobuf::Descriptor& root,
      const std::function<void(google::protobuf::FileDescriptorProto*)>& edit);

  // An empty message of the edited root type. Lives no longer than this.
  std::unique_ptr<google::protobuf::Message> New();

 private:
  void AddFile(
      const google::protobuf::FileDescriptor& file,
      const std::function<void(google::protobuf::FileDescriptorProto*)>& edit);

  std::string root_;
  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
};

// The message `name` of a file, which must have it.
google::protobuf::DescriptorProto* FindMessage(
    google::protobuf::FileDescriptorProto* file, const std::string& name);

// An edit that gives a field another default and leaves other files alone.
std::function<void(google::protobuf::FileDescriptorProto*)> ChangedDefault(
    const std::string& message, const std::string& field,
    const std::string& default_value);

}  // namespace transect

#endif  // TRANSECT_TESTS_EXPERIMENTS_TESTING_DYNAMIC_SCHEMA_H_
