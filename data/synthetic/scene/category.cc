#include "data/synthetic/scene/category.h"

namespace transect {
namespace {

constexpr ColorName kUnnamed[] = {ColorName::kNone};
constexpr ColorName kAirplaneColors[] = {ColorName::kWhite, ColorName::kGray,
                                         ColorName::kBlue, ColorName::kRed};
constexpr ColorName kCourtColors[] = {ColorName::kRed, ColorName::kBlue,
                                      ColorName::kGreen, ColorName::kPurple,
                                      ColorName::kOrange};
constexpr ColorName kBridgeColors[] = {ColorName::kGray, ColorName::kRed,
                                       ColorName::kBrown, ColorName::kBlack};
constexpr ColorName kChimneyColors[] = {ColorName::kRed, ColorName::kBrown,
                                        ColorName::kBlack, ColorName::kBlue};
constexpr ColorName kTrackColors[] = {ColorName::kRed, ColorName::kBlue,
                                      ColorName::kPurple};
constexpr ColorName kHullColors[] = {ColorName::kWhite,  ColorName::kRed,
                                     ColorName::kBlack,  ColorName::kGreen,
                                     ColorName::kOrange, ColorName::kYellow};
constexpr ColorName kStandColors[] = {ColorName::kWhite, ColorName::kBlue,
                                      ColorName::kRed, ColorName::kYellow};
constexpr ColorName kTankColors[] = {ColorName::kWhite, ColorName::kGreen,
                                     ColorName::kBlue, ColorName::kBrown};
constexpr ColorName kTennisColors[] = {ColorName::kGreen, ColorName::kBlue,
                                       ColorName::kRed};
constexpr ColorName kRoofColors[] = {ColorName::kGray, ColorName::kBlue,
                                     ColorName::kRed, ColorName::kBrown};
constexpr ColorName kVehicleColors[] = {
    ColorName::kWhite,  ColorName::kBlack, ColorName::kRed,
    ColorName::kBlue,   ColorName::kGreen, ColorName::kYellow,
    ColorName::kPurple, ColorName::kCyan,  ColorName::kOrange};

}  // namespace

bool ThrowsShadow(int category) {
  switch (category) {
    case kAirport:
    case kBaseballField:
    case kBasketballCourt:
    case kGolfField:
    case kGroundTrackField:
    case kServiceArea:
    case kTennisCourt:
      return false;
    default:
      return true;
  }
}

SizeRange LengthOf(int category, int image_size) {
  const bool wide_range = image_size >= 256;
  switch (category) {
    case kAirplane:
    case kChimney:
    case kShip:
    case kVehicle:
    case kWindmill:
      return wide_range ? SizeRange{80, 300} : SizeRange{240, 380};
    case kStorageTank:
      return wide_range ? SizeRange{60, 240} : SizeRange{190, 300};
    case kAirport:
    case kGolfField:
    case kStadium:
      return wide_range ? SizeRange{220, 480} : SizeRange{300, 400};
    case kBridge:
    case kDam:
    case kTrainStation:
      return wide_range ? SizeRange{160, 500} : SizeRange{330, 420};
    default:
      return wide_range ? SizeRange{130, 400} : SizeRange{260, 380};
  }
}

absl::Span<const ColorName> ColorsOf(int category) {
  switch (category) {
    case kAirplane:
      return kAirplaneColors;
    case kBasketballCourt:
      return kCourtColors;
    case kBridge:
      return kBridgeColors;
    case kChimney:
      return kChimneyColors;
    case kGroundTrackField:
      return kTrackColors;
    case kShip:
      return kHullColors;
    case kStadium:
      return kStandColors;
    case kStorageTank:
      return kTankColors;
    case kTennisCourt:
      return kTennisColors;
    case kTrainStation:
      return kRoofColors;
    case kVehicle:
      return kVehicleColors;
    default:
      return kUnnamed;
  }
}

const char* ColorWord(ColorName color) {
  constexpr const char* kWords[kColorNames] = {
      "",      "black",  "blue",   "brown", "cyan",  "gray",
      "green", "orange", "purple", "red",   "white", "yellow"};
  return kWords[static_cast<int>(color)];
}

}  // namespace transect
