#!/usr/bin/env python3
"""Writes tiny directories of weights as Hugging Face's Transformers and PEFT save them, and what they compute with them.

Made with Python 3.11, torch 2.11.0 (CPU), transformers 5.23.0, peft 0.21.2, safetensors 0.8.0:

  python3 tests/golden/make_hugging_face.py tests/golden/testdata/published

  siglip/            SiglipModel.save_pretrained(max_shard_size="9KB"): config.json, index and shards, fp32
  siglip_bf16/       the same in bfloat16, one file, config.json as the published ones are: only what differs from the
                     defaults of the configuration classes
  sam/               SamModel.save_pretrained: config.json and one file, fp32
  adapters/          what PEFT saves of LoRA on SiglipModel's two towers and on SamModel: siglip_vision/, siglip_text/,
                     sam_vision/; the vision adapters with a pattern, the others with lists of names as target_modules
  adapters_of_towers/siglip_vision/  the adapter of a bare vision tower wrapped as in the released code of RSRefSeg
  reference.safetensors  input.*, and stage.* as the models with adapters compute them in fp64, stored in fp32

Sizes are odd on purpose and are repeated in published.textproto. SAM has its window of 3 on a grid of 5.
"""

import json
import os
import shutil
import sys

import peft
import safetensors.torch
import torch
import transformers

SEED = 11
WIDTH, CHANNELS = 12, 24

# Transformers computes some softmaxes in fp32 even where the model is in fp64.
_softmax = torch.nn.functional.softmax
torch.nn.functional.softmax = lambda x, dim=None, dtype=None, **_: _softmax(x, dim=dim)


def make_siglip():
    vision = dict(hidden_size=WIDTH, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3, image_size=22,
                  patch_size=7)
    text = dict(hidden_size=WIDTH, intermediate_size=17, num_hidden_layers=3, num_attention_heads=2, vocab_size=23,
                max_position_embeddings=9, pad_token_id=1, eos_token_id=1)
    return transformers.SiglipModel(transformers.SiglipConfig(text_config=text, vision_config=vision))


def make_sam():
    return transformers.SamModel(transformers.SamConfig(
        vision_config=dict(hidden_size=18, output_channels=CHANNELS, num_hidden_layers=2, num_attention_heads=3,
                           image_size=30, patch_size=6, window_size=3, global_attn_indexes=[1],
                           num_pos_feats=CHANNELS // 2, mlp_dim=22),
        prompt_encoder_config=dict(hidden_size=CHANNELS, image_size=30, patch_size=6, mask_input_channels=12),
        mask_decoder_config=dict(hidden_size=CHANNELS, mlp_dim=10, num_attention_heads=3,
                                 iou_head_hidden_dim=CHANNELS)))


def draw(tensors, generator):
    """Values that make every stage matter; as close to those of make_tiny.py as the sizes allow."""
    for name, tensor in sorted(tensors):
        noise = torch.randn(tensor.shape, generator=generator)
        if 'norm' in name:
            value = (1.0 if name.endswith('.weight') else 0.0) + 0.2 * noise
        elif tensor.dim() < 2 or 'pos' in name or 'embed.weight' in name or 'token' in name or 'probe' in name:
            value = 0.5 * noise
        else:
            value = (0.3 if 'lora_B' in name else 0.8) * noise / (tensor[0].numel() ** 0.5)
        # bfloat16 holds the base weights exactly, so that both directories have the same ones.
        value = value.float() if 'lora_' in name else value.bfloat16()
        tensor.data.copy_(value)


def lora(rank, alpha, targets):
    return peft.LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=0.05, target_modules=targets)


ATTENTION = ['k_proj', 'v_proj', 'q_proj', 'out_proj']
# Bound to one tower, and not to the pooling head: the network does not build it.
VISION = r'vision_model\.encoder\.layers\..*\.(k_proj|v_proj|q_proj|out_proj)'
TEXT = [f'text_model.encoder.layers.{i}.self_attn.{name}' for i in range(3) for name in ATTENTION] + ['text_model.head']
SAM = [f'vision_encoder.layers.{i}.{name}' for i in range(2)
       for name in ['attn.qkv', 'attn.proj', 'mlp.lin1', 'mlp.lin2']] + [
           'vision_encoder.neck.conv1', 'vision_encoder.neck.conv2']


def attach(model, name, config, generator):
    """The model with one new adapter whose factors are drawn."""
    if isinstance(model, peft.PeftModel):
        model.add_adapter(name, config)
    else:
        model = peft.get_peft_model(model, config, adapter_name=name)
    factors = [(n, t) for n, t in model.named_parameters() if f'.{name}.weight' in n]
    draw(factors, generator)
    return model


