#!/usr/bin/env python3
"""A simulated Slurm: what launchers and jobs see of one, with thousands of jobs and many faults on one machine.

slurm.py DIR OPTIONS starts the controller. OPTIONS is JSON:
  nodes           jobs that run at a time
  seed            of all that happens by chance
  limit           seconds that a job may run; the signal of sbatch --signal comes at four fifths of it
  deaths, preemptions, forgotten
                  of each, how many there are in a second of a running job
  deaf            [[from, to], ...] seconds in which squeue does not answer
  failing         [[from, to], ...] seconds in which clients cannot reach the controller
  lost            sbatch calls, from 0, whose jobs a crash of the controller takes away; the next job gets their number

DIR/bin has sbatch, squeue, scancel and scontrol for PATH, DIR/port appears once it answers, DIR/counts.json has at the end
what was asked and what happened. Jobs are real processes: the script, started by bash with the variables of a job.
"""

import heapq
import json
import os
import random
import selectors
import signal
import socket
import subprocess
import sys
import time

CLIENT = """#!/bin/bash
exec 3<>"/dev/tcp/127.0.0.1/$(<{port})" || exit 1
printf '%s\\n' "${{0##*/}}" "$@" . >&3
IFS= read -r code <&3 || exit 1
if [ "$code" != 0 ]; then cat <&3 >&2; else while IFS= read -r line; do printf '%s\\n' "$line"; done <&3; fi
exit "$code"
"""
MIN_JOB_AGE = 10.0
REQUEUE_DELAY = 0.5
GRACE = 8.0
TICK = 0.05
# Jobs that start in a tick: clients wait meanwhile.
STARTS = 10


class Job:
    def __init__(self, array, index, name, comment, singleton, command):
        self.array, self.index, self.name, self.comment = array, index, name, comment
        self.singleton, self.command = singleton, command
        self.state, self.reason, self.node = 'PENDING', 'Resources', None
        self.number = str(array) if index is None else f'{array}_{index}'
        self.eligible = self.start = self.end = 0.0
        self.restarts, self.process, self.doomed = 0, None, None


