"""No way out, and no way to take the machine: what a program may not reach, and what stops it."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

import tcalc
from tcalc.errors import InternalError, LimitError, TcalcError


def run(source: str, max_steps: int | None = None) -> object:
    session = tcalc.Session(write=lambda text: None)
    session.state.meter.max_steps = max_steps
    return session.run(source)


REACHING = """
().__class__
(1).__class__.__bases__
'{0.__class__}'.format(1)
'{0.__init__.__globals__}'.format(print)
'{.__class__}'.format(torch)
'{x.__class__}'.format_map({'x': 1})
str.format('{0.__class__}', 1)
'%(a.b)s' % {'a': 1}
print.__self__
print.function
torch.sum.function
torch.sum.__globals__
torch.__dict__
np.__dict__
np.memmap
np.DataSource
np.lib.format
np.lib.npyio
np.frompyfunc(print, 1, 1)
np.ctypeslib
math.__loader__
(lambda: 0).__code__
(lambda: 0).code
(lambda: 0).enclosing
(x for x in [1]).gi_frame
getattr(1, '__class__')
getattr(torch, '__loader__')
torch.Tensor.__mro__
type(1).__subclasses__()
int.mro()
open('x')
eval('1')
exec('1')
__import__('os')
__builtins__
globals()
import os
import sys
from os import system
import builtins
from math import __loader__
ValueError('x').__traceback__
ValueError('x').span
torch.float32.numpy
zeros(2).storage_
zeros(2)._array
zeros(2).array
zeros(2).as_view
np.zeros(2).ctypes
np.zeros(2).dump('x')
np.zeros(2).__array_interface__
np.array([print])
np.array([None])
np.array([{}])
np.zeros(3, dtype=object)
np.zeros(3, dtype='O')
np.zeros(3).astype('O')
np.arange(3).view('O')
b''.__class__
bytearray().__init__
bytes.__subclasses__()
memoryview(b'a').obj
'a'.encode('zip')
b'a'.decode('../evil')
import array; array.__loader__
import array; array.array('b').__reduce_ex__(2)
import array; array.array('b').tofile
import array; array.array('b').buffer_info
"""


@pytest.mark.parametrize("source", REACHING.strip().splitlines())
def test_a_program_reaches_nothing_that_is_not_registered(source):
    with pytest.raises(TcalcError) as caught:
        run(source)
    assert not isinstance(caught.value, (InternalError, LimitError))


def test_hasattr_says_what_getattr_would():
    assert run("hasattr('', '__class__'), hasattr('', 'upper'), hasattr(torch, 'zeros'), hasattr(1, 'nope')") == (
        False, True, True, False,
    )  # fmt: skip


TOO_LARGE = """
9**9**9**9
10**10**8
1 << 10**12
(2**8000000) * (2**8000000)
'a' * 10**13
['a'] * 10**13
(0,) * 10**13
list(range(10**13))
tuple(range(10**13))
set(range(10**13))
dict.fromkeys(range(10**13))
sorted(range(10**13))
[*range(10**13)]
print(*range(10**13))
math.factorial(10**9)
math.comb(10**9, 10**8)
'a'.ljust(10**13)
'a'.zfill(10**13)
'{:>99999999999999}'.format(1)
f'{1:>99999999999999}'
'%99999999999999d' % 1
('a' * 10**6).replace('a', 'b' * 10**8)
zeros(10**7, 10**7)
arange(10**14)
rand(10**7, 10**7)
np.zeros(10**13)
np.ones((10**7, 10**7))
np.arange(10**14)
np.tile([1], 10**13)
np.zeros(3).repeat(10**13)
np.random.rand(10**7, 10**7)
np.eye(10**7)
np.outer(np.ones(10**7), np.ones(10**7))
np.ones(10**7)[:, None] * np.ones(10**7)
np.concatenate([np.ones(1)] * 2 + [zeros(1).expand(10**13).numpy()])
zeros(1).expand(10**13).numpy().copy()
zeros(1).expand(10**13).tolist()
torch.combinations(arange(60), 30)
bincount(tensor([10**13]))
multinomial(ones(2), 10**13, replacement=True)
bytes(10**13)
from collections import deque; deque([0]) * 10**12
from collections import deque; d = deque([0]); d *= 10**12
import itertools; itertools.tee([1], 10**12)
bytearray(10**13)
b'a' * 10**13
b'a'.center(10**13)
(5).to_bytes(10**13)
(b'a' * 10**6).replace(b'a', b'b' * 10**8)
x = bytearray(b'a'); x *= 10**13
import array; array.array('d', [1]) * 10**13
import array; x = array.array('d', [1]); x *= 10**13
"""


@pytest.mark.parametrize("source", TOO_LARGE.strip().splitlines())
def test_what_no_memory_holds_is_refused_at_once(source):
    started = time.monotonic()
    with pytest.raises(LimitError) as caught:
        run(source)
    assert time.monotonic() - started < 5
    assert "memory" in str(caught.value) or "digits" in str(caught.value)


def test_a_limit_says_what_was_asked_and_what_there_is():
    with pytest.raises(LimitError, match=r"9 \*\* 387420489 is too large: .* digits .*the limit is \d+ digits"):
        run("9**9**9**9")


DEEP = """
def f(n):
    return f(n + 1)
