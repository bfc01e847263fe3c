#!/usr/bin/env python3
"""Writes the golden fixtures of a tiny RSRefSeg: what Hugging Face's SigLIP and SAM and PEFT's LoRA compute.

Made with Python 3.11, torch 2.11.0 (CPU), transformers 5.23.0, peft 0.21.2, safetensors 0.8.0:

  python3 tests/golden/make_tiny.py tests/golden/testdata

For each of the two variants of the model, `paper` and `released`, it writes

  tiny_<variant>_weights.safetensors    every tensor of the model, under our names, fp32
  tiny_<variant>_reference.safetensors  input.*, stage.* (activations), gradient.*, loss, loss_curve

Sizes are odd on purpose: widths, heads, windows, grids and ranks all differ and are no powers of two, so that a swapped
dimension shows; 37 pixels with patches of 7 leave two unused; a grid of 7 with windows of 3 needs padding. The sizes are
repeated in tiny_<variant>.textproto, which the test reads.

The reference computes in fp64 from weights rounded to fp32, and is stored in fp32. The towers, LoRA, the prompt encoder and
the mask decoder are those of the packages. The prompter and the loss are written here from the paper's equations 3 and 4 and
mmcv's rules, with the variant's switches, in another form than ours (channels first, loops over tokens).
"""

import sys

import peft
import safetensors.torch
import torch
import torch.nn.functional as F
import transformers
from torch import nn

# At this seed the fp32 gradients of the reference itself are within 5e-5 of its fp64 ones.
SEED = 3
BATCH = 3
COUNTS = [4, 7, 5]
MAX_TOKENS = 9
VOCAB = 47
STEPS = 10
LEARNING_RATE = 1e-4
WEIGHT_DECAY = 0.05
BCE_WEIGHT, ACTIVATION_WEIGHT = 5.0, 0.5
ALPHA = 7.0
RANKS = {'siglip.vision_model': 3, 'siglip.text_model': 5, 'sam.vision_encoder': 2}
SIGLIP_IMAGE, SIGLIP_PATCH = 37, 7
SAM_IMAGE, SAM_PATCH = 42, 6
CHANNELS = 40  # of prompts
PROMPT_STRIDES = 1  # rate 2
# What feeds the norms whose input would else be so large that their eps does not show.
SMALL = ['transformer.layers.1.layer_norm3', 'final_attn_token_to_image.out_proj', 'upscale_conv1']

# Transformers computes some softmaxes in fp32 even where the model is in fp64.
_softmax = F.softmax
F.softmax = lambda x, dim=None, dtype=None, **_: _softmax(x, dim=dim)


def make_vision():
    config = transformers.SiglipVisionConfig(
        hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=3,
        image_size=SIGLIP_IMAGE, patch_size=SIGLIP_PATCH)
    return transformers.SiglipVisionModel(config)


def make_text():
    config = transformers.SiglipTextConfig(
        hidden_size=24, intermediate_size=36, num_hidden_layers=3, num_attention_heads=4,
        vocab_size=VOCAB, max_position_embeddings=13, pad_token_id=1, bos_token_id=2, eos_token_id=1)
    return transformers.SiglipTextModel(config)


def make_sam():
    config = transformers.SamConfig(
        vision_config=transformers.SamVisionConfig(
            hidden_size=30, output_channels=CHANNELS, num_hidden_layers=3, num_attention_heads=3,
            image_size=SAM_IMAGE, patch_size=SAM_PATCH, window_size=3, global_attn_indexes=[1],
            num_pos_feats=CHANNELS // 2, mlp_dim=44),
        prompt_encoder_config=transformers.SamPromptEncoderConfig(
            hidden_size=CHANNELS, image_size=SAM_IMAGE, patch_size=SAM_PATCH, mask_input_channels=20),
        mask_decoder_config=transformers.SamMaskDecoderConfig(
            hidden_size=CHANNELS, mlp_dim=28, num_attention_heads=5, iou_head_hidden_dim=CHANNELS))
    return transformers.SamModel(config)


class Block(nn.Module):
    """mmcv's ConvModule with SyncBN and GELU; on one rank SyncBN is BatchNorm."""

    def __init__(self, inputs, outputs, kernel, stride=1, padding=0, plain=False):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=plain)
        if not plain:
            self.bn = nn.BatchNorm2d(outputs, eps=1e-5, momentum=0.1)

    def forward(self, x):
        x = self.conv(x)
        return F.gelu(self.bn(x)) if hasattr(self, 'bn') else x


