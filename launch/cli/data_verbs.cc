#include <memory>

#include "CLI/CLI.hpp"
#include "launch/cli/data_commands.h"
#include "launch/cli/verbs.h"

namespace transect {
namespace {

void AddLayout(CLI::App* verb, std::string* layout) {
  verb->add_option("--format_of_data", *layout,
                   "Layout of the files: RRSISD (default), REFSEGRS, RISBENCH "
                   "or JSONL (docs/site_file.md).");
}

void AddSynthVerb(CLI::App* data, Verbs* verbs) {
  CLI::App* synth = data->add_subcommand(
      "synth", "Write a synthetic data set in the layout of RRSIS-D.");
  const auto options = std::make_shared<DataSynthOptions>();
  synth->add_option("RECIPE", options->recipe,
                    "Text file of a SynthesisSpec (data/data.proto). Default: "
                    "its defaults.");
  synth->add_option("--out", options->out, "Directory to make; must not exist.")
      ->required();
  synth
      ->add_option("--set", options->settings,
                   "FIELD=VALUE of the recipe, such as train_images=50 or "
                   "aerial.clutter=0.8; may be given again.")
      ->allow_extra_args(false);
  synth->callback([verbs, options] {
    verbs->chosen = [verbs, options] {
      return DataSynthCommand(verbs->context, *options);
    };
  });
}

void AddGalleryVerb(CLI::App* data, Verbs* verbs) {
  CLI::App* gallery = data->add_subcommand(
      "gallery",
      "Write one HTML page of images, sentences and masks, to filter and look "
      "through; it needs no network.");
  const auto options = std::make_shared<DataGalleryOptions>();
  gallery->add_option("DIR", options->data, "Root of the data set.")
      ->required();
  AddLayout(gallery, &options->format_of_data);
  gallery->add_option("--out", options->out, "The page; replaced if it exists.")
      ->required();
  gallery
      ->add_option("--split", options->splits,
                   "train, val or test; may be given again. Default: all "
                   "that there are.")
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"train", "val", "test"}));
  gallery
      ->add_option("--limit", options->limit,
                   "Most samples, spread evenly over all. Default: 200.")
      ->check(CLI::Range(1, 5000));
  gallery
      ->add_option("--thumbnail", options->thumbnail,
                   "Longer side of the pictures in pixels. Default: 480.")
      ->check(CLI::Range(32, 1024));
  gallery->callback([verbs, options] {
    verbs->chosen = [verbs, options] {
      return DataGalleryCommand(verbs->context, *options);
    };
  });
}

void AddCheck(CLI::App* data, Verbs* verbs) {
  CLI::App* check = data->add_subcommand(
      "check",
      "Report every defect of a data set. Exit code 0: none at which a run "
      "stops; 2: some; 1: the annotations cannot be read.");
  const auto options = std::make_shared<DataCheckOptions>();
  check->add_option("DIR", options->root, "Root of the data set.")->required();
  AddLayout(check, &options->format_of_data);
  check->add_option("--tokenizer", options->tokenizer,
                    "A spiece.model: count sentences in its tokens.");
  check
      ->add_option("--max_tokens", options->max_tokens,
                   "Most tokens of a sentence, end token included. Default: "
                   "64.")
      ->check(CLI::Range(2, 1 << 20));
  check
      ->add_option("--examples", options->examples,
                   "Examples of each kind of defect. Default: 3.")
      ->check(CLI::Range(0, 1000000));
  check
      ->add_option("--format", options->format,
                   "text, or json: a DataCheckReport (data/index/index.proto).")
      ->check(CLI::IsMember({"text", "json"}));
  AddPlaces(check, verbs);
  check->callback([verbs, options] {
    verbs->chosen = [verbs, options] {
      return DataCheckCommand(verbs->context, *options);
    };
  });
}

void AddExport(CLI::App* data, Verbs* verbs) {
  CLI::App* exporting = data->add_subcommand(
      "export",
      "Write a run's predictions as COCO results (--run ID), or a data set's "
      "annotations as JSON lines (DIR --jsonl OUT).");
  const auto options = std::make_shared<DataExportOptions>();
  exporting->add_option("DIR", options->root, "Root of a data set.");
  AddLayout(exporting, &options->format_of_data);
  exporting->add_option(
      "--jsonl", options->jsonl,
      "Directory to make for DIR's annotations in the form that "
      "RSRefSeg reads, beside a link to the images.");
  exporting->add_option("--run", options->run, "Start of a run's id.");
  exporting->add_option("--split", options->split,
                        "Split of the predictions, where a run has several.");
  exporting->add_option("--out", options->out,
                        "File for the predictions. Default: standard output.");
  AddPlaces(exporting, verbs);
  exporting->callback([verbs, options] {
    verbs->chosen = [verbs, options] {
      return DataExportCommand(verbs->context, *options);
    };
  });
}

}  // namespace

void AddDataVerbs(CLI::App* app, Verbs* verbs) {
  CLI::App* data =
      app->add_subcommand("data", "Data sets: make, look, check, export.");
  data->require_subcommand(1);
  AddSynthVerb(data, verbs);
  AddGalleryVerb(data, verbs);
  AddCheck(data, verbs);
  AddExport(data, verbs);
}

}  // namespace transect
