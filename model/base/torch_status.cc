#include "model/base/torch_status.h"

#include <c10/util/Exception.h>

#include <exception>
#include <new>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace transect {

absl::Status StatusOfCurrentException(absl::string_view what) {
  const auto message = [what](const char* text) {
    return absl::StrCat(what, ": ", text);
  };
  try {
    throw;
  } catch (const c10::OutOfMemoryError& error) {
    return absl::ResourceExhaustedError(
        message(error.what_without_backtrace()));
  } catch (const c10::NotImplementedError& error) {
    return absl::UnimplementedError(message(error.what_without_backtrace()));
  } catch (const c10::IndexError& error) {
    return absl::InvalidArgumentError(message(error.what_without_backtrace()));
  } catch (const c10::ValueError& error) {
    return absl::InvalidArgumentError(message(error.what_without_backtrace()));
  } catch (const c10::TypeError& error) {
    return absl::InvalidArgumentError(message(error.what_without_backtrace()));
  } catch (const c10::Error& error) {
    // The allocator of CPU memory throws no type of its own.
    const char* const text = error.what_without_backtrace();
    return absl::StrContains(text, "DefaultCPUAllocator: ")
               ? absl::ResourceExhaustedError(message(text))
               : absl::InternalError(message(text));
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(message("out of memory"));
  } catch (const std::exception& error) {
    return absl::InternalError(message(error.what()));
  } catch (...) {
    return absl::InternalError(message("an exception of unknown type"));
  }
}

}  // namespace transect