class Prompter(nn.Module):

    def __init__(self):
        super().__init__()
        self.prompter_down_channel = Block(3 * 24, CHANNELS, 1)
        self.prompter_down_spatial = nn.Sequential(
            *[Block(CHANNELS, CHANNELS, 3, 2, 1) for _ in range(PROMPT_STRIDES)],
            Block(CHANNELS, CHANNELS, 1, plain=True))


class Reference(nn.Module):

    def __init__(self, released):
        super().__init__()
        self.released = released
        lora = lambda name, targets: peft.LoraConfig(
            r=RANKS[name], lora_alpha=ALPHA, lora_dropout=0.0, target_modules=targets)
        attention = ['k_proj', 'v_proj', 'q_proj', 'out_proj']
        self.vision = peft.get_peft_model(
            make_vision(),
            lora('siglip.vision_model', r'(.*\.|^)encoder\.layers\..*\.(k_proj|v_proj|q_proj|out_proj)'))
        if released:  # "half": the last floor(3 / 2) layers and the head
            text_targets = r'((.*\.|^)encoder\.layers\.2\.self_attn\.(k_proj|v_proj|q_proj|out_proj))|((.*\.|^)head)'
        else:
            text_targets = attention + ['head']
        self.text = peft.get_peft_model(make_text(), lora('siglip.text_model', text_targets))
        self.sam = make_sam()
        self.sam.vision_encoder = peft.get_peft_model(
            self.sam.vision_encoder,
            lora('sam.vision_encoder', ['qkv', 'proj', 'lin1', 'lin2', 'neck.conv1', 'neck.conv2']))
        self.prompter = Prompter()
        self.logit_scale = nn.Parameter(torch.tensor([1.3]), requires_grad=False)
        self.logit_bias = nn.Parameter(torch.tensor([-0.7]), requires_grad=False)
        for name, parameter in self.sam.named_parameters():
            if name.startswith('mask_decoder.'):
                parameter.requires_grad_(True)
            elif name.startswith('prompt_encoder.'):
                parameter.requires_grad_(released and 'shared_embedding' not in name)
            elif 'lora_' not in name:
                parameter.requires_grad_(False)

    def our_names(self):
        """Our name to tensor, over parameters and buffers."""
        names = {'siglip.logit_scale': self.logit_scale, 'siglip.logit_bias': self.logit_bias}
        parts = [('siglip.vision_model.', self.vision), ('siglip.text_model.', self.text), ('sam.', self.sam),
                 ('prompter.', self.prompter)]
        for prefix, module in parts:
            for name, tensor in list(module.named_parameters()) + list(module.named_buffers()):
                for old, new in [('base_model.model.', ''), ('.base_layer', ''), ('.default', ''),
                                 ('vision_model.', ''), ('text_model.', '')]:
                    name = name.replace(old, new)
                if name.startswith('head.') and prefix == 'siglip.vision_model.':
                    continue
                if name.endswith('position_ids') or name.startswith('prompt_encoder.shared_embedding'):
                    continue
                names[prefix + name] = tensor
        return names

    def positions(self, side):
        """SAM's positional embedding of an n x n grid, from its formula: [C, n, n]."""
        gaussian = self.sam.shared_image_embedding.positional_embedding
        rows = []
        for i in range(side):
            for j in range(side):
                x, y = 2 * (j + 0.5) / side - 1, 2 * (i + 0.5) / side - 1
                angle = 2 * torch.pi * (x * gaussian[0] + y * gaussian[1])
                rows.append(torch.cat([angle.sin(), angle.cos()]))
        return torch.stack(rows, 1).view(CHANNELS, side, side)

    def encode_text(self, ids, counts):
        """Per sentence: all hidden states that count, pooled feature, hidden state of the end token."""
        if self.released:
            out = self.text(input_ids=ids[:, :max(counts)])
            hidden = list(out.last_hidden_state)
            return hidden, list(out.pooler_output), [h[n - 1] for h, n in zip(hidden, counts)]
        alone = [self.text(input_ids=ids[i:i + 1, :n]) for i, n in enumerate(counts)]
        hidden = [a.last_hidden_state[0] for a in alone]
        return hidden, [a.pooler_output[0] for a in alone], [h[-1] for h in hidden]

    def forward(self, image, ids, counts):
        stages = {}
        small = F.interpolate((image - 0.5) / 0.5, size=(SIGLIP_IMAGE, SIGLIP_IMAGE), mode='bilinear',
                              align_corners=False)
        v = self.vision(pixel_values=small).last_hidden_state
        stages['vision_hidden'] = v
        side = SIGLIP_IMAGE // SIGLIP_PATCH
        v = v.transpose(1, 2).reshape(len(counts), 24, side, side)
        hidden, pooled, end = self.encode_text(ids, counts)
        for i, h in enumerate(hidden):
            stages[f'text_hidden.{i}'] = h
            stages[f'text_pooled.{i}'] = pooled[i]

        unit = lambda x: x / x.norm(dim=0, keepdim=True)
        activations, features = [], []
        for i in range(len(counts)):
            if self.released:
                similarity = lambda t: (torch.einsum('chw,c->hw', unit(v[i]), unit(t)) * self.logit_scale.exp()
                                        + self.logit_bias)
                tokens, sentence = hidden[i], pooled[i]
            else:
                similarity = lambda t: torch.einsum('chw,c->hw', v[i], t)
                tokens, sentence = hidden[i][:counts[i] - 1], end[i]
            local = sum(v[i] * similarity(t).sigmoid() for t in tokens) / len(tokens)
            z = similarity(sentence)
            if self.released:
                features.append(torch.cat([(v[i] + local) / 2, z.sigmoid() * v[i], v[i]]))
            else:
                features.append(torch.cat([v[i] * z.sigmoid() + v[i], local + v[i], v[i]]))
            activations.append(z)
        z = torch.stack(activations).unsqueeze(1)
        stages['activation'] = z

        x = self.prompter.prompter_down_channel(torch.stack(features))
        if self.released:
            x = x + self.positions(side)
        sparse = self.prompter.prompter_down_spatial(x).flatten(2).transpose(1, 2)
        stages['sparse'] = sparse

        mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
        deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
        embedding = self.sam.vision_encoder((image - mean) / deviation).last_hidden_state
        stages['image_embedding'] = embedding.permute(0, 2, 3, 1)

        grid = SAM_IMAGE // SAM_PATCH
        mask = F.interpolate(z, size=(4 * grid, 4 * grid), mode='bilinear', align_corners=False)
        dense = self.sam.prompt_encoder.mask_embed(mask)
        stages['dense'] = dense.permute(0, 2, 3, 1)
        masks, _ = self.sam.mask_decoder(
            image_embeddings=embedding,
            image_positional_embeddings=self.sam.get_image_wide_positional_embeddings().repeat(len(counts), 1, 1, 1),
            sparse_prompt_embeddings=sparse.unsqueeze(1),
            dense_prompt_embeddings=dense,
            multimask_output=False)
        stages['mask_logits'] = masks[:, 0]
        return stages


