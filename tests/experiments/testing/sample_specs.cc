#include "tests/experiments/testing/sample_specs.h"

#include "absl/strings/str_cat.h"
#include "data/io/textproto.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace internal_sample_specs {

void ParseOrDie(absl::string_view text, google::protobuf::Message* message) {
  TRANSECT_CHECK_OK(ParseTextproto(text, "in the test", message));
}

}  // namespace internal_sample_specs

RunSpec SampleRun() {
  return FromText<RunSpec>(R"pb(
    model {
      rsrefseg {
        siglip { variant: TINY }
        sam { variant: TINY }
      }
    }
    data { synthesis { image_size: 64 train_images: 20 val_images: 10 } }
    tokenizer {
      sentencepiece {
        vocab_size: 64
        corpus { image_size: 64 train_images: 20 val_images: 10 }
      }
      max_tokens: 32
    }
    weights { random {} }
    training { steps: 3 global_batch: 4 }
  )pb");
}

RunSpec SampleRunFromTrained() {
  RunSpec run = SampleRun();
  RunSpec* trained = run.mutable_weights()->mutable_trained()->mutable_run();
  *trained = SampleRun();
  trained->clear_tokenizer();
  trained->mutable_model()->mutable_rsrefseg()->set_tuning(RsRefSegSpec::ALL);
  trained->mutable_data()->mutable_synthesis()->set_style(
      SynthesisSpec::NATURAL);
  return run;
}

Experiment SampleExperiment() {
  Experiment experiment = FromText<Experiment>(R"pb(
    name: "sample"
    title: "A sample"
    axis {
      name: "rank"
      field: "model.rsrefseg.sam.lora.rank"
      values: [ "16", "2" ]
    }
    axis {
      name: "text"
      field: "model.rsrefseg.siglip.text_tuning"
      values: [ "FULL", "ZERO" ]
    }
    axis {
      name: "prompts"
      field: "model.rsrefseg.prompter.prompts"
      values: [ "SPARSE_AND_DENSE", "SPARSE" ]
    }
    design {
      name: "adapters"
      one_factor { axes: [ "rank", "text", "prompts" ] }
    }
    seeds: [ 1, 2 ]
  )pb");
  *experiment.mutable_base() = SampleRunFromTrained();
  return experiment;
}

Experiment SampleExperimentOf(int64_t runs) {
  Experiment experiment = SampleExperiment();
  experiment.clear_axis();
  experiment.clear_design();
  Axis* axis = experiment.add_axis();
  axis->set_name("lr");
  axis->set_field("training.optimizer.lr");
  for (int64_t i = 1; i < runs / 2; ++i) {
    axis->add_values(absl::StrCat(i, "e-3"));
  }
  Design* design = experiment.add_design();
  design->set_name("rates");
  design->mutable_one_factor()->add_axes("lr");
  return experiment;
}

}  // namespace transect
