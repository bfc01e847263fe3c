"""Prints what TensorBoard reads in a directory: tag, step, value and seconds after 1700000000, a line for each point."""

import sys

from tensorboard.backend.event_processing import event_accumulator

events = event_accumulator.EventAccumulator(sys.argv[1])
events.Reload()
for tag in sorted(events.Tags()['scalars']):
    for point in events.Scalars(tag):
        print(tag, point.step, point.value, point.wall_time - 1700000000)
