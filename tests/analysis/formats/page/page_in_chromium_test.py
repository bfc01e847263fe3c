#!/usr/bin/env python3
"""The report page in headless Chromium at the widths of a phone, a tablet and a desk, and on paper.

Chromium is driven through its own debugging protocol over a pipe. Where it is not installed the test says so and passes.
Screenshots and the paper are among the undeclared outputs of the test, to be looked at.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time

ROOT = os.environ['TEST_TMPDIR']
OUTPUTS = os.environ.get('TEST_UNDECLARED_OUTPUTS_DIR', ROOT)
WIDTHS = (320, 768, 1280)


class Browser:
    """One page of a Chromium process."""

    def __init__(self, program):
        from_us, to_browser = os.pipe()
        self._from_browser, from_browser = os.pipe()
        self._to_browser = to_browser
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            ['sh', '-c', f'exec "$0" "$@" 3<&{from_us} 4>&{from_browser}', program, '--headless=new', '--no-sandbox',
             '--disable-gpu', '--disable-dev-shm-usage', '--remote-debugging-pipe', '--force-prefers-reduced-motion',
             f'--user-data-dir={ROOT}/profile'],
            pass_fds=(from_us, from_browser), stderr=subprocess.DEVNULL)
        os.close(from_us)
        os.close(from_browser)
        self._buffer = b''
        self._last = 0
        self.events = []
        self._session = None
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self._session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in 'Page', 'Runtime', 'Log', 'Network':
            self.call(f'{domain}.enable')

    def _read(self, seconds):
        end = time.monotonic() + seconds
        while b'\0' not in self._buffer:
            ready, _, _ = select.select([self._from_browser], [], [], max(0, end - time.monotonic()))
            assert ready, 'Chromium does not answer'
            read = os.read(self._from_browser, 1 << 20)
            assert read, 'Chromium ended'
            self._buffer += read
        message, self._buffer = self._buffer.split(b'\0', 1)
        return json.loads(message)

    def call(self, method, **params):
        self._last += 1
        message = {'id': self._last, 'method': method, 'params': params}
        if self._session:
            message['sessionId'] = self._session
        data = json.dumps(message).encode() + b'\0'
        while data:
            data = data[os.write(self._to_browser, data):]
        while True:
            answer = self._read(120)
            if answer.get('id') == self._last:
                assert 'error' not in answer, f'{method}: {answer["error"]}'
                return answer['result']
            self.events.append(answer)

    def open(self, path):
        self.events.clear()
        self.call('Page.navigate', url='file://' + path)
        while not any(e.get('method') == 'Page.loadEventFired' for e in self.events):
            self.events.append(self._read(120))

    def run(self, script):
        """The value of an expression."""
        result = self.call('Runtime.evaluate', expression=script, returnByValue=True, awaitPromise=True)
        assert 'exceptionDetails' not in result, result
        return result['result'].get('value')

    def resize(self, width):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=900, deviceScaleFactor=1, mobile=width < 500)

    def keep(self, name, method='Page.captureScreenshot', **params):
        with open(os.path.join(OUTPUTS, name), 'wb') as f:
            f.write(base64.b64decode(self.call(method, **params)['data']))

    def complaints(self):
        """Errors of scripts and of the page, and what it asked a network for."""
        for event in self.events:
            method, params = event.get('method'), event.get('params', {})
            if method == 'Runtime.exceptionThrown':
                yield params['exceptionDetails'].get('exception', {}).get('description', 'exception')
            elif method == 'Runtime.consoleAPICalled' and params['type'] in ('error', 'warning'):
                yield f'console: {params["args"]}'
            elif method == 'Log.entryAdded' and params['entry']['level'] in ('error', 'warning'):
                yield f'log: {params["entry"]["text"]}'
            elif method == 'Network.requestWillBeSent' and not params['request']['url'].startswith(('file:', 'data:')):
                yield f'network: {params["request"]["url"]}'

    def close(self):
        self.process.kill()
        self.process.wait()


# Text whose contrast to what is behind it is below 4.5, and what has no name for people who do not see it.
ACCESS = r'''(() => {
  const found = [];
  const parse = (c) => (c.match(/[\d.]+/g) || []).map(Number);
  const light = (rgb) => [0.2126, 0.7152, 0.0722].reduce((sum, w, i) => {
    const s = rgb[i] / 255;
    return sum + w * (s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4);
  }, 0);
  const behind = (node) => {
    for (let n = node; n; n = n.parentElement) {
      const c = parse(getComputedStyle(n).backgroundColor);
      if (c.length === 3 || c[3] > 0.5) return c;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || ["SCRIPT", "NOSCRIPT", "TITLE", "title"].includes(parent.tagName)) continue;
    if (parent.disabled) continue;
    const style = getComputedStyle(parent);
    const [a, b] = [light(parse(parent.closest("svg") ? style.fill : style.color)), light(behind(parent))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.push(`contrast ${contrast.toFixed(2)}: ${walker.currentNode.textContent.slice(0, 40)}`);
  }
  for (const n of document.querySelectorAll("input, select")) if (!n.labels.length) found.push(`no label: ${n.name}`);
  for (const n of document.querySelectorAll("img")) if (!n.alt) found.push("an image without a text");
  for (const n of document.querySelectorAll("svg")) {
    if (!n.ariaLabel && n.getAttribute("aria-hidden") !== "true") found.push("a chart without a text");
  }
  for (const n of document.querySelectorAll("nav a")) {
    if (!document.querySelector(n.getAttribute("href"))) found.push(`leads nowhere: ${n.textContent}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((n) => n.id);
  if (new Set(ids).size !== ids.length) found.push("an id twice");
  return found;
})()'''

TYPE = '''((form, name, value) => {
  const field = document.getElementById(form).elements[name];
  field.value = value;
  field.dispatchEvent(new Event("input", {bubbles: true}));
  return [document.querySelectorAll("#cards .card:not([hidden])").length,
          document.querySelectorAll("#item-table tbody tr").length,
          document.getElementById(form).querySelector("output").textContent];
})'''


def check_widths(browser):
    """No width needs sideways scrolling, nothing complains, everything can be read."""
    for name in 'page', 'hostile':
        for width in WIDTHS:
            browser.resize(width)
            browser.open(f'{ROOT}/{name}.html')
            assert browser.run('document.documentElement.dataset.ready') == 'yes'
            wide = browser.run('document.documentElement.scrollWidth')
            assert wide <= width, f'{name}: {wide} pixels wide at {width}'
            assert browser.run('[...document.images].every((i) => i.loading === "lazy" || i.naturalWidth > 0)')
            found = browser.run(ACCESS)
            assert not found, f'{name} at {width}: {found}'
            complaints = list(browser.complaints())
            assert not complaints, f'{name} at {width}: {complaints}'
            height = browser.run('document.documentElement.scrollHeight')
            browser.keep(f'{name}_{width}.png', captureBeyondViewport=True,
                         clip={'x': 0, 'y': 0, 'width': width, 'height': min(height, 16000), 'scale': 1})
            print(f'{name} at {width}: {height} pixels high')
    assert browser.run('typeof alert.called') == 'undefined'


def check_filters(browser):
    """Filters and search show what fits; a reset shows all again."""
    browser.resize(1280)
    browser.open(f'{ROOT}/page.html')
    fill = lambda form, name, value: browser.run(f'{TYPE}({json.dumps(form)}, {json.dumps(name)}, {json.dumps(value)})')  # noqa: E731
    assert fill('gallery-filters', 'why', '')[0] == 6
    assert fill('gallery-filters', 'why', 'changed') == [2, 50, '2 of 6']
    assert fill('gallery-filters', 'words', 'VEHICLE left')[0] == 1
    assert fill('gallery-filters', 'words', 'nothing like it')[0] == 0
    browser.run('document.getElementById("gallery-filters").reset()')
    browser.run('new Promise((done) => setTimeout(done, 50))')
    assert browser.run('document.querySelectorAll("#cards .card:not([hidden])").length') == 6
    # 120 items, 50 a page.
    assert fill('item-filters', 'words', '')[1:] == [50, '120 of 120']
    assert fill('item-filters', 'words', '117')[1:] == [1, '1 of 120']
    fill('item-filters', 'words', '')
    next_button = 'document.querySelector("#item-pager [name=next]")'
    browser.run(f'{next_button}.click()')
    browser.run(f'{next_button}.click()')
    assert browser.run('document.querySelectorAll("#item-table tbody tr").length') == 20
    assert browser.run(f'{next_button}.disabled') is True
    fill('item-filters', 'order', '0 up')
    worst = browser.run('[...document.querySelectorAll("#item-table tbody tr")].map((r) => Number(r.cells[4].textContent))')
    assert worst == sorted(worst) and len(worst) == 50 and worst[0] < worst[-1], worst
    fill('item-filters', 'category', '1')
    names = browser.run('[...document.querySelectorAll("#item-table tbody tr")].map((r) => r.cells[1].textContent)')
    assert len(names) == 40 and len(set(names)) == 1, names
    assert not list(browser.complaints())


def check_keyboard(browser):
    """Tab goes through links, filters and tables in the order of the page, and the focus is seen."""
    browser.open(f'{ROOT}/page.html')
    places = []
    for _ in range(200):
        browser.call('Input.dispatchKeyEvent', type='keyDown', key='Tab', code='Tab', windowsVirtualKeyCode=9)
        browser.call('Input.dispatchKeyEvent', type='keyUp', key='Tab', code='Tab', windowsVirtualKeyCode=9)
        place = browser.run('''(() => {
          const n = document.activeElement;
          if (n === document.body) return null;
          if (getComputedStyle(n).outlineStyle === "none") return "unseen " + n.outerHTML.slice(0, 80);
          return n.tagName + " " + (n.name || n.textContent.slice(0, 12)) + " @ " +
            [...document.querySelectorAll("*")].indexOf(n);
        })()''')
        if place is None:
            break
        places.append(place)
    assert len(places) > 20, places
    assert not [p for p in places if p.startswith('unseen')], places
    order = [int(p.rsplit('@', 1)[1]) for p in places]
    assert order == sorted(order), places
    for name in 'why', 'words', 'order', 'next':
        assert any(f' {name} @' in p for p in places), f'{name} cannot be reached: {places}'


def check_without_script(browser):
    """Everything but filters and items is there without the script."""
    browser.call('Emulation.setScriptExecutionDisabled', value=True)
    browser.open(f'{ROOT}/page.html')
    browser.keep('without_script.png')
    root = browser.call('DOM.getDocument', depth=0)['root']['nodeId']
    count = lambda selector: len(browser.call('DOM.querySelectorAll', nodeId=root, selector=selector)['nodeIds'])  # noqa: E731
    assert count('.card') == 6 and count('figure.chart') > 10 and count('form:not([hidden])') == 0
    assert count('noscript p') == 1
    browser.call('Emulation.setScriptExecutionDisabled', value=False)


def check_paper(browser):
    """On paper there are no filters, and no page is wider than the paper."""
    browser.open(f'{ROOT}/page.html')
    browser.call('Emulation.setEmulatedMedia', media='print')
    browser.resize(718)  # A4 less margins.
    hidden = browser.run('[...document.querySelectorAll("form, nav, .pager")].every((n) => getComputedStyle(n).display === "none")')
    assert hidden
    browser.call('Emulation.setEmulatedMedia', media='')
    browser.keep('paper.pdf', 'Page.printToPDF', printBackground=False, paperWidth=8.27, paperHeight=11.69)


def check_large(browser):
    """27 runs of 3,481 items and 200 items with pictures take at most 25 MB, open, sort and filter."""
    path = f'{ROOT}/large.html'
    size = os.path.getsize(path)
    with open(path, encoding='utf-8') as f:
        pictures = f.read().count('src="data:image/jpeg')
    assert size <= 25_000_000, f'large.html: {size} bytes'
    assert pictures >= 800, f'large.html: {pictures} pictures'
    browser.resize(1280)
    start = time.monotonic()
    browser.open(path)
    assert browser.run('document.documentElement.dataset.ready') == 'yes'
    # The clock of the page begins where the browser begins to open it.
    filtered, at = browser.run(f'[{TYPE}("gallery-filters", "words", "vehicle building"), performance.now()]')
    assert (filtered[0], filtered[2]) == (24, '100 of 200'), filtered
    print(f'large.html: {size} bytes, {pictures} pictures; open after {time.monotonic() - start:.2f} s, '
          f'first filtered after {at / 1000:.2f} s; load of the machine {os.getloadavg()[0]:.1f} '
          f'on {os.cpu_count()} processors')
    shown = browser.run(f'{TYPE}("item-filters", "order", "2 change")')
    assert shown[1:] == [50, '3481 of 3481'], shown
    browser.run('document.getElementById("cards").scrollIntoView()')
    browser.keep('large.png')
    assert not list(browser.complaints())


def skip(why):
    """Says so where tools/summarize_tests counts it."""
    print(f'SKIPPED: {why}')
    path = os.environ.get('XML_OUTPUT_FILE')
    if path:
        with open(path, 'w', encoding='utf-8') as f:
            f.write('<testsuites><testsuite name="page_in_chromium" tests="1"><testcase name="All" classname="Page" '
                    f'status="run" result="skipped"><skipped message="{why}"/></testcase></testsuite></testsuites>\n')


def main():
    program = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
    if program is None:
        skip('Chromium is not installed: apt-get install chromium')
        return
    subprocess.run([sys.argv[1], ROOT], check=True)
    browser = Browser(program)
    try:
        checks = [check_widths, check_filters, check_keyboard, check_without_script, check_paper, check_large]
        for check in checks:
            check(browser)
            print(f'{check.__name__}: passed')
    finally:
        browser.close()


main()
