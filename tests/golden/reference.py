"""RSRefSeg put together from Hugging Face's SigLIP and SAM and PEFT's LoRA: the reference of the golden tests.

The towers, LoRA, the prompt encoder and the mask decoder are those of the packages. The prompter is written here from the
paper's equations 3 and 4 and mmcv's rules, with the variant's switches, in another form than ours (channels first, loops
over tokens). make_tiny.py and make_full_size.py write down what it computes.
"""

import dataclasses

import peft
import torch
import torch.nn.functional as F
import transformers
from torch import nn

# What feeds the norms whose input would else be so large that their eps does not show.
SMALL = ['transformer.layers.0.self_attn.out_proj', 'transformer.layers.1.layer_norm3',
         'final_attn_token_to_image.out_proj', 'upscale_conv1']
# Of the loss.
BCE_WEIGHT, ACTIVATION_WEIGHT = 5.0, 0.5
# Tensors that are added to features, and no factors.
EMBEDDINGS = ['pos', 'embed.weight', 'iou_token.', 'mask_tokens.', 'token_embedding.', '.point_embed']
ATTENTION = ['k_proj', 'v_proj', 'q_proj', 'out_proj']

# Transformers computes some softmaxes in fp32 even where the model is in fp64.
_softmax = F.softmax
F.softmax = lambda x, dim=None, dtype=None, **_: _softmax(x, dim=dim)


@dataclasses.dataclass
class Sizes:
    """Arguments of the packages' configurations, and what they do not name."""
    vision: dict  # transformers.SiglipVisionConfig
    text: dict  # transformers.SiglipTextConfig
    sam_vision: dict  # transformers.SamVisionConfig, less output_channels and num_pos_feats
    mask_input_channels: int
    decoder: dict  # transformers.SamMaskDecoderConfig, less hidden_size and iou_head_hidden_dim
    channels: int  # of prompts
    prompt_strides: int  # 1 for rate 2, 2 for rate 4, 3 for rate 8
    ranks: dict  # LoRA rank of siglip.vision_model, siglip.text_model, sam.vision_encoder
    alpha: float
    text_targets: object  # PEFT's target_modules of the text tower


def make_sam(sizes):
    image = {name: sizes.sam_vision[name] for name in ('image_size', 'patch_size')}
    return transformers.SamModel(transformers.SamConfig(
        vision_config=transformers.SamVisionConfig(
            output_channels=sizes.channels, num_pos_feats=sizes.channels // 2, **sizes.sam_vision),
        prompt_encoder_config=transformers.SamPromptEncoderConfig(
            hidden_size=sizes.channels, mask_input_channels=sizes.mask_input_channels, **image),
        mask_decoder_config=transformers.SamMaskDecoderConfig(
            hidden_size=sizes.channels, iou_head_hidden_dim=sizes.channels, **sizes.decoder)))


def names_of_sam(sam):
    """Our name to tensor. Transformers names the positional matrix twice."""
    return {'sam.' + name: tensor for name, tensor in list(sam.named_parameters()) + list(sam.named_buffers())
            if not name.endswith('position_ids') and not name.startswith('prompt_encoder.shared_embedding')}


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

    def __init__(self, sizes):
        super().__init__()
        channels = sizes.channels
        self.prompter_down_channel = Block(3 * sizes.vision['hidden_size'], channels, 1)
        self.prompter_down_spatial = nn.Sequential(
            *[Block(channels, channels, 3, 2, 1) for _ in range(sizes.prompt_strides)],
            Block(channels, channels, 1, plain=True))


class Reference(nn.Module):

    def __init__(self, sizes, released):
        super().__init__()
        self.sizes = sizes
        self.released = released
        lora = lambda name, targets: peft.LoraConfig(
            r=sizes.ranks[name], lora_alpha=sizes.alpha, lora_dropout=0.0, target_modules=targets)
        self.vision = peft.get_peft_model(
            transformers.SiglipVisionModel(transformers.SiglipVisionConfig(**sizes.vision)),
            lora('siglip.vision_model', r'(.*\.|^)encoder\.layers\..*\.(k_proj|v_proj|q_proj|out_proj)'))
        self.text = peft.get_peft_model(
            transformers.SiglipTextModel(transformers.SiglipTextConfig(**sizes.text)),
            lora('siglip.text_model', sizes.text_targets))
        self.sam = make_sam(sizes)
        self.sam.vision_encoder = peft.get_peft_model(
            self.sam.vision_encoder,
            lora('sam.vision_encoder', ['qkv', 'proj', 'lin1', 'lin2', 'neck.conv1', 'neck.conv2']))
        self.prompter = Prompter(sizes)
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
        return torch.stack(rows, 1).view(self.sizes.channels, side, side)

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
        siglip_image = self.sizes.vision['image_size']
        small = F.interpolate((image - 0.5) / 0.5, size=(siglip_image, siglip_image), mode='bilinear',
                              align_corners=False)
        v = self.vision(pixel_values=small).last_hidden_state
        stages['vision_hidden'] = v
        side = siglip_image // self.sizes.vision['patch_size']
        v = v.transpose(1, 2).reshape(len(counts), -1, side, side)
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

        mean = torch.tensor([0.485, 0.456, 0.406], dtype=image.dtype).view(3, 1, 1)
        deviation = torch.tensor([0.229, 0.224, 0.225], dtype=image.dtype).view(3, 1, 1)
        embedding = self.sam.vision_encoder((image - mean) / deviation).last_hidden_state
        stages['image_embedding'] = embedding.permute(0, 2, 3, 1)

        grid = self.sizes.sam_vision['image_size'] // self.sizes.sam_vision['patch_size']
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
    # Each cell's mean, where cells cut pixels: repeat to a common multiple, then average whole blocks, axis by axis.
    side = stages['activation'].shape[-1]
    cells = F.avg_pool2d(label.repeat_interleave(side, 2), (label.shape[2], 1))
    cells = F.avg_pool2d(cells.repeat_interleave(side, 3), (1, label.shape[3]))
    return loss + ACTIVATION_WEIGHT * F.binary_cross_entropy_with_logits(stages['activation'], cells)


def draw_weights(names, generator, small=SMALL):
    """Fills the tensors of our_names() with values that make every stage matter: norms away from 1 and 0, no factor at zero, attention not flat.

    Tensors whose name has one of `small` in it are a tenth of that.
    """
    for name, tensor in sorted(names.items()):
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
        elif any(part in name for part in EMBEDDINGS):
            value = 0.5 * noise
        elif tensor.dim() == 1:
            value = 0.4 * noise
        else:  # Larger factors make the network amplify rounding a thousandfold.
            value = (0.3 if 'lora_B' in name else 0.8) * noise / (tensor[0].numel() ** 0.5)
        if any(part in name for part in small):
            value = 0.1 * value
        tensor.data.copy_(value.float())


def relative_error(a, b):
    """|a - b| / |b|, the measure of all golden tests."""
    return ((a.double() - b.double()).norm() / b.double().norm()).reshape(1)


def assign(model, weights):
    """Sets every tensor of the model, whatever its type, to the rounded values of `weights`."""
    for name, tensor in model.our_names().items():
        tensor.data.copy_(weights[name])
    # Transformers names the positional matrix twice.
    shared = model.sam.shared_image_embedding.positional_embedding
    model.sam.prompt_encoder.shared_embedding.positional_embedding.data.copy_(shared.data)
