#include "data/synthetic/render/palette.h"

#include "data/synthetic/scene/land.h"

namespace transect {
namespace {

// Aerial, to scale, natural.
constexpr int kStyles = 3;

constexpr Rgb kNamed[kColorNames][kStyles] = {
    {{0, 0, 0}, {0, 0, 0}, {0, 0, 0}},                    // none
    {{38, 38, 42}, {40, 40, 44}, {24, 22, 34}},           // black
    {{58, 92, 168}, {62, 96, 164}, {34, 86, 226}},        // blue
    {{120, 84, 56}, {116, 80, 52}, {136, 78, 30}},        // brown
    {{78, 172, 180}, {76, 164, 172}, {40, 208, 222}},     // cyan
    {{142, 144, 146}, {130, 133, 137}, {132, 136, 150}},  // gray
    {{58, 132, 74}, {58, 124, 72}, {30, 168, 62}},        // green
    {{212, 126, 56}, {206, 124, 62}, {250, 136, 20}},     // orange
    {{122, 74, 146}, {118, 78, 144}, {148, 50, 190}},     // purple
    {{178, 58, 50}, {170, 62, 54}, {226, 32, 40}},        // red
    {{232, 232, 228}, {226, 226, 222}, {252, 252, 252}},  // white
    {{222, 196, 70}, {214, 190, 76}, {250, 216, 24}},     // yellow
};

constexpr Rgb kPartColors[kParts][kStyles] = {
    {{0, 0, 0}, {0, 0, 0}, {0, 0, 0}},                    // outside
    {{0, 0, 0}, {0, 0, 0}, {0, 0, 0}},                    // body
    {{224, 224, 218}, {214, 213, 206}, {248, 248, 240}},  // light
    {{62, 62, 66}, {66, 66, 70}, {48, 44, 62}},           // dark
    {{66, 148, 62}, {84, 124, 66}, {60, 158, 50}},        // grass
    {{134, 190, 92}, {112, 148, 80}, {120, 206, 84}},     // fairway
    {{192, 130, 78}, {166, 124, 88}, {190, 118, 56}},     // soil
    {{222, 204, 160}, {214, 198, 160}, {244, 220, 150}},  // sand
    {{98, 98, 102}, {100, 100, 104}, {84, 86, 104}},      // asphalt
    {{176, 174, 168}, {168, 166, 160}, {172, 172, 184}},  // concrete
    {{186, 100, 66}, {158, 104, 80}, {222, 96, 44}},      // roof
    {{96, 122, 150}, {104, 124, 144}, {96, 140, 190}},    // glass
    {{228, 228, 222}, {222, 222, 216}, {250, 250, 244}},  // marking
    {{84, 76, 72}, {84, 76, 72}, {80, 70, 72}},           // rail
    {{140, 132, 122}, {138, 131, 122}, {150, 140, 130}},  // gravel
    {{62, 92, 110}, {62, 88, 102}, {60, 110, 170}},       // pond
};

constexpr Rgb kWater[kStyles] = {{52, 88, 112}, {52, 88, 112}, {0, 0, 0}};

constexpr Palette PaletteOf(int style) {
  Palette palette = {};
  for (int i = 0; i < kColorNames; ++i) palette.named[i] = kNamed[i][style];
  for (int i = 0; i < kParts; ++i) palette.parts[i] = kPartColors[i][style];
  palette.water = kWater[style];
  return palette;
}

// By biome: temperate, dry, tropical, autumn. Rows are the fields of LandColors
// from forest to deep.
constexpr Rgb kGrounds[][kBiomes] = {
    {{46, 62, 40}, {66, 72, 48}, {38, 64, 36}, {76, 68, 50}},
    {{90, 104, 62}, {120, 114, 78}, {76, 104, 54}, {112, 104, 74}},
    {{126, 122, 84}, {158, 140, 106}, {118, 118, 72}, {140, 126, 96}},
    {{146, 126, 100}, {178, 152, 120}, {152, 106, 78}, {132, 112, 92}},
    {{84, 108, 60}, {98, 110, 64}, {76, 112, 56}, {104, 106, 68}},
    {{192, 178, 146}, {206, 188, 152}, {196, 176, 140}, {188, 174, 148}},
    {{84, 108, 102}, {82, 126, 132}, {104, 116, 92}, {90, 104, 104}},
    {{38, 60, 72}, {32, 68, 92}, {62, 82, 76}, {44, 58, 68}},
};
constexpr Rgb kCropColors[kCrops][kBiomes] = {
    {{106, 118, 66}, {170, 150, 108}, {82, 118, 56}, {140, 124, 92}},
    {{82, 104, 56}, {138, 126, 84}, {66, 102, 50}, {120, 104, 80}},
    {{164, 148, 100}, {188, 164, 120}, {146, 104, 76}, {104, 108, 68}},
    {{134, 112, 86}, {150, 118, 90}, {118, 128, 68}, {156, 140, 108}},
    {{122, 128, 78}, {104, 112, 66}, {92, 122, 62}, {110, 94, 74}},
    {{96, 92, 62}, {162, 136, 104}, {132, 94, 70}, {130, 120, 84}},
};

constexpr LandColors LandOf(int biome) {
  LandColors land = {kGrounds[0][biome], kGrounds[1][biome], kGrounds[2][biome],
                     kGrounds[3][biome], kGrounds[4][biome], kGrounds[5][biome],
                     kGrounds[6][biome], kGrounds[7][biome], {}};
  for (int i = 0; i < kCrops; ++i) land.crops[i] = kCropColors[i][biome];
  return land;
}

}  // namespace

const Palette kAerialPalette = PaletteOf(0);
const Palette kToScalePalette = PaletteOf(1);
const Palette kNaturalPalette = PaletteOf(2);

const LandColors& LandPalette(int biome) {
  static constexpr LandColors kLands[kBiomes] = {LandOf(0), LandOf(1),
                                                 LandOf(2), LandOf(3)};
  return kLands[biome];
}

const Rgb kGableRoofs[kRoofs] = {{138, 96, 78}, {122, 112, 104},
                                 {104, 98, 94}, {150, 128, 108},
                                 {92, 88, 90},  {128, 106, 90}};
const Rgb kFlatRoofs[kRoofs] = {{168, 166, 160}, {186, 184, 178},
                                {142, 142, 142}, {154, 148, 138},
                                {176, 170, 158}, {124, 126, 128}};

}  // namespace transect
