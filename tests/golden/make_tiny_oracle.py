#!/usr/bin/env python3
"""Writes the fixtures of tiny_sam_oracle_box_test: Hugging Face's SAM prompted with boxes, in fp64, stored in fp32.

Run with make_tiny.py's versions (torch 2.x, transformers; those that wrote the files stand in their metadata):
    tests/golden/make_tiny_oracle.py tests/golden/testdata

  tiny_oracle_weights.safetensors    the network under our names
  tiny_oracle_reference.safetensors  input.*, stage.*
  tiny_oracle.textproto              the ModelSpec
"""
import os
import sys

import torch
import transformers
from safetensors.torch import save_file

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import make_tiny  # noqa: E402

SPEC = '''# Written by make_tiny_oracle.py.
sam_oracle_box {
  sam {
    variant: TINY
    vision { hidden_size: 30 mlp_size: 44 layers: 3 heads: 3 }
    image_size: %d
    patch_size: %d
    window_size: 3
    global_attention_layers: 1
    prompt_channels: %d
    mask_input_channels: 20
    decoder_mlp_size: 28
    decoder_heads: 5
  }
}
'''


def main(folder):
    torch.manual_seed(11)
    sam = make_tiny.make_sam().double().eval()
    generator = torch.Generator().manual_seed(12)
    names = {}
    for name, tensor in list(sam.named_parameters()) + list(sam.named_buffers()):
        if name.endswith('position_ids') or name.startswith('prompt_encoder.shared_embedding'):
            continue
        names['sam.' + name] = tensor
    with torch.no_grad():
        for name, tensor in sorted(names.items()):
            noise = torch.randn(tensor.shape, generator=generator).double()
            fan = tensor[0].numel() if tensor.dim() > 1 else 1
            if 'norm' in name:
                value = (1.0 if name.endswith('.weight') else 0.0) + 0.2 * noise
            elif 'pos' in name or 'embed.weight' in name or 'token' in name or '.point_embed' in name:
                value = 0.5 * noise
            elif tensor.dim() == 1:
                value = 0.4 * noise
            else:
                value = 1.2 * noise / fan**0.5
            # What we store is exactly what the reference computes with.
            tensor.copy_(value.float().double())

    side = make_tiny.SAM_IMAGE
    image = torch.rand((3, 3, side, side), generator=generator).double()
    image = image.float().double()
    boxes = torch.tensor([[3., 5., side - 9., 20.], [0., 0., side - 1., side - 1.], [10., 2., 10., 30.]]).double()
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    with torch.no_grad():
        pixels = (image - mean) / deviation
        out = sam(pixel_values=pixels, input_boxes=boxes.unsqueeze(1), multimask_output=False)
        sparse, _ = sam.prompt_encoder(input_points=None, input_labels=None, input_boxes=boxes.unsqueeze(1),
                                       input_masks=None)
        embedding = sam.vision_encoder(pixels).last_hidden_state
    versions = {'torch': torch.__version__, 'transformers': transformers.__version__}
    reference = {
        'input.image': image.float(),
        'input.boxes': boxes.float(),
        'stage.image_embedding': embedding.permute(0, 2, 3, 1).float().contiguous(),
        'stage.sparse': sparse[:, 0].float().contiguous(),
        'stage.mask_logits': out.pred_masks[:, 0].float().contiguous(),
    }
    save_file(reference, os.path.join(folder, 'tiny_oracle_reference.safetensors'), versions)
    save_file({name: tensor.detach().float().contiguous() for name, tensor in names.items()},
              os.path.join(folder, 'tiny_oracle_weights.safetensors'), versions)
    with open(os.path.join(folder, 'tiny_oracle.textproto'), 'w') as spec:
        spec.write(SPEC % (side, make_tiny.SAM_PATCH, make_tiny.CHANNELS))


if __name__ == '__main__':
    main(sys.argv[1])
