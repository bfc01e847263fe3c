#!/usr/bin/env python3
"""Writes what Hugging Face's SigLIP and SAM and PEFT's LoRA compute at the published sizes, from random weights.

Made with Python 3.11, torch 2.11.0 (CPU), transformers 5.23.0, peft 0.21.2, safetensors 0.8.0:

  python3 tests/golden/make_full_size.py b|l paper|released DIR

Then `bazel run //tests/golden:full_size_check -- DIR` compares. DIR gets two cases, each as NAME.textproto (ModelSpec),
NAME_weights.safetensors and NAME_reference.safetensors with the names that make_tiny.py documents:

  whole  so400m-patch14-384 with sam-vit-base or -large: activations of every stage, and what the packages lose in fp32
         (fp32_error.stage.*) and bf16 (bf16_error.stage.*). About 4 GB (b) or 5 GB (l).
  thin   the same widths, heads, windows and grids with two layers in each tower (one of them with global attention): the
         gradient of every trained tensor, and fp32_error.gradient.*, what the reference itself loses in fp32.

The reference computes in fp64 from weights rounded to fp32. Only the tower at work is in fp64, so that 16 GB are enough.
"""

import contextlib
import dataclasses
import gc
import sys

import reference
import safetensors.torch
import torch

SEED = 5
COUNTS = [9]
VOCAB = 32000
SAM = {
    'b': dict(hidden_size=768, num_hidden_layers=12, num_attention_heads=12, mlp_dim=3072,
              global_attn_indexes=[2, 5, 8, 11]),
    'l': dict(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, mlp_dim=4096,
              global_attn_indexes=[5, 11, 17, 23]),
}
TOWER = dict(hidden_size=1152, intermediate_size=4304, num_hidden_layers=27, num_attention_heads=16)


def sizes_of(size):
    return reference.Sizes(
        vision=dict(TOWER, image_size=384, patch_size=14),
        text=dict(TOWER, vocab_size=VOCAB, max_position_embeddings=64, pad_token_id=1, bos_token_id=2, eos_token_id=1),
        sam_vision=dict(SAM[size], image_size=1024, patch_size=16, window_size=14),
        mask_input_channels=16,
        decoder=dict(mlp_dim=2048, num_attention_heads=8),
        channels=256,
        prompt_strides=2,
        ranks={'siglip.vision_model': 16, 'siglip.text_model': 16, 'sam.vision_encoder': 16},
        alpha=16.0,
        text_targets=reference.ATTENTION + ['head'])


def thin(sizes):
    two = dict(num_hidden_layers=2)
    return dataclasses.replace(sizes, vision=dict(sizes.vision, **two), text=dict(sizes.text, **two),
                               sam_vision=dict(sizes.sam_vision, **two, global_attn_indexes=[1]))


def spec_of(size, released, layers):
    thin_text = '' if layers == 'whole' else 'vision { layers: 2 } text { layers: 2 }'
    thin_sam = '' if layers == 'whole' else 'vision { layers: 2 } global_attention_layers: 1'
    lora = 'rank: 16 alpha: 16 dropout: 0'
    return f'''# proto-file: model/model.proto
# proto-message: transect.ModelSpec
rsrefseg {{
  siglip {{
    variant: SO400M_PATCH14_384 {thin_text}
    vision_lora {{ {lora} }} text_lora {{ {lora} }}
    {'text_padding: LONGEST' if released else ''}
  }}
  sam {{
    variant: {'VIT_B' if size == 'b' else 'VIT_L'} {thin_sam}
    lora {{ {lora} }}
    {'tune_prompt_encoder: true' if released else ''}
  }}
  prompter {{ {"""
    similarity: COSINE_SCALED local_combine: AVERAGE global_residual: false add_sam_position: true
    concat_order: LOCAL_GLOBAL_IMAGE global_text: POOLER local_tokens: ALL_POSITIONS""" if released else ''}
  }}
}}
'''


