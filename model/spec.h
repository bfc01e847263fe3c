/// \file
/// What a model spec means: presets and defaults written out, and what is wrong
/// with it. Each network and each tower resolves and checks its own message
/// (model/<directory>/spec.h); the switch over networks is here.
///
/// A *resolved* spec is the one form that every other library takes: all sizes
/// are set, all defaults are written, every adapter names its targets, and
/// fields that cannot matter are absent, so that two specs that mean the same
/// network are the same message.
#ifndef TRANSECT_MODEL_SPEC_H_
#define TRANSECT_MODEL_SPEC_H_

#include <string>

#include "absl/strings/string_view.h"
#include "data/io/problems.h"
#include "model/model.pb.h"

namespace transect {

/// Resolves `spec` in place. Never fails; a second call changes nothing.
///
/// Written where absent, in each network as far as it has the part:
/// - of rsrefseg, the switches of `preset` and the variants of `variant`, which
///   are then erased;
/// - the sizes of siglip.variant and sam.variant (sizes that are set win);
/// - every default of the protos;
/// - LoRA for the three towers with the targets of the released code: SAM qkv,
///   proj, lin1, lin2, neck.conv1, neck.conv2; SigLIP vision k_proj, v_proj,
///   q_proj, out_proj; SigLIP text the same four and head;
///   (only where neither targets nor target_regex is set);
/// - lora.alpha = lora.rank where alpha is 0.
///
/// To be called before anything else writes defaults: a switch that is set wins
/// over the preset.
///
/// Erased: what cannot change the network, as `inert_when` says beside each
/// field of the protos; and siglip.include_dead_head where tuning is ALL,
/// which has no adapters that could reach the head.
///
/// A preset or variant that is not known, or an absent network, is left for
/// ValidateModelSpec.
void ResolveModelSpec(ModelSpec* spec);

/// Adds to `problems` everything that is wrong with a resolved spec, and
/// whatever it asks for that is not built. `path` is the field path of `spec`,
/// for example "model"; a problem's field is `path` plus the path below it. A
/// message names the value and the allowed range. After a call that added
/// nothing, the libraries of model/ take the spec without further checks.
///
/// Ranges are generous: they keep a typo from asking for terabytes.
void ValidateModelSpec(const ModelSpec& spec, absl::string_view path,
                       Problems* problems);

/// The networks that a spec can name, "rsrefseg, patch_text_map or
/// sam_oracle_box", for messages.
std::string NetworkNames();

}  // namespace transect

#endif  // TRANSECT_MODEL_SPEC_H_
