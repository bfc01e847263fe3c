#include "data/image/image_header.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/match.h"

namespace transect {
namespace {

constexpr size_t kPngSignature = 8;
// Color types of a PNG file and values of tag 262 of a TIFF file.
constexpr uint64_t kPngGray = 0;
constexpr uint64_t kPngPalette = 3;
constexpr uint64_t kPngAlphaBit = 4;
constexpr uint64_t kTiffGray = 1;
constexpr uint64_t kTiffPalette = 3;

uint64_t Number(absl::string_view bytes, size_t offset, int size,
                bool little_endian) {
  uint64_t value = 0;
  for (int i = 0; i < size; ++i) {
    const int at = little_endian ? size - 1 - i : i;
    value = value << 8 | static_cast<uint8_t>(bytes[offset + at]);
  }
  return value;
}

// Walks the segments up to the frame header.
std::optional<ImageHeader> JpegHeader(const BytesAt& bytes_at) {
  constexpr int kMostSegments = 1000;
  ImageHeader header;
  uint64_t offset = 2;
  for (int segments = 0; segments < kMostSegments; ++segments) {
    const absl::string_view bytes = bytes_at(offset);
    if (bytes.size() < 10 || bytes[0] != '\xFF') {
      return std::nullopt;
    }
    const auto marker = static_cast<uint8_t>(bytes[1]);
    if (marker == 0xFF) {  // fill byte
      ++offset;
      continue;
    }
    const uint64_t length = Number(bytes, 2, 2, false);
    if (marker == 0xE1 && absl::StartsWith(bytes.substr(4), "Exif")) {
      header.upright = false;
    }
    const bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 &&
                       marker != 0xC8 && marker != 0xCC;
    if (frame) {
      header.bits = static_cast<int>(Number(bytes, 4, 1, false));
      header.height = Number(bytes, 5, 2, false);
      header.width = Number(bytes, 7, 2, false);
      return header;
    }
    if (length < 2 || marker == 0xD9 || marker == 0xDA) {
      return std::nullopt;
    }
    offset += 2 + length;
  }
  return std::nullopt;
}

std::optional<ImageHeader> PngHeader(const BytesAt& bytes_at) {
  const absl::string_view bytes = bytes_at(kPngSignature);
  if (bytes.size() < 18 || bytes.substr(4, 4) != "IHDR") {
    return std::nullopt;
  }
  ImageHeader header;
  header.width = Number(bytes, 8, 4, false);
  header.height = Number(bytes, 12, 4, false);
  header.bits = static_cast<int>(Number(bytes, 16, 1, false));
  const uint64_t type = Number(bytes, 17, 1, false);
  header.palette = type == kPngPalette;
  header.alpha = (type & kPngAlphaBit) != 0;
  return header;
}

// How TIFF and BigTIFF differ.
struct TiffLayout {
  explicit TiffLayout(bool big)
      : word(big ? 8 : 4), entries(big ? 8 : 2), first(big ? 8 : 4) {}

  // Bytes of a count, value or offset, and of the number of entries.
  int word;
  int entries;
  // Where the offset of the first directory is.
  size_t first;