def save_adapter(model, name, directory):
    model.save_pretrained(f'{directory}/{name}', selected_adapters=[name])
    # PEFT puts an adapter with a name of its own into a directory of that name.
    for file in ['adapter_config.json', 'adapter_model.safetensors']:
        os.replace(f'{directory}/{name}/{name}/{file}', f'{directory}/{name}/{file}')
    shutil.rmtree(f'{directory}/{name}/{name}')
    if os.path.exists(f'{directory}/{name}/README.md'):
        os.remove(f'{directory}/{name}/README.md')


def main(directory):
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    siglip, sam = make_siglip().eval(), make_sam().eval()
    for model in [siglip, sam]:
        draw([(n, t) for n, t in model.state_dict(keep_vars=True).items()], generator)
    gaussian = sam.shared_image_embedding.positional_embedding
    sam.prompt_encoder.shared_embedding.positional_embedding.data.copy_(gaussian.data)
    siglip.save_pretrained(f'{directory}/siglip', max_shard_size='9KB')
    sam.save_pretrained(f'{directory}/sam')
    siglip.bfloat16().save_pretrained(f'{directory}/siglip_bf16')
    siglip.float()
    with open(f'{directory}/siglip_bf16/config.json', 'w', encoding='utf-8') as file:
        json.dump({
            'architectures': ['SiglipModel'], 'initializer_factor': 1.0, 'model_type': 'siglip',
            'text_config': {'hidden_size': WIDTH, 'intermediate_size': 17, 'model_type': 'siglip_text_model',
                            'num_attention_heads': 2, 'num_hidden_layers': 3, 'vocab_size': 23,
                            'max_position_embeddings': 9},
            'torch_dtype': 'bfloat16', 'transformers_version': '4.37.0.dev0',
            'vision_config': {'hidden_size': WIDTH, 'image_size': 22, 'intermediate_size': 20,
                              'model_type': 'siglip_vision_model', 'num_attention_heads': 3, 'num_hidden_layers': 2,
                              'patch_size': 7}}, file, indent=2)

    siglip = attach(siglip, 'siglip_vision', lora(3, 7, VISION), generator)
    siglip = attach(siglip, 'siglip_text', lora(5, 5, TEXT), generator)
    sam = attach(sam, 'sam_vision', lora(2, 7, SAM), generator)
    for model, name in [(siglip, 'siglip_vision'), (siglip, 'siglip_text'), (sam, 'sam_vision')]:
        save_adapter(model, name, f'{directory}/adapters')

    # As RSRefSeg wraps a tower: keys are base_model.model.model.encoder...
    class Wrapped(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = make_siglip().vision_model

    wrapped = peft.get_peft_model(Wrapped(), lora(3, 7, r'model\.encoder\.layers\..*\.(k_proj|v_proj|q_proj|out_proj)'),
                                  adapter_name='siglip_vision')
    below = lambda name: name[name.index('encoder.layers.'):]
    values = {below(n): t for n, t in siglip.named_parameters() if '.siglip_vision.weight' in n}
    for name, tensor in wrapped.named_parameters():
        if '.siglip_vision.weight' in name:
            tensor.data.copy_(values[below(name)])
    save_adapter(wrapped, 'siglip_vision', f'{directory}/adapters_of_towers')

    siglip.base_model.set_adapter(['siglip_vision', 'siglip_text'])
    siglip, sam = siglip.double().eval(), sam.double().eval()
    pixels = torch.randn((2, 3, 22, 22), generator=generator).float().double()
    image = torch.randn((2, 3, 30, 30), generator=generator).float().double()
    ids = torch.randint(2, 23, (2, 6), generator=generator)
    ids[:, -1] = 1
    mask = torch.randn((2, 1, 20, 20), generator=generator).float().double()
    with torch.no_grad():
        base = siglip.base_model.model
        out = {
            'stage.vision_hidden': base.vision_model(pixel_values=pixels).last_hidden_state,
            'stage.text_hidden': base.text_model(input_ids=ids).last_hidden_state,
            'stage.text_pooled': base.text_model(input_ids=ids).pooler_output,
            'stage.image_embedding': sam.base_model.model.vision_encoder(image).last_hidden_state.permute(0, 2, 3, 1),
            'stage.dense': sam.base_model.model.prompt_encoder.mask_embed(mask).permute(0, 2, 3, 1),
        }
    out.update({'input.pixels': pixels, 'input.image': image, 'input.mask': mask})
    out = {n: t.float().contiguous() for n, t in out.items()}
    out['input.token_ids'] = ids
    safetensors.torch.save_file(out, f'{directory}/reference.safetensors')


if __name__ == '__main__':
    main(sys.argv[1])
