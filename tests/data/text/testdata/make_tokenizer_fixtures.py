#!/usr/bin/env python3
"""Writes spiece.model and spiece_bytes.model, small sentencepiece models of our own making, the second with byte pieces,
and tokens.json, texts with the ids that Hugging Face's SiglipTokenizer gives them under either, for tokenizer_test.cc.

Ran with Python 3.11, sentencepiece 0.2.3, transformers 4.57.6 in this folder: python3 make_tokenizer_fixtures.py
"""

import json
import random

import sentencepiece
from transformers import SiglipTokenizer

WORDS = ('the a red blue white small large vehicle windmill airplane storage tank ground track field expressway service area '
         'toll station on left right upper lower at top bottom in middle of to above below').split()

random.seed(5)
# Made-up words beside the real ones, so that pieces shorter than words are worth having.
SYLLABLES = ['ta', 'ri', 'lo', 'ness', 'pre', 'con', 'ing', 'er', 'ma', 'du', 'ski', 'er', 'al', 'que', 'ble', 'za', 'x', 'gh', 'w', 'j', 'cafe']
MADE_UP = [''.join(random.choices(SYLLABLES, k=random.randint(1, 4))) for _ in range(500)]
corpus = [' '.join(random.choices(WORDS + MADE_UP, k=random.randint(2, 9))) for _ in range(3000)]
for name, pieces in [('spiece', 300), ('spiece_bytes', 500)]:
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus), model_prefix=name, vocab_size=pieces, model_type='unigram', character_coverage=1.0,
        normalization_rule_name='identity', pad_id=0, eos_id=1, unk_id=2, bos_id=-1, num_threads=1, minloglevel=2,
        byte_fallback=name == 'spiece_bytes')

texts = [
    '', ' ', '\u2581', ' \u2581', '</s>', '</s>>', '<unk>', 'The red vehicle', 'the red vehicle', ' the red vehicle ',
    'The  red\tvehicle\non the left', 'The red, white & blue tank!', "vehicle's", 'a-b', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    'The tank</s>', 'The tank </s>', 'The tank</s> on the left', 'The tank </s>  on the left', '<unk>tank', 'red<unk> tank',
    '</s> tank', '</S>', 'a </s></s> b', 'THE WINDMILL', 'Caf\u00e9 \u00c9T\u00c9', '\u0130stanbul', 'na\u00efve \u03a3\u039f\u03a6\u039f\u03a3',
    'red\u00a0vehicle', '\u3000red\u3000 vehicle\u3000', 'red\u2581vehicle', '\u2581red', 'red\u2028blue', 'red\x1fblue', '12 tanks', '\U0001f600',
    'x', 'zzzz', 'the the the', 'upperleft', 'ground-track field', 'A storage tank, on the lower right.', 'red\u200bblue',
    ' .red', '. red', 'red .', 'red . blue',
]
texts += [' '.join(random.choices(WORDS, k=random.randint(1, 12))).capitalize() for _ in range(200)]
texts += [' '.join(random.choices(MADE_UP, k=random.randint(1, 6))) for _ in range(200)]
alphabet = 'abc XY.,\u2581\u00a0<>/s\u00e9'
texts += [''.join(random.choices(alphabet, k=random.randint(1, 12))) for _ in range(300)]
for _ in range(800):
    texts.append(' '.join(random.choices(WORDS + MADE_UP, k=random.randint(1, 12))))
    texts.append(''.join(random.choices(alphabet + 'theréüß中😀\u3000', k=random.randint(1, 30))))

ids = {}
for name in ['spiece', 'spiece_bytes']:
    tokenizer = SiglipTokenizer(f'{name}.model', model_max_length=64)
    ids[name] = [tokenizer(text)['input_ids'] for text in texts]
cases = [{'text': text, 'ids': a, 'byte_ids': b}
         for text, a, b in zip(texts, ids['spiece'], ids['spiece_bytes']) if max(len(a), len(b)) <= 64]
with open('tokens.json', 'w') as out:
    out.write('[\n' + ',\n'.join(json.dumps(case, separators=(',', ':')) for case in cases) + '\n]\n')