def loss_of(stages, label):
    logits = F.interpolate(stages['mask_logits'], size=label.shape[2:], mode='bilinear', align_corners=False)
    loss = BCE_WEIGHT * F.binary_cross_entropy_with_logits(logits, label)
    # Each cell's mean, where cells cut pixels: repeat to a common multiple, then average whole blocks.
    side = stages['activation'].shape[-1]
    fine = label.repeat_interleave(side, 2).repeat_interleave(side, 3)
    cells = F.avg_pool2d(fine, label.shape[-1])
    return loss + ACTIVATION_WEIGHT * F.binary_cross_entropy_with_logits(stages['activation'], cells)


def draw_weights(model, generator):
    """Values that make every stage matter: norms away from 1 and 0, no factor at zero, attention not flat."""
    for name, tensor in sorted(model.our_names().items()):
        noise = torch.randn(tensor.shape, generator=generator) if tensor.dim() else torch.zeros(())
        if name.endswith('num_batches_tracked'):
            value = torch.tensor(11)
        elif name.endswith(('logit_scale', 'logit_bias')):
            value = tensor
        elif name.endswith('running_var'):
            value = 1 + 0.3 * noise.abs()
        elif name.endswith('running_mean'):
            value = 0.2 * noise
        elif 'norm' in name or '.bn.' in name:
            value = (1.0 if name.endswith('.weight') else 0.0) + 0.2 * noise
        elif 'pos' in name or 'embed.weight' in name or 'token' in name or '.point_embed' in name:
            value = 0.5 * noise
        elif tensor.dim() == 1:
            value = 0.4 * noise
        else:  # Larger factors make the network amplify rounding a thousandfold.
            value = (0.3 if 'lora_B' in name else 0.8) * noise / (tensor[0].numel() ** 0.5)
        if any(small in name for small in SMALL):
            value = 0.1 * value
        tensor.data.copy_(value.float())