@contextlib.contextmanager
def one_tower_at_a_time(model, dtype):
    """Computes in `dtype` while only the module at work is held in it; weights are fp32 outside."""
    handles = []
    for module in [model.vision, model.text, model.prompter, model.sam.vision_encoder, model.sam.prompt_encoder,
                   model.sam.mask_decoder]:
        handles.append(module.register_forward_pre_hook(lambda m, *_: m.to(dtype) and None))
        handles.append(module.register_forward_hook(lambda m, *_: m.float() and None))
    # Called for parts of itself, or used as tensors.
    small = [model.sam.prompt_encoder.mask_embed, model.sam.shared_image_embedding, model.prompter]
    for module in small:
        module.to(dtype)
        if module is not model.prompter:
            handles.append(module.register_forward_pre_hook(lambda m, *_: m.to(dtype) and None))
    scales = [model.logit_scale, model.logit_bias]
    for scale in scales:
        scale.data = scale.data.to(dtype)
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
        model.float()


def inputs(generator):
    image = torch.rand((1, 3, 1024, 1024), generator=generator).float()
    ids = torch.ones((1, max(COUNTS)), dtype=torch.long)
    for i, n in enumerate(COUNTS):
        ids[i, :n - 1] = torch.randint(2, VOCAB, (n - 1,), generator=generator)
    label = torch.zeros((1, 1, 1024, 1024))
    label[0, 0, 300:620, 410:800] = 1
    return image, ids, label


def build(sizes, released):
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED + released)
    torch.set_default_dtype(torch.float32)
    model = reference.Reference(sizes, released)
    reference.draw_weights(model.our_names(), generator, small=())
    weights = {n: t.detach().clone().contiguous() for n, t in model.our_names().items()}
    return model, weights, inputs(generator)


def save(directory, name, spec, weights, out):
    safetensors.torch.save_file(weights, f'{directory}/{name}_weights.safetensors')
    safetensors.torch.save_file(
        {n: (t if t.dtype == torch.long else t.detach().float()).contiguous() for n, t in out.items()},
        f'{directory}/{name}_reference.safetensors')
    with open(f'{directory}/{name}.textproto', 'w') as f:
        f.write(spec)


def activations(model, weights, image, ids, dtype):
    torch.set_default_dtype(dtype)
    reference.assign(model, weights)
    model.eval()
    with torch.no_grad(), one_tower_at_a_time(model, dtype):
        return model(image.to(dtype), ids, COUNTS)


def write_whole(size, released, directory):
    model, weights, (image, ids, label) = build(sizes_of(size), released)
    out = {'input.image': image, 'input.token_ids': ids, 'input.token_counts': torch.tensor(COUNTS), 'input.mask': label}
    exact = activations(model, weights, image, ids, torch.float64)
    out.update({'stage.' + n: t for n, t in exact.items()})
    for kind, dtype in [('fp32', torch.float32), ('bf16', torch.bfloat16)]:
        for name, tensor in activations(model, weights, image, ids, dtype).items():
            out[f'{kind}_error.stage.{name}'] = reference.relative_error(tensor, exact[name])
            print('whole', kind, name, out[f'{kind}_error.stage.{name}'].item())
    save(directory, 'whole', spec_of(size, released, 'whole'), weights, out)


def gradients(model, weights, image, ids, label, dtype):
    torch.set_default_dtype(dtype)
    model.to(dtype).zero_grad()
    reference.assign(model, weights)
    model.train()
    stages = model(image.to(dtype), ids, COUNTS)
    loss = reference.loss_of(stages, label.to(dtype))
    loss.backward()
    found = {n: t.grad.clone() for n, t in model.our_names().items()
             if t.grad is not None and t.grad.abs().max() > 0 and not n.endswith('k_proj.bias')}
    return loss.detach(), found


def write_thin(size, released, directory):
    model, weights, (image, ids, label) = build(thin(sizes_of(size)), released)
    out = {'input.image': image, 'input.token_ids': ids, 'input.token_counts': torch.tensor(COUNTS), 'input.mask': label}
    loss, exact = gradients(model, weights, image, ids, label, torch.float64)
    out['loss'] = loss
    out.update({'gradient.' + n: g for n, g in exact.items()})
    _, single = gradients(model, weights, image, ids, label, torch.float32)
    for name in exact:
        out['fp32_error.gradient.' + name] = reference.relative_error(single[name], exact[name])
    worst = sorted((out['fp32_error.gradient.' + n].item(), n) for n in exact)[-3:]
    print('thin', len(exact), 'gradients; worst of the reference in fp32:', worst)
    save(directory, 'thin', spec_of(size, released, 'thin'), weights, out)


if __name__ == '__main__':
    size, variant, directory = sys.argv[1:]
    write_thin(size, variant == 'released', directory)
    gc.collect()
    write_whole(size, variant == 'released', directory)
