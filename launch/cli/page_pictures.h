/// \file
/// The gallery of a report page: chosen items with pictures, which the worker
/// draws and the store keeps beside the evaluations.
#ifndef TRANSECT_LAUNCH_CLI_PAGE_PICTURES_H_
#define TRANSECT_LAUNCH_CLI_PAGE_PICTURES_H_

#include <cstddef>

#include "analysis/formats/page/gallery.h"
#include "launch/cli/report_input.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"

namespace transect {

struct PictureOptions {
  /// Most items with pictures; 0 leaves the gallery out.
  size_t most = kMostGalleryItems;
  /// Whether pictures that the store lacks are drawn. Without it no worker is
  /// started.
  bool draw = true;
};

/// The gallery of `made`, the report of `session`. Tells one line before the
/// worker draws anything, which takes as long as predicting these items.
///
/// Pictures are drawn by the present worker and kept with digests of what they
/// show: the run's weights, what was evaluated. They are drawn again where
/// these or the way of drawing have changed. Masks are those that were scored,
/// by the log. Activation maps need the weights, and a GPU where the run used
/// one; data sets must be what they were. What is not there is said in the
/// gallery, and so is every other failure. A store that cannot be written is no
/// failure: pictures are drawn again next time.
PageGallery MakePageGallery(const CommandContext& context,
                            const ExperimentSession& session,
                            const MadeReport& made,
                            const PictureOptions& options);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_PAGE_PICTURES_H_