def write(variant, folder):
    released = variant == 'released'
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED + released)
    torch.set_default_dtype(torch.float64)
    model = Reference(released).double()
    draw_weights(model, generator)
    gaussian = model.sam.shared_image_embedding.positional_embedding
    model.sam.prompt_encoder.shared_embedding.positional_embedding.data.copy_(gaussian.data)
    names = model.our_names()
    weights = {n: t.detach().clone() if n.endswith('num_batches_tracked') else t.detach().float().clone()
               for n, t in names.items()}
    safetensors.torch.save_file({n: t.contiguous() for n, t in weights.items()},
                                f'{folder}/tiny_{variant}_weights.safetensors')

    image = torch.rand((BATCH, 3, SAM_IMAGE, SAM_IMAGE), generator=generator).float().double()
    ids = torch.ones((BATCH, MAX_TOKENS), dtype=torch.long)
    for i, n in enumerate(COUNTS):
        ids[i, :n - 1] = torch.randint(2, VOCAB, (n - 1,), generator=generator)
    label = torch.zeros((BATCH, 1, SAM_IMAGE, SAM_IMAGE))
    for i in range(BATCH):
        label[i, 0, 5 * i + 2:5 * i + 19, 7 * i + 1:7 * i + 16] = 1
    out = {'input.image': image, 'input.token_ids': ids, 'input.token_counts': torch.tensor(COUNTS),
           'input.mask': label}

    def at_start():
        for name, tensor in names.items():
            tensor.data.copy_(weights[name])

    model.eval()
    with torch.no_grad():
        for name, tensor in model(image, ids, COUNTS).items():
            out['stage.' + name] = tensor
    model.train()
    loss = loss_of(model(image, ids, COUNTS), label)
    loss.backward()
    out['loss'] = loss.detach()
    for name, tensor in names.items():
        # Where the loss does not depend on a key's bias, its gradient is rounding: a softmax ignores constants.
        if (tensor.grad is not None and tensor.grad.abs().max() > 0 and not name.endswith('k_proj.bias')):
            out['gradient.' + name] = tensor.grad.clone()

    at_start()
    # The released trainer decays what has a gradient of exactly zero; here nothing decays that is not used.
    used = [t for n, t in names.items() if 'gradient.' + n in out or n.endswith('k_proj.bias')]
    optimizer = torch.optim.AdamW([t for t in used if t.requires_grad], lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    curve = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of(model(image, ids, COUNTS), label)
        loss.backward()
        optimizer.step()
        curve.append(loss.detach())
    out['loss_curve'] = torch.stack(curve)

    single = {n: (t if t.dtype == torch.long else t.detach().float()).contiguous() for n, t in out.items()}
    safetensors.torch.save_file(single, f'{folder}/tiny_{variant}_reference.safetensors')
    print(variant, 'loss', [round(x.item(), 6) for x in curve], 'gradients',
          sum(n.startswith('gradient.') for n in out), 'weights', sum(t.numel() for t in weights.values()))


if __name__ == '__main__':
    for each in ['paper', 'released']:
        write(each, sys.argv[1])