f(0)
---
f = lambda n: sorted([n], key=lambda m: f(m + 1))
f(0)
---
f = lambda n: list(map(f, [n + 1]))
f(0)
---
f = lambda n: [f(n + 1) for _ in range(1)]
f(0)
---
f = lambda n: max([n, n], key=f)
f(0)
---
from collections import defaultdict
d = defaultdict(lambda: d[0])
d[0]
---
from functools import partial
p = partial(lambda: p())
p()
---
from functools import partial
p = partial(len)
for _ in range(100000): p = partial(p)
p([1])
---
import functools
f = lambda n: sorted([n, n], key=functools.cmp_to_key(lambda a, b: f(n + 1)))
f(0)
---
it = [1]
for _ in range(20000): it = map(lambda x: x, it)
list(it)
---
it = [1]
for _ in range(20000): it = (x for x in it)
list(it)
---
it = [1]
for _ in range(20000): it = zip(it)
list(it)
---
it = [1]
for _ in range(50000): it = [it]
str(it)
---
it = [1]
for _ in range(50000): it = [it]
it - 1
---
it = (1,)
for _ in range(1000000): it = (it,)
{it}
---
it = (1,)
for _ in range(1000000): it = (it,)
{}[it]
"""


@pytest.mark.parametrize("source", DEEP.strip().split("\n---\n"))
def test_depth_is_an_error_and_no_crash(source):
    with pytest.raises(TcalcError) as caught:
        run(source)
    assert caught.value.kind == "RecursionError"
    assert str(caught.value).startswith("maximum recursion depth exceeded")


def test_a_program_may_catch_the_end_of_its_own_recursion():
    assert run("def f(n):\n    try:\n        return f(n + 1)\n    except RecursionError:\n        return n > 500\nf(0)")


UNCATCHABLE = """
while True: pass
---
for i in range(10**12): pass
---
try:
    while True: pass
except Exception:
    pass
---
try:
    while True: pass
except:
    pass
---
try:
    while True: pass
except BaseException as e:
    pass
---
def f():
    try:
        while True: pass
    finally:
        return 1
f()
---
while True:
    try:
        while True: pass
    finally:
        continue
---
[0 for _ in range(10**9)]
---
sum(i for i in range(10**12))
---
sum(range(10**12))
---
max(range(10**12))
---
any(map(lambda x: False, range(10**12)))
---
def f(): return f2()
def f2(): return 1
while True: f()
---
import heapq, itertools; list(heapq.merge(itertools.count(), itertools.count()))
---
import itertools, operator; operator.countOf(itertools.count(), -1)
---
from collections import deque; import itertools; deque(itertools.repeat(0), maxlen=2)
---
from collections import Counter; list(Counter(a=10**13).elements())
---
import itertools; bytes(itertools.count())
---
import itertools; bytes(itertools.repeat(0))
---
import itertools; x = [1]; x[0:0] = itertools.repeat(0)
---
import itertools; x = bytearray(); x[0:0] = itertools.repeat(0)
---
import itertools; x = bytearray(); x.extend(itertools.repeat(0))
---
import array, itertools; array.array('b', itertools.repeat(0))
---
'x' in (str(i) for i in range(10**12))
---
list(zip(range(10**12)))
"""


@pytest.mark.parametrize("source", UNCATCHABLE.strip().split("\n---\n"))
def test_steps_end_a_program_and_it_cannot_prevent_that(source):
    with pytest.raises(LimitError, match="stopped after 20000 steps"):
        run(source, max_steps=20_000)


def test_a_memory_limit_cannot_be_caught_either():
    with pytest.raises(LimitError):
        run("try:\n    zeros(10**7, 10**7)\nexcept BaseException:\n    pass")


@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "sum(range(10**13))",
        "for i in range(10**13): pass",
        "max(range(10**13), key=lambda v: v)",
        "try:\n    while True: pass\nexcept BaseException:\n    pass\nfinally:\n    while True: pass",
    ],
)
def test_an_interrupt_stops_a_statement_and_keeps_the_session(source):
    session = tcalc.Session(write=lambda text: None)
    session.run("kept = 1")
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        session.run(source)
    assert session.run("kept + 1") == 2


def test_the_depth_is_counted_anew_after_a_fault():
    session = tcalc.Session()
    for _ in range(3):
        with pytest.raises(TcalcError):
            session.run("def f(n):\n    return f(n + 1)\nf(0)")
    assert session.state.meter.depth == 0


@pytest.mark.parametrize(
    "source",
    [
        "kept = []\nwhile True:\n    kept.append('a' * 100_000)",
        "kept = []\nwhile True:\n    kept.append(zeros(100_000))",
        "kept = {}\nfor i in range(10**9):\n    kept[i] = i",
        "def f(i): return f(i - 1) if i else 0\nwhile True: f(9)",
    ],
)
def test_small_things_that_fill_the_memory_are_refused_too(source, monkeypatch):
    monkeypatch.setattr("tcalc.engine.state.free_memory", lambda: 1 << 20)
    with pytest.raises(LimitError, match=r"the program has used all but 1 MiB"):
        run(source)


def test_a_tower_of_enumerations_falls_without_a_crash():
    source = "tower = [5]\nfor _ in range(200_000): tower = enumerate(tower)\ndel tower"
    assert run(source) is None


@pytest.mark.parametrize("source", ["d = {1: 1}\nfor v in d: d[v + 1] = 1", "d = {1}\nfor v in d: d.add(v + 1)"])
def test_a_container_that_its_loop_changes_is_the_programs_fault(source):
    with pytest.raises(TcalcError, match="changed size during iteration") as caught:
        run(source)
    assert not isinstance(caught.value, InternalError)


def test_what_python_would_count_through_is_answered_at_once():
    started = time.monotonic()
    assert run("round(10**5, -10**10), range(10**12).count(1.5), range(9).index(2.0), round(-1250, -2)") == (
        0, 0, 2, -1200,
    )  # fmt: skip
    assert time.monotonic() - started < 2


def test_annotations_within_annotations_end():
    with pytest.raises(LimitError, match="an annotation has at most"):
        run("from typing import Dict\nhint = Dict\nfor _ in range(60): hint = Dict[hint, hint]")
