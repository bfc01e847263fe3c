#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "launch/data_commands.h"
#include "launch/verbs.h"

namespace transect {

namespace {

void AddLayout(CLI::App* verb, std::string* layout) {
  verb->add_option("--format_of_data", *layout,
                   "Layout of the files: RRSISD (default), REFSEGRS, RISBENCH "
                   "or JSONL (docs/site_file.md).");
}

void AddPlaces(CLI::App* verb, Verbs* verbs) {
  verb->add_option("--store", verbs->context.store,
                   "Directory of the store. Default: TRANSECT_STORE, else the "
                   "site file's, else transect_store here.");
  verb->add_option("--site", verbs->context.site,
                   "Site file. Default: TRANSECT_SITE, else "
                   "~/.config/transect/site.textproto.");
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
                   "text, or json: a DataCheckReport (data/index.proto).")
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
  exporting->add_option("--jsonl", options->jsonl,
                        "Folder to make for DIR's annotations in the form that "
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
      app->add_subcommand("data", "Data sets: make, check, export.");
  data->require_subcommand(1);

  CLI::App* synth = data->add_subcommand(
      "synth", "Write a synthetic data set in the layout of RRSIS-D.");
  const auto options = std::make_shared<DataSynthOptions>();
  synth->add_option("RECIPE", options->recipe,
                    "Text file of a SynthesisSpec (data/data.proto). Default: "
                    "its defaults.");
  synth->add_option("--out", options->out, "Folder to make; must not exist.")
      ->required();
  synth->callback([verbs, options] {
    verbs->chosen = [verbs, options] {
      return DataSynthCommand(verbs->context, *options);
    };
  });
  AddCheck(data, verbs);
  AddExport(data, verbs);
}

}  // namespace transect
