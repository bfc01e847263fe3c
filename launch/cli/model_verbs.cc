#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "launch/cli/evaluate_command.h"
#include "launch/cli/predict_command.h"
#include "launch/cli/verbs.h"

namespace transect {
namespace {

void AddFormat(CLI::App* verb, std::string* format, const std::string& what) {
  verb->add_option("--format", *format,
                   "text, or json: a message " + what +
                       " of launch/requests/predictions.proto.")
      ->check(CLI::IsMember({"text", "json"}));
}

void AddPredict(CLI::App* app, Verbs* verbs) {
  CLI::App* predict = app->add_subcommand(
      "predict",
      "Draw the mask of what a sentence names, by the network of a run.");
  const auto options = std::make_shared<PredictOptions>();
  predict->add_option("--run", options->run,
                      "The run: the start of its id (`transect plan` prints "
                      "ids), or ID/CODE.");
  predict->add_option("--model", options->model,
                      "Instead of a run: file of a run's spec or an "
                      "experiment, whose base is taken as it is before "
                      "training.");
  predict
      ->add_option("--image", options->images,
                   "JPEG, PNG or TIFF files. Each is asked for every sentence.")
      ->allow_extra_args();
  predict->add_option("--text", options->texts, "Sentences, each in quotes.")
      ->allow_extra_args();
  predict->add_option("--inputs", options->inputs,
                      "Instead of images and sentences: a safetensors file of "
                      "pixels and token ids (docs/dump.md).");
  predict->add_option(
      "--out", options->out,
      "Directory for masks, overlays and activation maps (PNG).");
  predict->add_option(
      "--dump", options->dump,
      "Directory for the tensors of every stage, as safetensors "
      "(docs/dump.md).");
  AddFormat(predict, &options->format, "PredictionList");
  AddPlaces(predict, verbs);
  predict->callback([verbs, options] {
    verbs->chosen = [verbs, options] {
      return PredictCommand(verbs->context, *options);
    };
  });
}

void AddEvaluate(CLI::App* app, Verbs* verbs) {
  CLI::App* evaluate = app->add_subcommand(
      "evaluate", "Evaluate a run's network on a split, once, beside the run.");
  const auto options = std::make_shared<EvaluateOptions>();
  evaluate
      ->add_option("--run", options->run,
                   "The run: the start of its id (`transect plan` prints "
                   "ids), or ID/CODE.")
      ->required();
  evaluate->add_option("--split", options->split, "train, val or test.")
      ->required()
      ->check(CLI::IsMember({"train", "val", "test"}));
  AddFormat(evaluate, &options->format, "Evaluation");
  AddPlaces(evaluate, verbs);
  evaluate->callback([verbs, options] {
    verbs->chosen = [verbs, options] {
      return EvaluateCommand(verbs->context, *options);
    };
  });
}

}  // namespace

void AddModelVerbs(CLI::App* app, Verbs* verbs) {
  AddPredict(app, verbs);
  AddEvaluate(app, verbs);
}

}  // namespace transect
