#!/usr/bin/env python3
"""Shows that the golden tests can fail: breaks one detail of model/ after another and runs them.

  python3 tests/golden/mutations.py [NAME...]

Works on a copy of HEAD in a temporary worktree, which it removes. About a minute each on two cores. Prints a line per
mutation and exits 1 if one was not noticed. BAZEL names the program, `bazel` unless set.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

BAZEL = os.environ.get('BAZEL', 'bazel')
TESTS = ['//tests/golden:golden_test']
TWO_WAY = 'model/sam/two_way_transformer.cc'
IMAGE = 'model/sam/image_encoder.cc'
# Name, file, text (which is there once), replacement.
MUTATIONS = [
    ('eps of SigLIP norms', 'model/siglip/encoder.cc', 'LayerNorm(channels, 1e-6)', 'LayerNorm(channels, 1e-5)'),
    ('eps of SAM image encoder norms', IMAGE, 'LayerNorm(channels, 1e-6)', 'LayerNorm(channels, 1e-5)'),
    ('eps of decoder norms', TWO_WAY, 'kEps = 1e-6', 'kEps = 1e-5'),
    ('eps of the last decoder norm', TWO_WAY, 'kLastEps = 1e-5', 'kLastEps = 1e-6'),
    ('eps of the upscaling norm', 'model/sam/mask_decoder.cc', 'channels / 4, 1e-6', 'channels / 4, 1e-5'),
    ('eps of the mask embedding norms', 'model/sam/prompt_encoder.cc', 'LayerNorm(channels, 1e-6)',
     'LayerNorm(channels, 1e-5)'),
    ('eps of batch norm', 'model/layers/sync_batch_norm.cc', 'kEps = 1e-5', 'kEps = 1e-6'),
    ('scale of attention with relative positions', 'model/layers/attention.cc', 'q * scale, row_terms',
     'q * (1.01 * scale), row_terms'),
    ('relative positions of rows and columns swapped', IMAGE, 'rows_of(rel_pos_h_),\n      rows_of(rel_pos_w_)',
     'rows_of(rel_pos_w_),\n      rows_of(rel_pos_h_)'),
    ('SigLIP feeds its MLP from the first norm', 'model/siglip/encoder.cc', 'mlp_->forward(layer_norm2_->forward(attended))',
     'mlp_->forward(layer_norm1_->forward(attended))'),
    ('decoder norms its MLP alone', TWO_WAY, 'layer_norm3_->forward(tokens + mlp_->forward(tokens))',
     'tokens + layer_norm3_->forward(mlp_->forward(tokens))'),
    ('windows are filled before the norm', IMAGE, 'JoinWindows(attn_->forward(CutWindows(mixed, window_)), window_, grid)',
     'JoinWindows(attn_->forward(layer_norm1_->forward(CutWindows(x, window_))), window_, grid)'),
    ('windows are filled at the top left', IMAGE, '{0, 0, 0, fill, 0, fill}', '{0, 0, fill, 0, fill, 0}'),
    ('align_corners of SigLIP\'s image', 'model/layers/normalize.cc', '/*align_corners=*/false', 'true'),
    ('align_corners of the activation', 'model/layers/interpolate.cc',
     'std::max(0.0, (static_cast<double>(i) + 0.5) * scale - 0.5)',
     'static_cast<double>(i) * static_cast<double>(from - 1) / static_cast<double>(to - 1) + 0 * scale'),
    ('GELU of SigLIP without tanh', 'model/layers/mlp.cc', 'at::gelu(x, "tanh")', 'at::gelu(x)'),
    ('GELU of SAM with tanh', 'model/layers/mlp.cc', 'return at::gelu(x);', 'return at::gelu(x, "tanh");'),
    ('first decoder layer keeps its input', TWO_WAY, 'tokens = self_attn_->forward(tokens, tokens, tokens)',
     'tokens = tokens + self_attn_->forward(tokens, tokens, tokens)'),
    ('position in the values of the decoder', TWO_WAY, 'placed_image, in.image);', 'placed_image, placed_image);'),
    ('x and y of positions swapped', 'model/sam/prompt_encoder.cc', 'at::stack({x, y}, -1)', 'at::stack({y, x}, -1)'),
    ('mask of another token', 'model/sam/mask_decoder.cc', 'kFirstMaskToken = 1', 'kFirstMaskToken = 2'),
    ('rows and columns of upscaling swapped', 'model/sam/mask_decoder.cc', '.permute({0, 1, 4, 2, 5, 3})',
     '.permute({0, 1, 5, 2, 4, 3})'),
    ('LoRA scale without the rank', 'model/lora/lora_layers.cc', 'spec.alpha() / spec.rank()', 'spec.alpha()'),
    ('similarity without exp of its scale', 'model/attn_prompter/similarity.cc', 'logit_scale_.exp()', 'logit_scale_'),
    ('the end token counts as a word', 'model/siglip/text_encoder.cc', 'text.end = counts.to(device) - 1',
     'text.end = counts.to(device)'),
    ('mean of SAM\'s pixels', 'model/layers/normalize.cc', '0.485, 0.456, 0.406', '0.485, 0.456, 0.408'),
    ('cells of the activation\'s label', 'model/layers/interpolate.cc', 'std::min(end, static_cast<double>(j + 1))',
     'std::min(end, static_cast<double>(j + 2))'),
]


def verdict(tree, test):
    """'noticed', 'MISSED' or 'broken', where it does not even compile."""
    quiet = dict(cwd=tree, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if subprocess.run([BAZEL, 'build', *test], **quiet).returncode != 0:
        return 'broken'
    return 'MISSED' if subprocess.run([BAZEL, 'test', *test], **quiet).returncode == 0 else 'noticed'


def main(wanted):
    verdicts = []
    with tempfile.TemporaryDirectory() as directory:
        tree = pathlib.Path(directory) / 'tree'
        subprocess.run(['git', 'worktree', 'add', '--quiet', '--detach', tree], check=True)
        try:
            for name, file, old, new in MUTATIONS:
                if wanted and name not in wanted:
                    continue
                text = (tree / file).read_text()
                if text.count(old) != 1:
                    verdicts.append('broken')
                    print(f'{name}: {file} has {text.count(old)} times {old!r}', flush=True)
                    continue
                (tree / file).write_text(text.replace(old, new))
                verdicts.append(verdict(tree, TESTS))
                (tree / file).write_text(text)
                print(f'{verdicts[-1]:8} {name}', flush=True)
        finally:
            subprocess.run([BAZEL, 'clean', '--expunge'], cwd=tree, check=True, stderr=subprocess.DEVNULL)
            subprocess.run(['git', 'worktree', 'remove', '--force', tree], check=True)
    print(f'{verdicts.count("noticed")} of {len(verdicts)} mutations noticed')
    return 0 if verdicts and all(v == 'noticed' for v in verdicts) else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
