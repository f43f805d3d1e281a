"""Work done by a few long-lived processes: results come in the order of the tasks, whoever does them.

A process that dies costs only the task that it was at, and is replaced. Every process is a fresh interpreter (`spawn`)
on every system: a copy of a process that has threads, such as a progress bar's, may hang, and a server that forks would
have the workers as its own children, in nobody's account of time and memory. So what is sent must pickle.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
from math import inf
from multiprocessing import current_process, get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from threading import BoundedSemaphore, Lock, Thread
from time import monotonic
from typing import Any, Final, NamedTuple

from gradviz.errors import RenderError
from gradviz.signals import undisturbed

AHEAD: Final = 6  # tasks that a process has at once, so that it never waits for the next
WRITING: Final = 4  # results that may be under way to the disk while the next task is worked at
KEPT: Final = 16  # results for each process that may wait for an earlier one
GUARD: Final = '; a script that starts some needs its `if __name__ == "__main__":`, or jobs=1'
START: Final = 60.0  # seconds until a process is there
LONGEST_WAIT: Final = 3600.0  # seconds, of those that systems can count
SAFE_PATH: Final = "PYTHONSAFEPATH"  # of Python 3.11 and newer
PATIENCE: Final = 2.0  # seconds until a process that is told to end is killed

Packed = Any  # a task with its number, as the bytes that are sent
Work = Callable[[Any], "Future[Any]"]  # the result may still be on its way


class Died(NamedTuple):
    """Instead of a result: the process that was at the task ended."""

    why: str


def results(
    work: Work, tasks: Iterable[Any], jobs: int, timeout: float | None = None, ahead: int = AHEAD
) -> Generator[Any]:
    """The result of each task, in order; a `Died` where the process died, or took more than `timeout` seconds.

    A process has at most `ahead` tasks. Without tasks none is started.
    """
    pool, numbered = _Pool(work, jobs, timeout or inf, ahead), enumerate(tasks)
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
        with undisturbed():
            pool.close()


def check_main() -> None:
    """Raise `RenderError` in a process that runs its starter's script again, instead of what it was started for."""
    if getattr(current_process(), "_inheriting", False):
        raise RenderError(f"a process that draws runs the script again{GUARD}")