class Controller:
    def __init__(self, directory, options):
        self.dir, self.options = directory, options
        self.random = random.Random(options.get('seed', 1))
        self.jobs, self.next = [], 1
        self.free = list(range(options['nodes'], 0, -1))
        self.timers, self.submissions = [], 0
        self.counts = dict.fromkeys(
            ['sbatch', 'squeue', 'scontrol', 'scancel', 'deaf', 'failing', 'deaths', 'preemptions', 'limits', 'forgotten', 'lost',
             'starts', 'kills'], 0)
        self.waiting = []
        self.begin = time.monotonic()
        self.running = set()

    def now(self):
        return time.monotonic() - self.begin

    def within(self, what):
        return any(a <= self.now() < b for a, b in self.options.get(what, []))

    # Clients.

    def answer(self, words):
        name, args = words[0], words[1:]
        self.counts[name] += 1
        if self.within('failing'):
            self.counts['failing'] += 1
            return 1, 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)'
        if name == 'squeue' and self.within('deaf') and not any(a.startswith('--jobs') for a in args):
            self.counts['deaf'] += 1
            return None
        return getattr(self, name)(args)

    def sbatch(self, args):
        given, rest = {}, []
        for arg in args:
            if arg.startswith('--') and not rest:
                key, _, value = arg[2:].partition('=')
                given[key] = value
            else:
                rest.append(arg)
        indices = [None]
        if 'array' in given:
            first, last = given['array'].split('-')
            indices = range(int(first), int(last) + 1)
        number = self.next
        for index in indices:
            self.jobs.append(Job(number, index, given['job-name'], given['comment'], 'dependency' in given, rest))
        self.next += len(indices)
        if self.submissions in self.options.get('lost', []):
            self.jobs = [job for job in self.jobs if job.array != number]
            self.next = number
            self.counts['lost'] += 1
        self.submissions += 1
        return 0, str(number)

    def squeue(self, args):
        given = dict(arg[2:].partition('=')[::2] for arg in args)
        if 'jobs' in given:
            states = [job.state for job in self.jobs if given['jobs'] in (job.number, self.pid_number(job))]
            return (0, states[0]) if states else (1, 'slurm_load_jobs error: Invalid job id specified')
        names = given['name'].split(',')
        lines, waiting = [], {}
        for job in self.jobs:
            if job.name not in names:
                continue
            if job.state == 'PENDING' and job.index is not None and job.restarts == 0:
                waiting.setdefault((job.array, job.name, job.comment, job.reason), []).append(job.index)
                continue
            lines.append(f'{job.number}|{job.state}|N/A|{job.node or ""}|{job.name}|{job.comment}|{job.reason}')
        for (array, name, comment, reason), indices in waiting.items():
            lines.append(f'{array}_[{min(indices)}-{max(indices)}]|PENDING|N/A||{name}|{comment}|{reason}')
        return 0, '\n'.join(lines)

    def scontrol(self, args):
        for job in self.jobs:
            if args[0] == 'requeue' and self.pid_number(job) == args[1] and job.state == 'RUNNING':
                self.kill(job)
                self.requeue(job)
                return 0, ''
        return 1, 'Requested operation is presently disabled'

    def scancel(self, args):
        given = dict(arg[2:].partition('=')[::2] for arg in args if arg.startswith('--'))
        for job in self.jobs:
            if job.name in given.get('name', '').split(',') and job.state == given.get('state', job.state):
                self.kill(job)
                self.finish(job, 'CANCELLED')
        return 0, ''

    # Jobs.

    @staticmethod
    def pid_number(job):
        """SLURM_JOB_ID, which for a part of an array is another number than %i says."""
        return f'9{job.array:04d}{job.index or 0:05d}'

    def start(self, job):
        job.node, job.state, job.reason, job.start = f'n{self.free.pop()}', 'RUNNING', 'None', self.now()
        env = dict(os.environ, SLURM_JOB_ID=self.pid_number(job), SLURM_JOB_NODELIST=job.node, PATH=f'{self.dir}/bin:/usr/bin:/bin')
        if job.index is not None:
            env.update(SLURM_ARRAY_JOB_ID=str(job.array), SLURM_ARRAY_TASK_ID=str(job.index))
        if job.restarts:
            env['SLURM_RESTART_COUNT'] = str(job.restarts)
        with open(f'{self.dir}/slots.log', 'ab') as log:
            job.process = subprocess.Popen(['/bin/bash'] + job.command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                           start_new_session=True)
        self.counts['starts'] += 1
        self.running.add(job)
        rate = {kind: self.options.get(kind, 0) for kind in ('deaths', 'preemptions', 'forgotten')}
        for kind, per_second in rate.items():
            if per_second > 0:
                self.later(self.random.expovariate(per_second), job, kind)
        self.later(self.options['limit'] * 0.8, job, 'limits')

    def later(self, seconds, job, kind):
        heapq.heappush(self.timers, (self.now() + seconds, id(job), job, kind, job.restarts))

    def kill(self, job):
        if job.process is not None:
            try:
                os.killpg(job.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            job.process.wait()
            self.counts['kills'] += 1

    def leave(self, job):
        if job.process is not None:
            self.free.append(int(job.node[1:]))
        job.process = None
        self.running.discard(job)

    def requeue(self, job):
        self.leave(job)
        job.state, job.reason, job.node = 'PENDING', 'BeginTime', None
        job.restarts += 1
        job.eligible = self.now() + REQUEUE_DELAY

    def finish(self, job, state):
        self.leave(job)
        job.state, job.reason, job.end = state, 'None', self.now()

    def fire(self, job, kind, restarts):
        if job.state != 'RUNNING' or job.restarts != restarts or job not in self.running:
            return
        if kind in self.counts:
            self.counts[kind] += 1
        if kind == 'deaths':
            self.kill(job)
            self.requeue(job)
        elif kind == 'forgotten':
            self.kill(job)
            self.leave(job)
            self.jobs.remove(job)
        elif kind in ('preemptions', 'limits'):
            os.kill(job.process.pid, signal.SIGUSR2)
            self.later(GRACE, job, 'end of ' + kind)
        elif kind == 'end of preemptions':
            self.kill(job)
            self.requeue(job)
        else:
            self.kill(job)
            self.finish(job, 'TIMEOUT')

    def step(self):
        while self.timers and self.timers[0][0] <= self.now():
            _, _, job, kind, restarts = heapq.heappop(self.timers)
            self.fire(job, kind, restarts)
        for job in list(self.running):
            if job.process.poll() is not None:
                self.finish(job, 'COMPLETED' if job.process.returncode == 0 else 'FAILED')
        self.jobs = [job for job in self.jobs if not job.end or self.now() - job.end < MIN_JOB_AGE]
        busy = {job.name for job in self.running if job.singleton}
        most = self.counts['starts'] + STARTS
        for job in self.jobs:
            if not self.free or self.counts['starts'] == most:
                break
            if job.state == 'PENDING' and job.eligible <= self.now() and not (job.singleton and job.name in busy):
                busy.add(job.name)
                self.start(job)

    def serve(self):
        server = socket.create_server(('127.0.0.1', 0), backlog=256)
        os.makedirs(f'{self.dir}/bin', exist_ok=True)
        for name in ('sbatch', 'squeue', 'scancel', 'scontrol'):
            with open(f'{self.dir}/bin/{name}', 'w') as file:
                file.write(CLIENT.format(port=f'{self.dir}/port'))
            os.chmod(f'{self.dir}/bin/{name}', 0o755)
        with open(f'{self.dir}/port.new', 'w') as file:
            file.write(str(server.getsockname()[1]))
        os.rename(f'{self.dir}/port.new', f'{self.dir}/port')
        selector = selectors.DefaultSelector()
        selector.register(server, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select(TICK):
                if key.fileobj is not server:
                    continue
                client, _ = server.accept()
                client.settimeout(5)
                try:
                    text = b''
                    while not text.endswith(b'\n.\n'):
                        piece = client.recv(65536)
                        if not piece:
                            break
                        text += piece
                    words = text.decode().split('\n')[:-2]
                    said = self.answer(words) if words else (1, '')
                    if said is None:
                        self.waiting.append(client)  # Never answered.
                        continue
                    client.sendall(f'{said[0]}\n{said[1]}\n'.encode() if said[1] else f'{said[0]}\n'.encode())
                except OSError:
                    pass
                client.close()
            self.step()

    def stop(self, *_):
        for job in list(self.running):
            self.kill(job)
        with open(f'{self.dir}/counts.json', 'w') as file:
            json.dump(self.counts, file)
        sys.exit(0)


if __name__ == '__main__':
    controller = Controller(sys.argv[1], json.loads(sys.argv[2]))
    signal.signal(signal.SIGTERM, controller.stop)
    controller.serve()
