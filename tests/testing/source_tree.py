"""For tests that look at the source tree itself instead of at what Bazel built from it.

Such a test is an sh_test around a Python script with tags ["external", "local", "no-cache"]: it always runs, because no
list of inputs could name every file, present and future. Its path in the runfiles is a link into the tree, so the tree
is where the resolved path lies. Everything such a test reads is found with files().

    def check_names():
        '''Names are right.'''
        yield from problems          # one string each, "FILE:LINE: what is wrong"

    source_tree.main([check_names])
"""

import os
import subprocess
import sys
import xml.sax.saxutils as xml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


def files(*endings):
    """The files of the tree that end so, relative to its root, sorted."""
    listed = subprocess.run([os.path.join(ROOT, 'tools/files')], stdout=subprocess.PIPE, check=True, text=True).stdout
    return [f for f in listed.splitlines() if not endings or f.endswith(endings)]


def read(name):
    with open(os.path.join(ROOT, name), encoding='utf-8', errors='replace') as f:
        return f.read()


def exists(name):
    return os.path.exists(os.path.join(ROOT, name))


def main(checks):
    """Runs the checks, prints their problems, writes the JUnit file that Bazel asks for, and exits."""
    cases = []
    failed = False
    for check in checks:
        problems = list(check())
        for problem in problems:
            print(f'{check.__name__}: {problem}')
        body = f'<failure message={xml.quoteattr(problems[0])}/>' if problems else ''
        cases.append(f'<testcase name={xml.quoteattr(check.__name__)}>{body}</testcase>')
        failed = failed or bool(problems)
    if os.environ.get('XML_OUTPUT_FILE'):
        with open(os.environ['XML_OUTPUT_FILE'], 'w') as f:
            f.write('<testsuites><testsuite name="source_tree">%s</testsuite></testsuites>\n' % ''.join(cases))
    sys.exit(1 if failed else 0)