  size_t entry_bytes() const { return 4 + 2 * static_cast<size_t>(word); }
};

// The largest of the `count` values of an entry at the start of `entry`; 0
// where they are no unsigned integers or lie outside of the file.
uint64_t LargestValue(absl::string_view entry, const TiffLayout& layout,
                      bool little, const BytesAt& bytes_at) {
  constexpr uint64_t kMostChannels = 8;
  const uint64_t type = Number(entry, 2, 2, little);
  const uint64_t count = Number(entry, 4, layout.word, little);
  const int size = type == 1    ? 1  // BYTE
                   : type == 3  ? 2  // SHORT
                   : type == 4  ? 4  // LONG
                   : type == 16 ? 8  // LONG8
                                : 0;
  if (size == 0 || count == 0 || count > kMostChannels) {
    return 0;
  }
  absl::string_view values = entry.substr(4 + layout.word, layout.word);
  if (count * size > values.size()) {
    values = bytes_at(Number(values, 0, layout.word, little));
    if (count * size > values.size()) {
      return 0;
    }
  }
  uint64_t largest = 0;
  for (uint64_t i = 0; i < count; ++i) {
    largest = std::max(largest, Number(values, i * size, size, little));
  }
  return largest;
}

// Of the first directory.
std::optional<ImageHeader> TiffHeader(const BytesAt& bytes_at, bool big) {
  constexpr uint64_t kMostEntries = 4096;
  const TiffLayout layout(big);
  const absl::string_view start = bytes_at(0);
  if (start.size() < layout.first + layout.word) {
    return std::nullopt;
  }
  const bool little = start[0] == 'I';
  uint64_t offset = Number(start, layout.first, layout.word, little);
  const absl::string_view directory = bytes_at(offset);
  if (directory.size() < static_cast<size_t>(layout.entries)) {
    return std::nullopt;
  }
  const uint64_t entries = Number(directory, 0, layout.entries, little);
  offset += layout.entries;
  ImageHeader header;
  // One bit is what TIFF has where nothing is said.
  header.bits = 1;
  uint64_t tile_width = 0;
  uint64_t tile_height = 0;
  for (uint64_t i = 0; i < std::min(entries, kMostEntries); ++i) {
    const absl::string_view at = bytes_at(offset);
    if (at.size() < layout.entry_bytes()) {
      break;
    }
    // Other pages of the file may be asked for before the entry is read.
    const std::string entry(at.substr(0, layout.entry_bytes()));
    const auto value = [&] {
      return LargestValue(entry, layout, little, bytes_at);
    };
    // libtiff takes the first of entries with the same tag; the largest is the
    // one to be careful about.
    switch (Number(entry, 0, 2, little)) {
      case 256:
        header.width = std::max(header.width, value());
        break;
      case 257:
        header.height = std::max(header.height, value());
        break;
      case 258:
        header.bits = static_cast<int>(std::min<uint64_t>(value(), 1 << 10));
        break;
      case 262:
        header.palette = value() == kTiffPalette;
        break;
      case 338:
        // Associated and unassociated alpha; 0 is any other channel.
        header.alpha = value() == 1 || value() == 2;
        break;
      case 274:
        header.upright = false;
        break;
      case 322:
        tile_width = std::max(tile_width, value());
        break;
      case 323:
        tile_height = std::max(tile_height, value());
        break;
    }
    offset += layout.entry_bytes();
  }
  // Sides of 2^32 would do for any limit; products must not wrap.
  constexpr uint64_t kMostSide = uint64_t{1} << 32;
  header.tile_pixels =
      std::min(tile_width, kMostSide - 1) * std::min(tile_height, kMostSide);
  return header.width > 0 && header.height > 0 ? std::optional(header)
                                               : std::nullopt;
}

std::optional<ImageHeader> BmpHeader(const BytesAt& bytes_at) {
  const absl::string_view bytes = bytes_at(14);
  if (bytes.size() < 12) {
    return std::nullopt;
  }
  // The header of OS/2 has 12 bytes and 16-bit sizes. A negative height means
  // that the first row is on top.
  const int size = Number(bytes, 0, 4, true) == 12 ? 2 : 4;
  ImageHeader header;
  header.width = Number(bytes, 4, size, true);
  const uint64_t height = Number(bytes, 4 + size, size, true);
  header.height =
      size == 4 && height > 0x7FFFFFFF ? (uint64_t{1} << 32) - height : height;
  return header;
}

}  // namespace

ImageKind ImageKindOf(absl::string_view start) {
  const auto starts = [start](absl::string_view magic) {
    return absl::StartsWith(start, magic);
  };
  if (starts("\xFF\xD8")) return ImageKind::kJpeg;
  if (starts("\x89PNG\r\n\x1A\n")) return ImageKind::kPng;
  if (starts({"II*\0", 4}) || starts({"MM\0*", 4})) return ImageKind::kTiff;
  if (starts({"II+\0", 4}) || starts({"MM\0+", 4})) return ImageKind::kBigTiff;
  return starts("BM") ? ImageKind::kBmp : ImageKind::kUnknown;
}

std::optional<ImageHeader> ReadImageHeader(const BytesAt& bytes_at) {
  switch (ImageKindOf(bytes_at(0))) {
    case ImageKind::kJpeg:
      return JpegHeader(bytes_at);
    case ImageKind::kPng:
      return PngHeader(bytes_at);
    case ImageKind::kTiff:
      return TiffHeader(bytes_at, /*big=*/false);
    case ImageKind::kBigTiff:
      return TiffHeader(bytes_at, /*big=*/true);
    case ImageKind::kBmp:
      return BmpHeader(bytes_at);
    case ImageKind::kUnknown:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<ImageHeader> ReadImageHeader(absl::string_view file) {
  return ReadImageHeader([file](uint64_t offset) {
    return offset < file.size() ? file.substr(offset) : absl::string_view();
  });
}

int TiffPages(absl::string_view file) {
  constexpr int kMostPages = 1 << 16;
  const ImageKind kind = ImageKindOf(file);
  if (kind != ImageKind::kTiff && kind != ImageKind::kBigTiff) {
    return 0;
  }
  const TiffLayout layout(kind == ImageKind::kBigTiff);
  const bool little = file[0] == 'I';
  const auto has = [file](uint64_t offset, uint64_t bytes) {
    return offset <= file.size() && bytes <= file.size() - offset;
  };
  uint64_t next = layout.first;
  int pages = 0;
  while (pages < kMostPages && has(next, layout.word)) {
    const uint64_t directory = Number(file, next, layout.word, little);
    if (directory == 0 || !has(directory, layout.entries)) {
      break;
    }
    const uint64_t entries = Number(file, directory, layout.entries, little);
    if (entries > file.size()) {
      break;
    }
    ++pages;
    next = directory + layout.entries + entries * layout.entry_bytes();
  }
  return pages;
}

namespace {

// CRC-32 as PNG has it.
uint32_t Crc32(absl::string_view bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
    }
  }
  return ~crc;
}

// The header with another color type, and the pixels. Everything else belongs
// to the palette or changes no index.
std::string PngPaletteAsGray(absl::string_view file) {
  constexpr size_t kChunk = 12;
  std::string gray(file.substr(0, kPngSignature));
  size_t offset = kPngSignature;
  while (offset + kChunk <= file.size()) {
    const uint64_t length = Number(file, offset, 4, false);
    if (length > file.size() - offset - kChunk) break;
    const absl::string_view chunk = file.substr(offset, kChunk + length);
    const absl::string_view name = chunk.substr(4, 4);
    if (name == "IHDR" && length == 13) {
      std::string header(chunk.substr(0, 8 + length));
      header[8 + 9] = static_cast<char>(kPngGray);
      const uint32_t crc = Crc32(absl::string_view(header).substr(4));
      for (int shift = 24; shift >= 0; shift -= 8) {
        header.push_back(static_cast<char>(crc >> shift & 0xFF));
      }
      gray += header;
    } else if (name == "IDAT" || name == "IEND") {
      gray.append(chunk.data(), chunk.size());
    }
    offset += kChunk + length;
  }
  // What is cut off stays cut off.
  gray.append(file.substr(offset).data(), file.size() - offset);
  return gray;
}

std::string TiffPaletteAsGray(absl::string_view file) {
  const TiffLayout layout(/*big=*/false);
  std::string gray(file);
  const bool little = file[0] == 'I';
  const uint64_t directory = Number(file, layout.first, layout.word, little);
  const uint64_t entries = Number(file, directory, layout.entries, little);
  for (uint64_t i = 0; i < entries; ++i) {
    const uint64_t entry =
        directory + layout.entries + i * layout.entry_bytes();
    if (entry + layout.entry_bytes() > file.size()) break;
    if (Number(file, entry, 2, little) == 262) {
      gray[entry + 8 + (little ? 0 : 1)] = static_cast<char>(kTiffGray);
    }
  }
  return gray;
}

}  // namespace

std::string PaletteAsGray(absl::string_view file) {
  const std::optional<ImageHeader> header = ReadImageHeader(file);
  if (!header.has_value() || !header->palette) return "";
  switch (ImageKindOf(file)) {
    case ImageKind::kPng:
      return PngPaletteAsGray(file);
    case ImageKind::kTiff:
      return TiffPaletteAsGray(file);
    default:
      return "";
  }
}

bool PngIsWhole(absl::string_view file) {
  // Length, name and checksum of a chunk.
  constexpr size_t kChunk = 12;
  size_t offset = kPngSignature;
  while (offset + kChunk <= file.size()) {
    const uint64_t length = Number(file, offset, 4, false);
    if (length > file.size() - offset - kChunk) {
      return false;
    }
    if (file.substr(offset + 4, 4) == "IEND") {
      return true;
    }
    offset += kChunk + length;
  }
  return false;
}

}  // namespace transect
