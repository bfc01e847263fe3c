#include "experiments/reading/scalar_text.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "data/io/suggestion.h"

namespace transect {
namespace {

using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::EnumValueDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;

template <typename Real>
Real WithoutMinusZero(Real value) {
  return value == 0 ? Real{0} : value;
}

template <typename Real>
std::string ShortestReal(Real value) {
  char buffer[32];
  const std::to_chars_result end =
      std::to_chars(buffer, buffer + sizeof(buffer), WithoutMinusZero(value));
  return std::string(buffer, end.ptr);
}

absl::Status NotA(absl::string_view text, absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(text), " is not ", expected));
}

// Integers of up to 64 bits that must lie in the range of Narrow.
template <typename Narrow, typename Wide>
absl::StatusOr<Scalar> ParseInteger(absl::string_view text) {
  Wide value;
  constexpr Wide kLeast = std::numeric_limits<Narrow>::min();
  constexpr Wide kMost = std::numeric_limits<Narrow>::max();
  // Of types without a sign too.
  const absl::string_view digits = text == "-0" ? text.substr(1) : text;
  if (!absl::SimpleAtoi(digits, &value) || value < kLeast || value > kMost) {
    return NotA(text,
                absl::StrCat("a whole number from ", kLeast, " to ", kMost));
  }
  return Scalar(value);
}

absl::StatusOr<Scalar> ParseEnum(const EnumDescriptor& type,
                                 absl::string_view text) {
  const EnumValueDescriptor* value = type.FindValueByName(std::string(text));
  if (value != nullptr) {
    return Scalar(value);
  }
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) {
      names.push_back(type.value(i)->name());
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      Quoted(text), " is no ", type.name(), DidYouMean(text, names)));
}

}  // namespace

absl::StatusOr<Scalar> ParseScalar(const FieldDescriptor& field,
                                   absl::string_view text) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return ParseInteger<int32_t, int64_t>(text);
    case FieldDescriptor::CPPTYPE_INT64:
      return ParseInteger<int64_t, int64_t>(text);
    case FieldDescriptor::CPPTYPE_UINT32:
      return ParseInteger<uint32_t, uint64_t>(text);
    case FieldDescriptor::CPPTYPE_UINT64:
      return ParseInteger<uint64_t, uint64_t>(text);
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      double value;
      if (!absl::SimpleAtod(text, &value) || !std::isfinite(value)) {
        return NotA(text, "a finite number");
      }
      return Scalar(WithoutMinusZero(value));
    }
    case FieldDescriptor::CPPTYPE_FLOAT: {
      float value;
      if (!absl::SimpleAtof(text, &value) || !std::isfinite(value)) {
        return NotA(text, "a finite number of single precision");
      }
      return Scalar(WithoutMinusZero(value));
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text != "true" && text != "false") {
        return NotA(text, "true or false");
      }
      return Scalar(text == "true");
    case FieldDescriptor::CPPTYPE_ENUM:
      return ParseEnum(*field.enum_type(), text);
    case FieldDescriptor::CPPTYPE_STRING:
      return Scalar(std::string(text));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", field.name(), "\" is a message"));
}

std::string ScalarText(const Scalar& value) {
  struct Printer {
    std::string operator()(int64_t v) const { return absl::StrCat(v); }
    std::string operator()(uint64_t v) const { return absl::StrCat(v); }
    std::string operator()(double v) const { return ShortestReal(v); }
    std::string operator()(float v) const { return ShortestReal(v); }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(const EnumValueDescriptor* v) const {
      return v->name();
    }
    std::string operator()(const std::string& v) const { return v; }
  };
  return std::visit(Printer(), value);
}

