#!/usr/bin/env python3
"""A training step of RSRefSeg's two towers in stock PyTorch, Transformers and PEFT, to compare speed with.

SAM's image encoder and SigLIP's two towers with LoRA as the released code has it (rank 16, dropout 0.1), from random
weights, on noise; 98 % of the arithmetic of a step. The prompter and the mask decoder are left out. Prints the rate
of the steps after the first two; the last line is for the table of `all`.

    python3 stock_step.py --device cuda --batch 16 --size b
"""

import argparse
import time

import peft
import torch
import transformers


def towers(size):
    sam = {"tiny": dict(hidden_size=64, num_hidden_layers=2, num_attention_heads=2, image_size=64, mlp_dim=128,
                        window_size=3, global_attn_indexes=[1], output_channels=32),
           "b": {},
           "l": dict(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16,
                     global_attn_indexes=[5, 11, 17, 23])}[size]
    if size == "tiny":
        tower = dict(hidden_size=64, num_hidden_layers=2, num_attention_heads=2, intermediate_size=128)
        siglip = transformers.SiglipConfig(vision_config=dict(tower, image_size=56, patch_size=14),
                                           text_config=dict(tower, vocab_size=100, max_position_embeddings=64))
    else:
        tower = dict(hidden_size=1152, num_hidden_layers=27, num_attention_heads=16, intermediate_size=4304)
        siglip = transformers.SiglipConfig(vision_config=dict(tower, image_size=384, patch_size=14),
                                           text_config=dict(tower, max_position_embeddings=64))
    return (transformers.models.sam.modeling_sam.SamVisionEncoder(transformers.SamVisionConfig(**sam)),
            transformers.SiglipModel(siglip))


def adapted(model, targets, dtype):
    model = peft.get_peft_model(
        model.to(dtype), peft.LoraConfig(r=16, lora_alpha=16, lora_dropout=0.1, target_modules=targets))
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return model


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--size", default="b", choices=["tiny", "b", "l"])
    parser.add_argument("--steps", type=int, default=6)
    args = parser.parse_args()
    torch.manual_seed(1)
    dtype = torch.bfloat16
    sam, siglip = towers(args.size)
    sides = sam.config.image_size, siglip.config.vision_config.image_size
    sam = adapted(sam, ["qkv", "proj", "lin1", "lin2"], dtype).to(args.device).train()
    siglip = adapted(siglip, ["q_proj", "k_proj", "v_proj", "out_proj"], dtype).to(args.device).train()
    trained = [p for m in (sam, siglip) for p in m.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4)
    image = torch.rand(args.batch, 3, sides[0], sides[0], device=args.device, dtype=dtype)
    small = torch.rand(args.batch, 3, sides[1], sides[1], device=args.device, dtype=dtype)
    tokens = torch.randint(3, 90, (args.batch, 16), device=args.device)
    seconds = []
    for step in range(args.steps):
        if args.device == "cuda":
            torch.cuda.synchronize()
        begin = time.perf_counter()
        with torch.autocast(args.device, dtype=dtype):
            map_ = sam(image)[0]
            words = siglip.base_model.model.text_model(input_ids=tokens)[0]
            patches = siglip.base_model.model.vision_model(pixel_values=small)[0]
            loss = map_.float().square().mean() + words.float().square().mean() + patches.float().square().mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if args.device == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - begin)
        print(f"step {step + 1}: {seconds[-1]:.3f} s, loss {loss.item():.5f}", flush=True)
    rate = args.batch * len(seconds[2:]) / sum(seconds[2:])
    print(f"  stock {rate:.2f} images/s (PyTorch {torch.__version__}, Transformers {transformers.__version__}, "
          f"PEFT {peft.__version__})")


if __name__ == "__main__":
    main()
