"""A pointer is given back once, when nobody is in a call on it."""

import pytest
from unimoe_audio._handle import Closed, Handle


def handle() -> tuple[Handle, list[int | None]]:
    given_back: list[int | None] = []
    return Handle("thing", 7, given_back.append), given_back


def test_closing_gives_back_once() -> None:
    closed, given_back = handle()
    closed.close()
    closed.close()
    del closed
    assert given_back == [7]


def test_forgetting_gives_back() -> None:
    forgotten, given_back = handle()
    del forgotten
    assert given_back == [7]


def test_the_last_who_is_in_a_call_gives_back() -> None:
    shared, given_back = handle()
    with shared as first:
        with shared as second:
            shared.close()
            assert first == second == 7
        assert given_back == []
    assert given_back == [7]


def test_no_call_begins_after_it_was_closed() -> None:
    closed, given_back = handle()
    with closed:
        closed.close()
        with pytest.raises(Closed, match="thing: expected an open one, found one that was closed"), closed:
            pass
    assert given_back == [7]
