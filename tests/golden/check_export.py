#!/usr/bin/env python3
"""Loads what `transect export` wrote with Transformers and PEFT and compares what they compute with what our network did.

Run with Python 3.11, torch 2.11.0 (CPU), transformers 5.23.0, peft 0.21.2, safetensors 0.8.0, for a run ID of RSRefSeg
with adapters (text_padding NONE) whose initial weights were made by the run BASE (`transect plan` prints both):

  transect export --run ID --peft peft --merged merged
  transect export --run BASE --merged base
  transect predict --run ID --image a.jpg --text "a ship on the left" --out masks --dump dump
  python3 tests/golden/check_export.py base peft merged dump/*.safetensors

Prints one line for each comparison, relative errors in the Euclidean norm; ends with an error above 1e-5, or where a
package reports a key that is missing or not expected. Three ways: merged models, adapters on the base models, and the
adapters merged by PEFT against our merged weights, tensor by tensor.
"""

import os
import sys
import warnings

import peft
import safetensors.torch
import torch
import torch.nn.functional as F
import transformers

TOLERANCE = 1e-5
failed = False


def report(what, error):
    global failed
    failed |= not error <= TOLERANCE
    print(f'{what:56} {error:.1e}', '' if error <= TOLERANCE else 'FAILED')


def relative(theirs, ours):
    return ((theirs.double() - ours.double()).norm() / ours.double().norm()).item()


def load(kind, path):
    model, info = kind.from_pretrained(path, output_loading_info=True)
    for key in ['missing_keys', 'unexpected_keys', 'mismatched_keys']:
        if info[key]:
            sys.exit(f'{path}: {key}: {info[key]}')
    return model.eval()


def check_siglip(what, model, data):
    vision = model.vision_model(pixel_values=data['stage.siglip_image']).last_hidden_state
    report(f'{what}: vision_hidden', relative(vision, data['stage.vision_hidden']))
    for i, count in enumerate(data['input.token_counts'].tolist()):
        text = model.text_model(input_ids=data['input.token_ids'][i:i + 1, :count]).last_hidden_state
        report(f'{what}: text_hidden {i}', relative(text[0], data['stage.text_hidden'][i, :count]))


def check_sam(what, model, data):
    image = model.vision_encoder(data['stage.sam_image']).last_hidden_state
    report(f'{what}: image_embedding', relative(image.permute(0, 2, 3, 1), data['stage.image_embedding']))
    side = 4 * image.shape[-1]
    mask = F.interpolate(data['stage.activation'], size=(side, side), mode='bilinear', align_corners=False)
    dense = model.prompt_encoder.mask_embed(mask)
    report(f'{what}: dense', relative(dense.permute(0, 2, 3, 1), data['stage.dense']))
    masks, _ = model.mask_decoder(
        image_embeddings=image, dense_prompt_embeddings=dense, multimask_output=False,
        image_positional_embeddings=model.get_image_wide_positional_embeddings().repeat(len(image), 1, 1, 1),
        sparse_prompt_embeddings=data['stage.sparse'].unsqueeze(1))
    report(f'{what}: mask_logits', relative(masks[:, 0], data['stage.mask_logits']))


@torch.no_grad()
def main(base, adapters, merged, *dumps):
    data = {os.path.basename(dump): safetensors.torch.load_file(dump) for dump in dumps}
    if not data:
        sys.exit('no dump to compare')
    siglip, sam = load(transformers.SiglipModel, f'{merged}/siglip'), load(transformers.SamModel, f'{merged}/sam')
    for name, tensors in data.items():
        check_siglip(f'merged, {name}', siglip, tensors)
        check_sam(f'merged, {name}', sam, tensors)

    # PEFT warns about adapter keys that it does not find or does not know.
    warnings.filterwarnings('error', module='peft')
    adapted_siglip = peft.PeftModel.from_pretrained(
        load(transformers.SiglipModel, f'{base}/siglip'), f'{adapters}/siglip_vision', adapter_name='vision')
    adapted_siglip.load_adapter(f'{adapters}/siglip_text', 'text')
    adapted_siglip.base_model.set_adapter(['vision', 'text'])
    base_sam = load(transformers.SamModel, f'{base}/sam')
    rest = safetensors.torch.load_file(f'{adapters}/rest.safetensors')
    own = {n: t for n, t in rest.items() if n.startswith(('mask_decoder.', 'prompt_encoder.'))}
    unexpected = base_sam.load_state_dict(own, strict=False).unexpected_keys
    if unexpected:
        sys.exit(f'rest.safetensors: unexpected {unexpected}')
    adapted_sam = peft.PeftModel.from_pretrained(base_sam, f'{adapters}/sam_vision', adapter_name='vision')
    for name, tensors in data.items():
        check_siglip(f'adapters, {name}', adapted_siglip.base_model.model.eval(), tensors)
        check_sam(f'adapters, {name}', adapted_sam.base_model.model.eval(), tensors)

    for name, model, ours in [('siglip', adapted_siglip, siglip), ('sam', adapted_sam, sam)]:
        count = sum('lora_A' in n for n, _ in model.named_parameters())
        whole = model.merge_and_unload(adapter_names=['vision', 'text'] if name == 'siglip' else ['vision'])
        ours = ours.state_dict()
        worst = max(relative(t, ours[n]) for n, t in whole.state_dict().items()
                    if t.is_floating_point() and ours[n].abs().max() > 0)
        report(f'{count} adapters of {name} merged by PEFT', worst)
    if failed:
        sys.exit('above the tolerance')


if __name__ == '__main__':
    main(*sys.argv[1:])
