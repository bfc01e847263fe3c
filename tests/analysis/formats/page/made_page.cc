#include "tests/analysis/formats/page/made_page.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "analysis/aggregate.h"
#include "analysis/answers/answers.h"
#include "analysis/certainty/certainty.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "metrics/training_series.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

// 16 x 12 pixels of a gradient.
constexpr char kPng[] =
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAMCAIAAADkharWAAABU0lEQVR42g3LIQHFIB"
    "RAUSIgCDCJJACCCC/CBAGQVy4AgggvwgQBJpEEQBCBCP8ff4wxWMNlCIZkEMNtKIbH"
    "0AxqeA2fYRq24RiMcVjH5QiO5BDH7SiOx9Ec6ngdn2M6tuO4f/BYz+UJnuQRz+0pns"
    "fTPOp5PZ9nerbn+H+I2MgVCZEUkcgdKZEn0iIaeSNfZEZ25MR/EKxwCUFIggi3UIRH"
    "aIIKr/AJU9jCkX/I2MyVCZmUkcydKZkn0zKaeTNfZmZ25uR/AAsXBEggcEOBBxoovP"
    "DBhA2Hf6jYylUJlVSRyl0plafSKlp5K19lVnbl1H9QrHIpQUmKKLdSlEdpiiqv8ilT"
    "2crRf+jYztUJndSRzt0pnafTOtp5O19ndnbn9H8Y2ME1CIM0kME9KINn0AY6eAffYA"
    "724Ix/WNjFtQiLtJDFvSiLZ9EWungX32Iu9uIsflUEBpA9/mJhAAAAAElFTkSuQmCC";

constexpr char kHostile[] =
    " </script><script>alert(1)</script> \"'><img src=x onerror=alert(1)> "
    "<!-- \xe2\x80\xae & \xff";

double QualityOf(const std::string& row) {
  return row == "rank=32" ? 0.72 : row == "text=ZERO" ? 0.35 : 0.6;
}

constexpr char kReport[] = R"pb(
  statistics { resamples: 1000 }
  claim { name: "more_rank_helps" holds: "rank=32 > base" }
  claim { name: "text_does_not_matter" holds: "text=ZERO > base" }
  claim {
    name: "an_optimum"
    optimum { axis: "rank" above: "8" below: "32" }
    source: "section III-E"
  }
)pb";

ReportSpec SpecOf() {
  ReportSpec spec;
  TRANSECT_CHECK_OK(ParseTextproto(kReport, "made", &spec));
  return spec;
}

PagePicture Picture() {
  PagePicture picture = {.media_type = "image/png", .bytes = {}};
  TRANSECT_CHECK(absl::Base64Unescape(kPng, &picture.bytes));
  return picture;
}

TrainingSeries SeriesOf(const std::string& row, int seed) {
  TrainingSeries series;
  for (int step = 10; step <= 300; step += 10) {
    const double far = 1.0 / (1 + 0.02 * step);
    TrainStep& added = series.steps.emplace_back();
    added.set_step(step);
    added.set_loss(0.2 + far + 0.05 * Noise(row, seed, step));
    if (step % 60 != 0) continue;
    Validation& validation = series.validations.emplace_back();
    validation.set_step(step);
    validation.set_split("val");
    validation.set_giou(QualityOf(row) * (1 - far) +
                        0.01 * Noise(row, seed, step));
  }
  return series;
}

PageRun RunOf(const std::string& name) {
  PageRun run = {.name = name, .state = "done"};
  run.training.set_seconds(3700);
  run.training.set_steps(300);
  run.training.set_step_seconds(0.25);
  run.training.set_ranks(2);
  run.training.set_trainable_parameters(123456);
  run.training.set_peak_memory_bytes(int64_t{512} << 20);
  run.training.set_peak_device_memory_bytes(int64_t{2048} << 20);
  run.training.mutable_machine()->add_gpu("made GPU");
  run.training.mutable_machine()->set_processor("made processor");
  run.evaluations.emplace_back().set_eval_seconds(100);
  run.evaluations.back().set_peak_memory_bytes(int64_t{600} << 20);
  run.provenance.set_commit("0123456789abcdef");
  run.provenance.set_host("node7");
  return run;
}

