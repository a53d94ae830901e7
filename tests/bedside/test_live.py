"""A poll never waits behind another thread that sets the same board."""

import threading
from typing import Any

import pytest

from releve.bedside import live
from releve.bedside.live import NOT_YET, BoardCache


def test_a_poll_is_given_the_last_fragment_while_the_board_is_set_anew() -> None:
    """Two waiting polls fill both threads of a worker, and every other page waits with them."""
    cache, begun, go_on = BoardCache(), threading.Event(), threading.Event()
    board: Any = object()
    cache.board("2140", "k1", lambda: board, patient=True)
    first = cache.fragment("2140", "e1", lambda: "one", shape="fr", patient=True)

    def slow() -> Any:
        begun.set()
        assert go_on.wait(5)
        return board

    setter = threading.Thread(target=lambda: cache.board("2140", "k2", slow, patient=False))
    setter.start()
    assert begun.wait(5)

    key, _ = cache.board("2140", "k3", lambda: board, patient=True)
    held = cache.fragment("2140", "e3", lambda: "three", shape="fr", patient=True)

    assert (key, held) == ("k1", first)
    go_on.set()
    setter.join(5)
    assert cache.board("2140", "k2", lambda: board, patient=True)[0] == "k2"


def test_a_page_that_somebody_opens_waits_for_the_new_board() -> None:
    """Who opens a page wants what is true now."""
    cache = BoardCache()
    boards: list[Any] = [object(), object()]
    cache.board("2140", "k1", lambda: boards[0], patient=False)

    key, board = cache.board("2140", "k2", lambda: boards[1], patient=False)

    assert (key, board) == ("k2", boards[1])


def test_screens_have_one_board_set_at_a_time() -> None:
    """Eight boards set at once in eight threads leave a form an eighth of the interpreter: it took seconds."""
    cache, begun, go_on = BoardCache(), threading.Event(), threading.Event()
    board: Any = object()
    for ward in ("2140", "4140"):
        cache.board(ward, "k1", lambda: board, patient=True)
        cache.fragment(ward, "e1", lambda: "one", shape="fr", patient=True)

    def slow() -> Any:
        begun.set()
        assert go_on.wait(5)
        return board

    def never() -> Any:
        raise AssertionError("another ward's board is being read")

    setter = threading.Thread(target=lambda: cache.board("2140", "k2", slow, patient=True))
    setter.start()
    assert begun.wait(5)

    assert cache.board("4140", "k2", never, patient=True)[0] == "k1"
    assert cache.fragment("4140", "e2", never, shape="fr", patient=True).body == "one"
    assert cache.board("4140", "k2", lambda: board, patient=False)[0] == "k2"  # a page goes at once
    go_on.set()
    setter.join(5)
    assert cache.fragment("4140", "e2", lambda: "two", shape="fr", patient=True).body == "two"


def test_a_screen_that_shows_a_board_comes_again_while_a_new_process_sets_those_of_other_wards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a start three hundred screens ask at once: waiting, they would fill every thread before any form."""
    cache, begun, go_on = BoardCache(), threading.Event(), threading.Event()
    board: Any = object()

    def slow() -> Any:
        begun.set()
        assert go_on.wait(5)
        return board

    setter = threading.Thread(target=lambda: cache.board("2140", "k1", slow, patient=True))
    setter.start()
    assert begun.wait(5)

    assert cache.board("4140", "k1", lambda: board, patient=True, has_one=True) == (NOT_YET, None)
    assert cache.board("2140", "k1", lambda: board, patient=True, has_one=True) == (NOT_YET, None)
    go_on.set()
    setter.join(5)
    assert cache.board("4140", "k1", lambda: board, patient=True, has_one=True) == ("k1", board)
    with cache._setting:
        held = cache.fragment("4140", "e1", lambda: "one", shape="fr", patient=True, has_one=True)
        assert held.etag == NOT_YET
    # Not for ever: what it shows grows old. But never so many that no thread is left for a form.
    monkeypatch.setattr(live, "OLD_SECONDS", 0.0)
    monkeypatch.setattr(live, "WAITING_MAX", 0)
    with cache._setting:
        assert cache.board("5150", "k1", lambda: board, patient=True, has_one=True) == (NOT_YET, None)
    monkeypatch.setattr(live, "WAITING_MAX", 1)
    assert cache.fragment("4140", "e1", lambda: "one", shape="fr", patient=True, has_one=True).body == "one"


def test_threads_that_wait_for_a_board_are_counted_and_go_on() -> None:
    """A count that only grows would one day tell every screen to come again for ever."""
    cache, begun, go_on = BoardCache(), threading.Event(), threading.Event()
    board: Any = object()

    def slow() -> Any:
        begun.set()
        assert go_on.wait(5)
        return board

    setter = threading.Thread(target=lambda: cache.board("2140", "k1", slow, patient=True))
    setter.start()
    assert begun.wait(5)
    waiter = threading.Thread(target=lambda: cache.board("4140", "k1", lambda: board, patient=True))
    waiter.start()
    while not cache._waiting:
        waiter.join(0.001)
    go_on.set()
    for thread in (setter, waiter):
        thread.join(5)

    assert cache._waiting == 0
    assert cache.board("4140", "k1", lambda: None, patient=True) == ("k1", board)
