"""Writes the tensor names and shapes of published checkpoints as *.keys.

Made with transformers 4.42.4 and torch 2.11.0, from the classes alone (no
weights are read): python3 make_checkpoint_keys.py

A line is a name and its shape, "logit_scale [1]". Runs of layers whose shapes
agree are folded: "layers.{0,1,3}.attn.rel_pos_h [27, 64]". Lines are in order
of the name. The comment on top has counts over the unfolded list.
"""

import collections
import re

import torch
import transformers


def siglip_so400m():
    size = dict(
        hidden_size=1152,
        intermediate_size=4304,
        num_hidden_layers=27,
        num_attention_heads=16,
    )
    return transformers.SiglipModel(
        transformers.SiglipConfig(
            text_config=size,
            vision_config=dict(size, image_size=384, patch_size=14),
        )
    )


def sam(hidden, layers, heads, global_layers):
    return transformers.SamModel(
        transformers.SamConfig(
            vision_config=dict(
                hidden_size=hidden,
                num_hidden_layers=layers,
                num_attention_heads=heads,
                global_attn_indexes=global_layers,
                mlp_dim=4 * hidden,
            )
        )
    )


def write(name, model):
    tensors = dict(model.state_dict())
    # The same tensor under a second name.
    tensors.pop("prompt_encoder.shared_embedding.positional_embedding", None)
    folded = collections.defaultdict(list)
    for key, tensor in tensors.items():
        match = re.fullmatch(r"(.*(?:encoder|vision_encoder)\.layers\.)(\d+)(\..*)", key)
        head, layer, tail = match.groups() if match else (key, None, "")
        folded[(head, tail, str(list(tensor.shape)))].append(layer)
    lines = []
    for (head, tail, shape), layers in folded.items():
        middle = "" if layers == [None] else "{" + ",".join(layers) + "}"
        lines.append(f"{head}{middle}{tail} {shape}\n")
    elements = sum(t.numel() for t in tensors.values())
    with open(name + ".keys", "w") as f:
        f.write(f"# {len(tensors)} tensors, {elements} elements\n")
        f.writelines(sorted(lines))


with torch.device("meta"):
    write("siglip-so400m-patch14-384", siglip_so400m())
    write("sam-vit-base", sam(768, 12, 12, [2, 5, 8, 11]))
    write("sam-vit-large", sam(1024, 24, 16, [5, 11, 17, 23]))
    write("sam-vit-huge", sam(1280, 32, 16, [7, 15, 23, 31]))