PageGallery GalleryOf(const ReportInput& input, const std::string& more) {
  PageGallery gallery;
  const std::vector<GalleryItem::Why> whys = {GalleryItem::Why::kWorst,
                                              GalleryItem::Why::kBest,
                                              GalleryItem::Why::kChanged};
  for (int i = 0; i < 6; ++i) {
    GalleryItem& item = gallery.items.emplace_back();
    item.item_id = 100 + i;
    item.why = whys[static_cast<size_t>(i) % whys.size()];
    item.sentence = absl::StrCat(
        i % 2 == 0 ? "the red vehicle on the left" : "a storage tank", more);
    item.image = Picture();
    item.truth = Picture();
    for (int row = 0; row < (i % 3 == 2 ? 2 : 1); ++row) {
      item.views.push_back(
          {.row = row,
           .spec_id =
               input.tables[0].rows[static_cast<size_t>(row)].runs[0].spec_id,
           .prediction = Picture(),
           .activation = Picture()});
    }
  }
  gallery.items[1].truth = {};
  gallery.items[1].missing = "the data set is not there" + more;
  gallery.missing = {"the weights of run 0123456789ab were deleted" + more};
  return gallery;
}

}  // namespace

ReportInput MadePageRuns(int seeds, int items) {
  return Study(
      {.seeds = seeds,
       .items = items,
       .area = [](int item) { return int64_t{200} * (1 + (item * 7) % 20); }},
      [](const std::string& row, int seed, int item) {
        const double size = 0.01 * ((item * 7) % 20) - 0.1;
        return std::clamp(QualityOf(row) + size + 0.2 * Noise("", 0, item) +
                              0.1 * Noise(row, seed, item),
                          0.0, 1.0);
      });
}

ComparisonReport MadePageReport(const ReportInput& input) {
  const ReportSpec spec = SpecOf();
  absl::StatusOr<ComparisonReport> report = BuildReport(input);
  TRANSECT_CHECK_OK(report.status());
  TRANSECT_CHECK_OK(AddCertainty(spec.statistics(), "made", input, &*report));
  TRANSECT_CHECK_OK(AddAnswers(spec, input, &*report));
  return *std::move(report);
}

PageInput MadePage(int seeds, int items, bool hostile) {
  const std::string more = hostile ? kHostile : "";
  PageInput page;
  page.name = "made";
  page.input = MadePageRuns(seeds, items);
  page.input.title = "LoRA rank & text" + more;
  TableInput& table = page.input.tables[0];
  RunInput& failed = table.rows[3].runs.back();
  failed.items = nullptr;
  failed.missing = "failed: the loss became infinite" + more;
  if (hostile) {
    table.name += more;
    table.dataset += more;
    table.rows[0].label = "base";
    for (RunInput& run : table.rows[1].runs) run.spec_id += more;
  }
  page.report = MadePageReport(page.input);
  for (RowInput& row : page.input.tables[0].rows) {
    int seed = 0;
    for (const RunInput& run : row.runs) {
      page.curves[run.spec_id] = SeriesOf(row.label, ++seed);
      page.runs[run.spec_id] =
          RunOf(absl::StrCat(row.label, " seed ", seed, more));
    }
  }
  page.runs[failed.spec_id].state = "failed";
  page.gallery = GalleryOf(page.input, more);
  page.command = "transect report made.textproto --format page" + more;
  if (hostile) {
    ReportTable& made = *page.report.mutable_tables(0);
    for (ReportClaim& claim : *made.mutable_claims()) {
      claim.set_text(claim.text() + more);
    }
    made.mutable_rows(2)->set_label(made.rows(2).label() + more);
  }
  return page;
}

}  // namespace transect
