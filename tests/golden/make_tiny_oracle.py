#!/usr/bin/env python3
"""Writes the fixtures of tiny_sam_oracle_box_test.cc: Hugging Face's SAM prompted with boxes, in fp64, stored in fp32.

Run with make_tiny.py's versions; those that wrote the files stand in their metadata:
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
import reference  # noqa: E402

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


def main(directory):
    torch.manual_seed(11)
    sizes = make_tiny.sizes_of(released=False)
    sam = reference.make_sam(sizes).double().eval()
    generator = torch.Generator().manual_seed(12)
    names = reference.names_of_sam(sam)
    # What is stored is exactly what the reference computes with.
    reference.draw_weights(names, generator, small=())

    side = make_tiny.SAM_IMAGE
    image = torch.rand((3, 3, side, side), generator=generator).double()
    image = image.float().double()
    boxes = torch.tensor([[3., 5., side - 9., 20.], [0., 0., side - 1., side - 1.], [10., 2., 10., 30.]]).double()
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    with torch.no_grad():
        pixels = (image - mean) / deviation
        prompted = sam(pixel_values=pixels, input_boxes=boxes.unsqueeze(1), multimask_output=False)
        sparse, _ = sam.prompt_encoder(input_points=None, input_labels=None, input_boxes=boxes.unsqueeze(1),
                                       input_masks=None)
        embedding = sam.vision_encoder(pixels).last_hidden_state
    versions = {'torch': torch.__version__, 'transformers': transformers.__version__}
    out = {
        'input.image': image.float(),
        'input.boxes': boxes.float(),
        'stage.image_embedding': embedding.permute(0, 2, 3, 1).float().contiguous(),
        'stage.sparse': sparse[:, 0].float().contiguous(),
        'stage.mask_logits': prompted.pred_masks[:, 0].float().contiguous(),
    }
    save_file(out, os.path.join(directory, 'tiny_oracle_reference.safetensors'), versions)
    save_file({name: tensor.detach().float().contiguous() for name, tensor in names.items()},
              os.path.join(directory, 'tiny_oracle_weights.safetensors'), versions)
    with open(os.path.join(directory, 'tiny_oracle.textproto'), 'w') as spec:
        spec.write(SPEC % (side, sizes.sam_vision['patch_size'], sizes.channels))


if __name__ == '__main__':
    main(sys.argv[1])
