"""Work done by a few long-lived processes: results come in the order of the tasks, whoever does them.

A process that dies costs only the task that it was at, and is replaced. Every process is a fresh interpreter (`spawn`)
on every system: a copy of a process that has threads, such as a progress bar's, may hang, and a server that forks would
have the workers as its own children, in nobody's account of time and memory. So what is sent must pickle.
"""

from __future__ import annotations

import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from itertools import count
from math import inf
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from time import monotonic
from typing import Any, Final, NamedTuple

from gradviz.errors import RenderError

AHEAD: Final = 6  # tasks that a process has at once, so that it never waits for the next
WRITING: Final = 4  # results that may be under way to the disk while the next task is worked at
KEPT: Final = 16  # results for each process that may wait for an earlier one
GUARD: Final = '; a script that starts some needs its `if __name__ == "__main__":`, or jobs=1'
PATIENCE: Final = 10.0  # seconds until a process that is told to end is killed

Packed = Any  # a task as the bytes that are sent
Work = Callable[[Any], "Future[Any]"]  # the result may still be on its way


class Died(NamedTuple):
    """Instead of a result: the process that was at the task ended."""

    why: str


def results(work: Work, tasks: Iterable[Any], jobs: int, timeout: float | None = None) -> Iterator[Any]:
    """The result of each task, in order; a `Died` where the process died, or took more than `timeout` seconds."""
    pool, numbered = _Pool(work, jobs, timeout), enumerate(tasks)
    found: dict[int, Any] = {}
    try:
        for wanted in count():
            while wanted not in found:
                pool.feed(numbered, wanted + KEPT * jobs)
                if not pool.is_busy:
                    return
                found.update(pool.done())
            yield found.pop(wanted)
    finally:
        pool.close()


class _Worker:
    """A process, and the tasks that it has: the first is the one that it is at."""

    def __init__(self, work: Work) -> None:
        context: Any = get_context("spawn")
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, work), daemon=True)
        with _sheltered():
            self.process.start()
        theirs.close()
        self.tasks: deque[tuple[int, Packed]] = deque()
        self.ready = False  # until its first message
        self.since = inf
        self.alone = False  # its task is not to have others beside it

    def send(self, number: int, task: Packed) -> None:
        if self.ready and not self.tasks:
            self.since = monotonic()
        self.tasks.append((number, task))
        with suppress(OSError):  # that it died shows when it is listened to
            self.connection.send_bytes(task)

    def receive(self) -> Iterator[tuple[int, Any]]:
        """The number of the task that is done, and its result; raises `EOFError` or `OSError` when the process died."""
        result, self.since = self.connection.recv(), monotonic()
        if self.ready:
            self.alone = False
            yield self.tasks.popleft()[0], result
        self.ready = True

    def end(self) -> None:
        """Let it clean up after itself, for a while."""
        self.connection.close()
        self.process.terminate()
        self.process.join(PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


class _Pool:
    def __init__(self, work: Work, jobs: int, timeout: float | None) -> None:
        self.work, self.timeout = work, timeout
        self.workers = [_Worker(work) for _ in range(jobs)]
        self.given = 0  # the number of the next task
        self.suspects: deque[tuple[int, Packed]] = deque()  # tasks of a process that died; each is done alone
        self.refused: list[tuple[int, Died]] = []  # tasks that no process can be sent

    @property
    def is_busy(self) -> bool:
        return bool(self.refused) or any(worker.tasks for worker in self.workers)

    def feed(self, numbered: Iterator[tuple[int, Any]], limit: int) -> None:
        """Give tasks to who has the fewest; suspects first, and the others up to a number."""
        for _ in range(AHEAD):
            for worker in sorted(self.workers, key=lambda worker: len(worker.tasks)):
                if self.suspects and not worker.tasks:
                    worker.send(*self.suspects.popleft())
                    worker.alone = True
                elif not self.suspects and not worker.alone and len(worker.tasks) < AHEAD and self.given < limit:
                    task = next(numbered, None)
                    if task is None:
                        return
                    self.given = task[0] + 1
                    try:
                        worker.send(task[0], ForkingPickler.dumps(task[1]))
                    except Exception as error:  # whatever the pickling of a stranger's class raises
                        self.refused.append((task[0], Died(f"it cannot be sent to a process that draws: {error}")))

    def done(self) -> Iterator[tuple[int, Any]]:
        """What is done, after waiting for something."""
        while self.refused:
            yield self.refused.pop()
        owners = {worker.connection: worker for worker in self.workers if worker.tasks}
        for connection in wait(list(owners), self._left()) if owners else ():
            worker = owners[connection]  # type: ignore[index]
            try:
                yield from worker.receive()
            except (EOFError, OSError):
                yield from self._buried(worker)
        for worker in self.workers:
            if worker.tasks and self.timeout is not None and monotonic() - worker.since > self.timeout:
                yield from self._replace(worker, f"it took longer than {self.timeout:g} s")

    def _left(self) -> float | None:
        since = min(worker.since for worker in self.workers if worker.tasks)
        return None if self.timeout is None or since == inf else max(0.0, since + self.timeout - monotonic())

    def _buried(self, worker: _Worker) -> Iterator[tuple[int, Died]]:
        worker.process.join()
        why = _ended(worker.process.exitcode)
        if not worker.ready:
            raise RenderError(f"a process that draws did not start ({why}){GUARD}")
        yield from self._replace(worker, f"the process that drew it died ({why})")

    def _replace(self, worker: _Worker, why: str) -> Iterator[tuple[int, Died]]:
        """Another process instead of one; of several tasks that it had it is not known at which it died."""
        worker.process.kill()
        worker.end()
        self.workers[self.workers.index(worker)] = _Worker(self.work)
        if len(worker.tasks) == 1:
            yield worker.tasks[0][0], Died(why)
        else:
            self.suspects.extend(worker.tasks)

    def close(self) -> None:
        for worker in self.workers:
            worker.connection.close()
            worker.process.terminate()
        for worker in self.workers:
            worker.end()


@contextmanager
def _sheltered() -> Iterator[None]:
    """A process that is started meanwhile does not see an interrupt, not even while it starts; here it comes later."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # starting with the first process, it would lift the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ended(code: int | None) -> str:
    """Why a process ended, from its exit code."""
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit status {code}"


def _serve(connection: Connection, work: Work) -> None:
    """In the process: one task after the other, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asks ends it
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # files that are half written go
    pending: deque[Future[Any]] = deque()
    with suppress(EOFError, OSError):
        connection.send("ready")
        while True:
            while pending and (len(pending) > WRITING or not connection.poll()):
                connection.send(pending.popleft().result())
            pending.append(work(connection.recv()))
