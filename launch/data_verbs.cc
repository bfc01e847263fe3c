#include <memory>

#include "CLI/CLI.hpp"
#include "launch/data_commands.h"
#include "launch/verbs.h"

namespace transect {

namespace {

void AddSynthVerb(CLI::App* data, Verbs* verbs) {
  CLI::App* synth = data->add_subcommand(
      "synth", "Write a synthetic data set in the layout of RRSIS-D.");
  const auto options = std::make_shared<DataSynthOptions>();
  synth->add_option("RECIPE", options->recipe,
                    "Text file of a SynthesisSpec (data/data.proto). Default: "
                    "its defaults.");
  synth->add_option("--out", options->out, "Folder to make; must not exist.")
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
  gallery
      ->add_option("DIR", options->data, "Data set in the layout of RRSIS-D.")
      ->required();
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

}  // namespace

void AddDataVerbs(CLI::App* app, Verbs* verbs) {
  CLI::App* data =
      app->add_subcommand("data", "Data sets: make one, look at one.");
  data->require_subcommand(1);
  AddSynthVerb(data, verbs);
  AddGalleryVerb(data, verbs);
}

}  // namespace transect
