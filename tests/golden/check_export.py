#!/usr/bin/env python3
"""Loads our exports with Transformers and PEFT and compares what they compute with what our towers did.

Run with Python 3.11, torch 2.11.0 (CPU), transformers 5.23.0, peft 0.21.2, safetensors 0.8.0:

  bazel run //tests/golden:export_stages -- --out=/tmp/exports
  python3 tests/golden/check_export.py /tmp/exports

Prints one line for each comparison, relative errors in the Euclidean norm; ends with an error above 1e-5, or where a
package reports a key that is missing or not expected. Three ways: adapters on the base models, merged models, and the
adapters merged by PEFT against our merged weights, tensor by tensor.
"""

import sys
import warnings

import peft
import safetensors.torch
import torch
import transformers

TOLERANCE = 1e-5
failed = False


def compare(what, theirs, ours):
    global failed
    error = ((theirs.double() - ours.double()).norm() / ours.double().norm()).item()
    failed |= not error <= TOLERANCE
    print(f'{what:40} {error:.1e}', '' if error <= TOLERANCE else 'FAILED')


def load(kind, path):
    model, info = kind.from_pretrained(path, output_loading_info=True)
    for key in ['missing_keys', 'unexpected_keys', 'mismatched_keys']:
        if info[key]:
            sys.exit(f'{path}: {key}: {info[key]}')
    return model.eval()


def siglip_stages(model, data):
    vision = model.vision_model(pixel_values=data['input.pixels'])
    text = model.text_model(input_ids=data['input.token_ids'])
    return {'vision_hidden': vision.last_hidden_state, 'text_hidden': text.last_hidden_state,
            'text_pooled': text.pooler_output}


def sam_stages(model, data):
    return {'image_embedding': model.vision_encoder(data['input.image']).last_hidden_state.permute(0, 2, 3, 1),
            'dense': model.prompt_encoder.mask_embed(data['input.mask']).permute(0, 2, 3, 1)}


@torch.no_grad()
def main(root):
    data = safetensors.torch.load_file(f'{root}/stages.safetensors')
    merged = {'siglip': load(transformers.SiglipModel, f'{root}/merged/siglip'),
              'sam': load(transformers.SamModel, f'{root}/merged/sam')}
    for name, stages in [('siglip', siglip_stages), ('sam', sam_stages)]:
        for stage, theirs in stages(merged[name], data).items():
            compare(f'merged {name}: {stage}', theirs, data[f'stage.{stage}'])

    # PEFT warns about adapter keys that it does not find or does not know.
    warnings.simplefilter('error')
    siglip = peft.PeftModel.from_pretrained(load(transformers.SiglipModel, f'{root}/base/siglip'),
                                            f'{root}/peft/siglip_vision', adapter_name='vision')
    siglip.load_adapter(f'{root}/peft/siglip_text', 'text')
    siglip.base_model.set_adapter(['vision', 'text'])
    base_sam = load(transformers.SamModel, f'{root}/base/sam')
    rest = safetensors.torch.load_file(f'{root}/peft/rest.safetensors')
    own = {n: t for n, t in rest.items() if n.startswith(('mask_decoder.', 'prompt_encoder.'))}
    unexpected = base_sam.load_state_dict(own, strict=False).unexpected_keys
    if unexpected:
        sys.exit(f'rest.safetensors: unexpected {unexpected}')
    sam = peft.PeftModel.from_pretrained(base_sam, f'{root}/peft/sam_vision', adapter_name='vision')
    warnings.simplefilter('default')
    for name, model, stages in [('siglip', siglip, siglip_stages), ('sam', sam, sam_stages)]:
        adapted = sum('lora_A' in n for n, _ in model.named_parameters())
        for stage, theirs in stages(model.base_model.model.eval(), data).items():
            compare(f'adapters ({adapted}) on {name}: {stage}', theirs, data[f'stage.{stage}'])

    for name, model, adapters in [('siglip', siglip, ['vision', 'text']), ('sam', sam, ['vision'])]:
        whole = model.merge_and_unload(adapter_names=adapters)
        ours = merged[name].state_dict()
        worst = max(((t - ours[n]).norm() / (ours[n].norm() + 1e-30)).item()
                    for n, t in whole.state_dict().items() if t.is_floating_point())
        compare(f'weights of {name} merged by PEFT', torch.tensor(1 + worst), torch.tensor(1.0))
    if failed:
        sys.exit('above the tolerance')


if __name__ == '__main__':
    main(sys.argv[1])
