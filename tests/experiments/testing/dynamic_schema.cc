#include "tests/experiments/testing/dynamic_schema.h"

#include "third_party/absl_polyfill/check.h"

namespace transect {

using ::google::protobuf::Descriptor;
using ::google::protobuf::DescriptorProto;
using ::google::protobuf::FieldDescriptorProto;
using ::google::protobuf::FileDescriptor;
using ::google::protobuf::FileDescriptorProto;
using ::google::protobuf::Message;

DynamicSchema::DynamicSchema(
    const Descriptor& root,
    const std::function<void(FileDescriptorProto*)>& edit)
    : root_(root.full_name()), factory_(&pool_) {
  AddFile(*root.file(), edit);
}

void DynamicSchema::AddFile(
    const FileDescriptor& file,
    const std::function<void(FileDescriptorProto*)>& edit) {
  if (pool_.FindFileByName(file.name()) != nullptr) {
    return;
  }
  for (int i = 0; i < file.dependency_count(); ++i) {
    AddFile(*file.dependency(i), edit);
  }
  FileDescriptorProto proto;
  file.CopyTo(&proto);
  edit(&proto);
  TRANSECT_CHECK(pool_.BuildFile(proto) != nullptr) << file.name();
}

std::unique_ptr<Message> DynamicSchema::New() {
  const Descriptor* type = pool_.FindMessageTypeByName(root_);
  TRANSECT_CHECK(type != nullptr) << root_;
  return std::unique_ptr<Message>(factory_.GetPrototype(type)->New());
}

DescriptorProto* FindMessage(FileDescriptorProto* file,
                             const std::string& name) {
  for (DescriptorProto& message : *file->mutable_message_type()) {
    if (message.name() == name) {
      return &message;
    }
  }
  return nullptr;
}

std::function<void(FileDescriptorProto*)> ChangedDefault(
    const std::string& message, const std::string& field,
    const std::string& default_value) {
  return [=](FileDescriptorProto* file) {
    DescriptorProto* type = FindMessage(file, message);
    if (type == nullptr) {
      return;
    }
    for (FieldDescriptorProto& each : *type->mutable_field()) {
      if (each.name() == field) {
        each.set_default_value(default_value);
      }
    }
  };
}

}  // namespace transect
