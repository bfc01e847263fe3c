// Small data sets in RRSIS-D's layout for tests, each with what a test wants
// wrong with it.
#ifndef TRANSECT_TESTS_DATA_TESTING_SMALL_DATASET_H_
#define TRANSECT_TESTS_DATA_TESTING_SMALL_DATASET_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace transect {

// One triplet. The default is without a defect: an image of 24 x 32, a mask of
// 6 x 5 pixels inside the box.
struct SmallRecord {
  int64_t id = 1;
  std::string split = "train";
  std::string sentence = "The dam";
  int category_id = 8;
  int annotation_category_id = 8;
  int image_height = 24;
  int image_width = 32;
  int mask_height = 24;
  int mask_width = 32;
  // x1, y1, x2, y2 of the rectangle that the mask covers; all 0: empty.
  std::array<int, 4> mask = {3, 4, 9, 9};
  std::array<int, 4> box = {3, 4, 9, 9};
  // -1: the mask's.
  int64_t area = -1;
  // Instead of the run lengths of `mask`.
  std::string counts = {};
  bool with_annotation = true;
  bool with_image = true;
};

// A directory below the test's temporary ones that does not exist yet.
std::string NewDatasetDir();

// Writes pickle, JSON, XML files and JPEG images.
void WriteSmallDataset(const std::string& root,
                       const std::vector<SmallRecord>& records);

// Path of an image.
std::string SmallImagePath(const std::string& root, int64_t id);

// A JPEG file; each number gives another picture.
std::string SmallJpeg(int height, int width, int64_t number = 0);

// A mask as a JPEG file, which is exact: object in the upper `rows` rows, a
// multiple of 8.
std::string SmallMask(int height, int width, int rows);

// Run lengths, as SmallRecord::counts, of a chess board of 8 x 8 pixels at x 8,
// y 8 in a mask of 24 x 32: as a JPEG file leaves a mask.
std::string RingingCounts();

// Writes `contents` to `path` below `root`; makes directories.
void PutFile(const std::string& root, const std::string& path,
             const std::string& contents);

}  // namespace transect

#endif  // TRANSECT_TESTS_DATA_TESTING_SMALL_DATASET_H_
