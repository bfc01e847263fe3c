#!/usr/bin/env python3
"""Writes testdata/lr_schedule.tsv: the learning rate of the released code at all 76,200 steps, by other people's code.

Made with Python 3.11, mmengine 0.10.7 and torch 2.11.0:

    python3 make_lr_schedule.py > testdata/lr_schedule.tsv

The schedulers are those of RSRefSeg's configuration: 200 epochs of 381 steps, base rate 1e-4, linear warm-up by the
iteration over epochs 0 to 5 from 0.01, then a cosine by the epoch from epoch 5 to 200 with T_max 200 and a floor of
0.001 of the base. Both libraries compute each rate from the one before it, and are driven as in a training:

- mmengine: LinearLR, converted from epochs to iterations, stepped after every iteration; CosineAnnealingLR, stepped
  after every epoch.
- torch: LinearLR for the warm-up, stepped after every iteration of it but the last; then CosineAnnealingLR, stepped
  after every epoch that is not warm-up.

Within an epoch the rate is a line: it rises evenly in the warm-up and is constant after it. The file has the rates at
both ends of each line, so that all steps can be compared. That they are lines is checked here, to 1e-12 of the rate.
"""

import warnings

import mmengine
import torch
from mmengine.optim import CosineAnnealingLR, LinearLR

EPOCHS, STEPS, WARMUP, T_MAX = 200, 381, 5, 200
BASE, START, FLOOR = 1e-4, 0.01, 0.001


def make_optimizer():
    return torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=BASE)


def rate(optimizer):
    return optimizer.param_groups[0]['lr']


def by_mmengine():
    optimizer = make_optimizer()
    linear = LinearLR.build_iter_from_epoch(optimizer, start_factor=START, by_epoch=True, begin=0, end=WARMUP, epoch_length=STEPS)
    cosine = CosineAnnealingLR(optimizer, T_max=T_MAX, eta_min_ratio=FLOOR, by_epoch=True, begin=WARMUP, end=EPOCHS)
    rates = []
    for _ in range(EPOCHS):
        for _ in range(STEPS):
            rates.append(rate(optimizer))
            optimizer.step()
            linear.step()
        cosine.step()
    return rates


def by_torch():
    optimizer = make_optimizer()
    warmup = WARMUP * STEPS
    linear = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=START, total_iters=warmup - 1)
    rates = []
    for _ in range(warmup):
        rates.append(rate(optimizer))
        optimizer.step()
        linear.step()
    optimizer = make_optimizer()
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=T_MAX, eta_min=BASE * FLOOR)
    for _ in range(WARMUP, EPOCHS):
        rates += [rate(optimizer)] * STEPS
        optimizer.step()
        cosine.step()
    return rates


def line(rates):
    """The ends of a line."""
    for i, value in enumerate(rates):
        expected = rates[0] + (rates[-1] - rates[0]) * i / (len(rates) - 1)
        assert abs(value - expected) <= 1e-12 * expected, (i, value, expected)
    return f'{rates[0]!r}\t{rates[-1]!r}'


def main():
    warnings.simplefilter('error')
    reference = [by_mmengine(), by_torch()]
    print(f'# By make_lr_schedule.py with mmengine {mmengine.__version__} and torch {torch.__version__.split("+")[0]}.')
    print('# epoch, then the rates of its first and last step: by mmengine, by torch.')
    for epoch in range(EPOCHS):
        steps = slice(epoch * STEPS, (epoch + 1) * STEPS)
        print(epoch, *(line(rates[steps]) for rates in reference), sep='\t')


main()
