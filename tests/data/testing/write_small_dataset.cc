// Writes a small data set to the directory argv[1], for Python to read.

#include "tests/data/testing/small_dataset.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    return 1;
  }
  transect::WriteSmallDataset(
      argv[1], {{.id = 3, .sentence = "The d\xC3\xA9p\xC3\xB4t \\ \"x\""},
                {.id = 70000, .split = "val", .mask = {0, 0, 0, 0}}});
  return 0;
}