Scalar GetScalar(const Message& message, const FieldDescriptor& field,
                 int index) {
  const auto get = [&](auto single, auto element) {
    const Reflection& reflection = *message.GetReflection();
    return field.is_repeated() ? (reflection.*element)(message, &field, index)
                               : (reflection.*single)(message, &field);
  };
  using R = Reflection;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return int64_t{get(&R::GetInt32, &R::GetRepeatedInt32)};
    case FieldDescriptor::CPPTYPE_INT64:
      return int64_t{get(&R::GetInt64, &R::GetRepeatedInt64)};
    case FieldDescriptor::CPPTYPE_UINT32:
      return uint64_t{get(&R::GetUInt32, &R::GetRepeatedUInt32)};
    case FieldDescriptor::CPPTYPE_UINT64:
      return uint64_t{get(&R::GetUInt64, &R::GetRepeatedUInt64)};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return get(&R::GetDouble, &R::GetRepeatedDouble);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return get(&R::GetFloat, &R::GetRepeatedFloat);
    case FieldDescriptor::CPPTYPE_BOOL:
      return get(&R::GetBool, &R::GetRepeatedBool);
    case FieldDescriptor::CPPTYPE_ENUM:
      return get(&R::GetEnum, &R::GetRepeatedEnum);
    case FieldDescriptor::CPPTYPE_STRING:
      return get(&R::GetString, &R::GetRepeatedString);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return std::string();
}

const Message& GetMessage(const Message& message, const FieldDescriptor& field,
                          int index) {
  const Reflection& reflection = *message.GetReflection();
  return field.is_repeated()
             ? reflection.GetRepeatedMessage(message, &field, index)
             : reflection.GetMessage(message, &field);
}

int CountValues(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.FieldSize(message, &field)
                             : reflection.HasField(message, &field);
}

std::string ValuePath(absl::string_view path, const FieldDescriptor& field,
                      int index) {
  return absl::StrCat(path, path.empty() ? "" : ".", field.name(),
                      field.is_repeated() ? absl::StrCat("[", index, "]") : "");
}

void SetScalar(const FieldDescriptor& field, const Scalar& value,
               Message* message) {
  const Reflection& reflection = *message->GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      reflection.SetInt32(message, &field,
                          static_cast<int32_t>(std::get<int64_t>(value)));
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      reflection.SetInt64(message, &field, std::get<int64_t>(value));
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      reflection.SetUInt32(message, &field,
                           static_cast<uint32_t>(std::get<uint64_t>(value)));
      return;
    case FieldDescriptor::CPPTYPE_UINT64:
      reflection.SetUInt64(message, &field, std::get<uint64_t>(value));
      return;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      reflection.SetDouble(message, &field, std::get<double>(value));
      return;
    case FieldDescriptor::CPPTYPE_FLOAT:
      reflection.SetFloat(message, &field, std::get<float>(value));
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection.SetBool(message, &field, std::get<bool>(value));
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      reflection.SetEnum(message, &field,
                         std::get<const EnumValueDescriptor*>(value));
      return;
    case FieldDescriptor::CPPTYPE_STRING:
      reflection.SetString(message, &field, std::get<std::string>(value));
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return;
  }
}

void AddScalar(const FieldDescriptor& field, const Scalar& value,
               Message* message) {
  const Reflection& reflection = *message->GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      reflection.AddInt32(message, &field,
                          static_cast<int32_t>(std::get<int64_t>(value)));
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      reflection.AddInt64(message, &field, std::get<int64_t>(value));
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      reflection.AddUInt32(message, &field,
                           static_cast<uint32_t>(std::get<uint64_t>(value)));
      return;
    case FieldDescriptor::CPPTYPE_UINT64:
      reflection.AddUInt64(message, &field, std::get<uint64_t>(value));
      return;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      reflection.AddDouble(message, &field, std::get<double>(value));
      return;
    case FieldDescriptor::CPPTYPE_FLOAT:
      reflection.AddFloat(message, &field, std::get<float>(value));
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection.AddBool(message, &field, std::get<bool>(value));
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      reflection.AddEnum(message, &field,
                         std::get<const EnumValueDescriptor*>(value));
      return;
    case FieldDescriptor::CPPTYPE_STRING:
      reflection.AddString(message, &field, std::get<std::string>(value));
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return;
  }
}

}  // namespace transect
