#include "launch/describe/sheet.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "data/io/terminal_text.h"

namespace transect {
namespace {

std::string Bytes(int64_t bytes) {
  return QuantityText(static_cast<double>(bytes), "B");
}

}  // namespace

Sheet::Sheet(absl::string_view path, absl::string_view what)
    : head_(absl::StrCat(path, ": ", what, "\n")) {}

void Sheet::Add(absl::string_view label, std::string text) {
  if (!text.empty()) facts_.emplace_back(label, std::move(text));
}

std::string Sheet::Text() const {
  int width = 0;
  for (const auto& [label, text] : facts_) {
    width = std::max(width, DisplayWidth(label));
  }
  std::string sheet = head_;
  absl::string_view last;
  for (const auto& [label, text] : facts_) {
    absl::StrAppend(&sheet, "  ", PadRight(label == last ? "" : label, width),
                    "  ", text, "\n");
    last = label;
  }
  return sheet;
}

TreeSize SizeOfTree(const std::string& directory) {
  namespace fs = std::filesystem;
  TreeSize size;
  std::error_code error;
  fs::recursive_directory_iterator entry(
      directory, fs::directory_options::skip_permission_denied, error);
  while (!error && entry != fs::recursive_directory_iterator()) {
    std::error_code of_file;
    if (entry->is_regular_file(of_file)) {
      const std::uintmax_t bytes = entry->file_size(of_file);
      ++size.files;
      if (!of_file) size.bytes += static_cast<int64_t>(bytes);
    }
    entry.increment(error);
  }
  return size;
}

std::string SizeText(const TreeSize& size) {
  return absl::StrCat(CountText(size.files, "file"), ", ", Bytes(size.bytes));
}

std::string FileSizeText(const std::string& path) {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  return error ? "" : Bytes(static_cast<int64_t>(bytes));
}

}  // namespace transect