class _Worker:
    """A process, and the tasks that it has by their numbers, in the order in which it does them."""

    def __init__(self, work: Work) -> None:
        context: Any = get_context("spawn")
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, work), daemon=True)
        try:
            with _own_modules(), _sheltered():
                self.process.start()
        except BaseException:
            self.connection.close()
            raise
        finally:
            theirs.close()
        self.tasks: dict[int, Packed] = {}
        self.ready = False  # until its first message
        self.since = monotonic()  # when it began with what it is at
        self.alone = False  # its task is not to have others beside it

    def send(self, number: int, task: Packed) -> None:
        if self.ready and not self.tasks:
            self.since = monotonic()
        self.tasks[number] = task
        with suppress(OSError):  # that it died shows when it is listened to
            self.connection.send_bytes(task)

    def receive(self) -> Iterator[tuple[int, Any]]:
        """The number of the task that is done, and its result; raises `EOFError` or `OSError` when the process died."""
        message, self.since = self.connection.recv(), monotonic()
        if self.ready:
            self.alone = False
            del self.tasks[message[0]]
            yield message
        self.ready = True

    def deadline(self, timeout: float) -> float:
        """When it has taken too long for what it is at."""
        return self.since + (timeout if self.ready else START)

    def tell_to_end(self) -> None:
        """Let it clean up after itself."""
        self.process.terminate()
        self.connection.close()

    def end(self) -> None:
        """It may take a while."""
        self.process.join(PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


class _Pool:
    def __init__(self, work: Work, jobs: int, timeout: float, ahead: int) -> None:
        self.work, self.jobs, self.timeout, self.ahead = work, jobs, timeout, ahead
        self.workers: list[_Worker] = []
        self.suspects: deque[tuple[int, Packed]] = deque()  # tasks of a process that died; each is done alone
        self.refused: list[tuple[int, Died]] = []  # tasks that no process can be sent
        self.given = 0  # the number of the next task

    @property
    def is_busy(self) -> bool:
        return bool(self.refused) or any(worker.tasks for worker in self.workers)

    def feed(self, numbered: Iterator[tuple[int, Any]], limit: int) -> None:
        """Give tasks to who has the fewest; suspects first, and the others up to a number."""
        self.workers = [worker for worker in self.workers if worker.tasks or worker.process.is_alive()]
        while self._has_room():
            alone = bool(self.suspects)
            task = self.suspects.popleft() if alone else self._next(numbered, limit)
            if task is None:
                return
            worker = self._idlest()
            worker.alone = alone
            worker.send(*task)

    def _has_room(self) -> bool:
        most = 1 if self.suspects else self.ahead
        free = (worker for worker in self.workers if not worker.alone and len(worker.tasks) < most)
        return len(self.workers) < self.jobs or any(free)

    def _next(self, numbered: Iterator[tuple[int, Any]], limit: int) -> tuple[int, Packed] | None:
        """A task that can be sent."""
        while self.given < limit and (task := next(numbered, None)):
            self.given = task[0] + 1
            try:
                return task[0], ForkingPickler.dumps(task)
            except Exception as error:  # whatever the pickling of a stranger's class raises
                self.refused.append((task[0], Died(f"it cannot be sent to a process that draws: {error}")))
        return None

    def _idlest(self) -> _Worker:
        """Who has the fewest tasks: another process where all have some."""
        idlest = min(self.workers, key=lambda worker: (worker.alone, len(worker.tasks)), default=None)
        if idlest and (not idlest.tasks or len(self.workers) == self.jobs):
            return idlest
        try:
            self.workers.append(_Worker(self.work))
        except OSError as error:  # out of processes, memory, descriptors
            if idlest is None or idlest.alone:
                raise RenderError(f"a process that draws does not start: {error.strerror or error}") from None
            self.jobs = len(self.workers)
            return idlest
        return self.workers[-1]

    def done(self) -> Iterator[tuple[int, Any]]:
        """What is done, after waiting for something."""
        if self.refused:
            yield from self.refused
            self.refused.clear()
            return
        owners = {worker.connection: worker for worker in self.workers if worker.tasks}
        for connection in wait(list(owners), self._left()):
            worker = owners[connection]  # type: ignore[index]
            try:
                yield from worker.receive()
            except (EOFError, OSError):
                yield from self._buried(worker)
        for worker in [worker for worker in self.workers if worker.tasks]:
            if monotonic() > worker.deadline(self.timeout):
                yield from self._overdue(worker)

    def _left(self) -> float | None:
        """Seconds until a process has taken too long; None is forever."""
        soonest = min(worker.deadline(self.timeout) for worker in self.workers if worker.tasks)
        return None if soonest == inf else min(LONGEST_WAIT, max(0.0, soonest - monotonic()))

    def _buried(self, worker: _Worker) -> Iterator[tuple[int, Died]]:
        """A process died; of several tasks that it had it is not known at which."""
        worker.process.join()
        why = _ended(worker.process.exitcode)
        if not worker.ready:
            raise RenderError(f"a process that draws did not start ({why}){GUARD}")
        self._remove(worker)
        if len(worker.tasks) > 1:
            self.suspects.extend(worker.tasks.items())
            return
        for number in worker.tasks:
            yield number, Died(f"the process that drew it died ({why})")

    def _overdue(self, worker: _Worker) -> Iterator[tuple[int, Died]]:
        """A process takes too long, for the first of its tasks: each is told of as soon as it is done."""
        if not worker.ready:
            raise RenderError(f"a process that draws did not start in {START:g} s")
        self._remove(worker)
        (number, _), *others = worker.tasks.items()
        self.suspects.extend(others)
        yield number, Died(f"it took longer than {self.timeout:g} s")

    def _remove(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        worker.tell_to_end()
        worker.end()

    def close(self) -> None:
        for worker in self.workers:
            worker.tell_to_end()
        for worker in self.workers:
            worker.end()


@contextmanager
def _own_modules() -> Iterator[None]:
    """A process that is started meanwhile imports nothing from the current folder that this one would not."""
    before = os.environ.get(SAFE_PATH)
    os.environ[SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[SAFE_PATH]
        else:
            os.environ[SAFE_PATH] = before


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
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit status {code}"


# in the process ------------------------------------------------------------------------------------------------------


class _Ended(BaseException):
    """It is told to end; files that are half written go."""


def _serve(connection: Connection, work: Work) -> None:
    """One task after the other, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asks ends it
    signal.signal(signal.SIGTERM, _end)
    try:
        try:
            _work_off(connection, work)
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
    except (_Ended, EOFError, OSError):
        return
    except Exception:  # told by the one who asks, in one line
        sys.exit(1)


def _end(_number: int, _frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
    raise _Ended


def _work_off(connection: Connection, work: Work) -> None:
    Thread(target=_leave_with_parent, daemon=True).start()
    room, telling = BoundedSemaphore(WRITING), Lock()

    def tell(number: int, done: Future[Any]) -> None:
        """From whatever thread, as soon as it is done, so that it is known what the process is at."""
        error = done.exception()
        message = number, Died(f"{type(error).__name__}: {error}") if error else done.result()
        with telling, suppress(OSError):
            connection.send(message)
        room.release()

    connection.send("ready")
    while True:
        number, task = ForkingPickler.loads(connection.recv_bytes())
        room.acquire()
        work(task).add_done_callback(partial(tell, number))


def _leave_with_parent() -> None:
    """What is asked for by a process that died is nobody's, also what would never end."""
    if asker := parent_process():
        asker.join()
    os._exit(1)
