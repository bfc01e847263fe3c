#include "model/base/tower_size.h"

#include "absl/strings/str_cat.h"

namespace transect {

void FillTower(TowerSize* tower, int hidden_size, int mlp_size, int layers,
               int heads) {
  if (!tower->has_hidden_size()) tower->set_hidden_size(hidden_size);
  if (!tower->has_mlp_size()) tower->set_mlp_size(mlp_size);
  if (!tower->has_layers()) tower->set_layers(layers);
  if (!tower->has_heads()) tower->set_heads(heads);
}

bool CheckTower(const TowerSize& tower, const SpecChecker& check) {
  bool ok = check.Range("hidden_size", tower.hidden_size(), 1, 16384);
  ok &= check.Range("mlp_size", tower.mlp_size(), 1, 65536);
  ok &= check.Range("layers", tower.layers(), 1, 256);
  ok &= check.Range("heads", tower.heads(), 1, 256);
  return ok && check.Divides("heads", tower.heads(), tower.hidden_size(),
                             "hidden_size");
}

bool CheckGrid(int64_t image_size, int64_t patch_size,
               const SpecChecker& check) {
  if (!check.Range("image_size", image_size, 1, 8192) ||
      !check.Range("patch_size", patch_size, 1, image_size)) {
    return false;
  }
  const int64_t grid = image_size / patch_size;
  if (grid <= 256) return true;
  check.Add(
      "patch_size",
      absl::StrCat("is ", patch_size, ", which gives a grid of ", grid, " for ",
                   image_size, " pixels; at most 256 are allowed"));
  return false;
}

}  // namespace transect
