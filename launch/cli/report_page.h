/// \file
/// The report page (analysis/formats/page/page.h) of an experiment: what the
/// store says of its runs, and where the page is kept.
#ifndef TRANSECT_LAUNCH_CLI_REPORT_PAGE_H_
#define TRANSECT_LAUNCH_CLI_REPORT_PAGE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/answers/long_table.h"
#include "launch/cli/report_screen.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/plan/plan.h"

namespace transect {

/// How the trainings of the selected runs went, also of those that are not
/// done. Logs that cannot be read, or not as a whole, are told.
TrainingCurves CurvesOf(const Plan& plan);

/// The page of `made`, the report of the spec file `spec`. `pictures` says
/// whether the gallery has pictures, which the worker may have to draw; what it
/// cannot draw is no error and stands on the page.
std::string PageText(const CommandContext& context, const std::string& spec,
                     const ExperimentSession& session, const MadeReport& made,
                     bool pictures);

/// Keeps the page beside the report, which is kept at `report_path`, whatever
/// it reports; returns a line about it. A page that cannot be kept is no
/// failure.
std::string KeepPage(const CommandContext& context, const std::string& spec,
                     const ExperimentSession& session, const MadeReport& made,
                     const std::string& report_path, bool pictures);

/// The command that makes this page from what the store has, without pictures,
/// because the runs need the processors. Makes its directory and tells where
/// the page will be.
std::vector<std::string> StartPage(const CommandContext& context,
                                   const std::string& spec,
                                   const ExperimentSession& session);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_REPORT_PAGE_H_
