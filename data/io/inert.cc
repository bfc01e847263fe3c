#include "data/io/inert.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/field_options.pb.h"
#include "google/protobuf/descriptor.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

// What matters here of a message type.
struct TypeRules {
  std::vector<std::pair<const FieldDescriptor*, std::vector<InertWhen>>> inert;
  // Singular messages.
  std::vector<const FieldDescriptor*> messages;
};

TypeRules MakeRules(const Descriptor& type) {
  TypeRules rules;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const auto& options = field->options();
    if (options.ExtensionSize(inert_when) > 0) {
      std::vector<InertWhen> conditions;
      for (int j = 0; j < options.ExtensionSize(inert_when); ++j) {
        conditions.push_back(options.GetExtension(inert_when, j));
      }
      rules.inert.emplace_back(field, std::move(conditions));
    }
    if (field->message_type() != nullptr && !field->is_repeated()) {
      rules.messages.push_back(field);
    }
  }
  return rules;
}

// Options are slow to read, and specs are resolved by the ten thousand. Types
// made at run time may die before another takes their address.
std::shared_ptr<const TypeRules> RulesOf(const Descriptor& type) {
  if (type.file()->pool() !=
      google::protobuf::DescriptorPool::generated_pool()) {
    return std::make_shared<const TypeRules>(MakeRules(type));
  }
  static std::mutex mutex;
  static auto* const known =
      new std::map<const Descriptor*, std::shared_ptr<const TypeRules>>;
  const std::lock_guard<std::mutex> lock(mutex);
  std::shared_ptr<const TypeRules>& rules = (*known)[&type];
  if (rules == nullptr) {
    rules = std::make_shared<const TypeRules>(MakeRules(type));
  }
  return rules;
}

std::string TextOf(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.GetEnum(message, &field)->name();
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(reflection.GetInt64(message, &field));
    default:
      break;
  }
  TRANSECT_CHECK(false) << field.full_name()
                        << " cannot be the field of an a condition";
  return "";
}

class Eraser {
 public:
  void Find(Message* message) {
    around_.push_back(message);
    const std::shared_ptr<const TypeRules> rules =
        RulesOf(*message->GetDescriptor());
    const auto& reflection = *message->GetReflection();
    for (const auto& [field, conditions] : rules->inert) {
      const bool present = field->is_repeated()
                               ? reflection.FieldSize(*message, field) > 0
                               : reflection.HasField(*message, field);
      if (present && std::any_of(conditions.begin(), conditions.end(),
                                 [this](const InertWhen& condition) {
                                   return Holds(condition);
                                 })) {
        erased_.emplace_back(message, field);
      }
    }
    for (const FieldDescriptor* field : rules->messages) {
      if (reflection.HasField(*message, field)) {
        Find(reflection.MutableMessage(message, field));
      }
    }
    around_.pop_back();
  }

  void Erase() {
    // What is inside a message was found after it.
    for (auto each = erased_.rbegin(); each != erased_.rend(); ++each) {
      each->first->GetReflection()->ClearField(each->first, each->second);
    }
  }

 private:
  bool Holds(const InertWhen& condition) const {
    const auto message =
        condition.has_within()
            ? std::find_if(around_.rbegin(), around_.rend(),
                           [&condition](const Message* each) {
                             return each->GetDescriptor()->name() ==
                                    condition.within();
                           })
            : around_.rbegin();
    if (message == around_.rend()) {
      return false;
    }
    return HoldsIn(**message, condition);
  }

  // The messages around the present one, itself last.
  std::vector<Message*> around_;
  std::vector<std::pair<Message*, const FieldDescriptor*>> erased_;
};

}  // namespace

bool HoldsIn(const Message& message, const InertWhen& condition) {
  const FieldDescriptor* field =
      message.GetDescriptor()->FindFieldByName(condition.field());
  TRANSECT_CHECK(field != nullptr)
      << message.GetTypeName() << "." << condition.field()
      << ", named by a condition, does not exist";
  if (!message.GetReflection()->HasField(message, field)) return false;
  const std::string text = TextOf(message, *field);
  return std::find(condition.value().begin(), condition.value().end(), text) !=
         condition.value().end();
}

bool EntersIds(const Message& message, const FieldDescriptor& field) {
  const auto& options = field.options();
  if (!options.GetExtension(operational)) return true;
  for (int i = 0; i < options.ExtensionSize(in_ids_when); ++i) {
    if (HoldsIn(message, options.GetExtension(in_ids_when, i))) return true;
  }
  return false;
}

void EraseInert(Message* message) {
  Eraser eraser;
  eraser.Find(message);
  eraser.Erase();
}

}  // namespace transect
