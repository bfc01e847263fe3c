/// \file
/// Initial weights of AttnPrompter's convolutions: mmcv's `ConvModule`, normal
/// with sqrt(2 / fan_out), bias 0.
#ifndef TRANSECT_MODEL_ATTN_PROMPTER_INIT_RULES_H_
#define TRANSECT_MODEL_ATTN_PROMPTER_INIT_RULES_H_

#include "model/base/init.h"

namespace transect {

/// For InitRules::rule.
InitRule PrompterInitRule(absl::string_view name, at::IntArrayRef shape);

}  // namespace transect

#endif  // TRANSECT_MODEL_ATTN_PROMPTER_INIT_RULES_H_
