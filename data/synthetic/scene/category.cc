#include "data/synthetic/scene/category.h"

namespace transect {
namespace {

using enum ColorName;

constexpr ColorName kUnnamed[] = {kNone};
constexpr ColorName kAirplaneColors[] = {kWhite, kGray, kBlue, kRed};
constexpr ColorName kCourtColors[] = {kRed, kBlue, kGreen, kPurple, kOrange};
constexpr ColorName kBridgeColors[] = {kGray, kRed, kBrown, kBlack};
constexpr ColorName kChimneyColors[] = {kRed, kBrown, kBlack, kBlue};
constexpr ColorName kTrackColors[] = {kRed, kBlue, kPurple};
constexpr ColorName kHullColors[] = {kWhite, kRed,    kBlack,
                                     kGreen, kOrange, kYellow};
constexpr ColorName kStandColors[] = {kWhite, kBlue, kRed, kYellow};
constexpr ColorName kTankColors[] = {kWhite, kGreen, kBlue, kBrown};
constexpr ColorName kTennisColors[] = {kGreen, kBlue, kRed};
constexpr ColorName kRoofColors[] = {kGray, kBlue, kRed, kBrown};
constexpr ColorName kVehicleColors[] = {kWhite,  kBlack,  kRed,  kBlue,  kGreen,
                                        kYellow, kPurple, kCyan, kOrange};

// By category.
constexpr absl::Span<const ColorName> kColors[] = {
    kUnnamed,     kUnnamed,      kAirplaneColors, kUnnamed,       kUnnamed,
    kCourtColors, kBridgeColors, kChimneyColors,  kUnnamed,       kUnnamed,
    kTrackColors, kUnnamed,      kUnnamed,        kHullColors,    kStandColors,
    kTankColors,  kTennisColors, kRoofColors,     kVehicleColors, kUnnamed,
};

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

absl::Span<const ColorName> ColorsOf(int category) { return kColors[category]; }

const char* ColorWord(ColorName color) {
  constexpr const char* kWords[kColorNames] = {
      "",      "black",  "blue",   "brown", "cyan",  "gray",
      "green", "orange", "purple", "red",   "white", "yellow"};
  return kWords[static_cast<int>(color)];
}

}  // namespace transect
