"""What the library tells, who hears it, and how a listener ends it."""

from __future__ import annotations

import itertools
import logging
import threading
from pathlib import Path

import pytest

from whatsit import engine, events


def count(steps: int) -> None:
    with events.progress("Counting", None) as advance:
        for _ in range(steps):
            advance(1)


def heard_of(work: object) -> list[events.Event]:
    heard: list[events.Event] = []
    with events.listening(heard.append):
        work()  # type: ignore[operator]
    return heard


def test_a_listener_hears_notes_warnings_and_steps_in_order() -> None:
    def work() -> None:
        events.note("Going")
        with events.progress("Counting", 5, "sheep") as advance:
            advance(2)
            advance(3)
        events.warn("Odd")

    heard = heard_of(work)
    number = heard[1].work  # type: ignore[union-attr]
    assert heard == [
        events.Note("Going"),
        events.Begin(number, "Counting", 5, "sheep"),
        events.Step(number, 2),
        events.Step(number, 3),
        events.End(number),
        events.Warn("Odd"),
    ]


def test_what_worker_threads_tell_reaches_the_caller_s_listener() -> None:
    def work() -> None:
        list(engine.each(lambda item: events.note(str(item)), range(40), engine.Workers(4)))

    assert sorted(int(event.text) for event in heard_of(work)) == list(range(40))  # type: ignore[union-attr]


def test_the_inner_listener_hears_first_and_the_outer_one_too() -> None:
    order: list[str] = []
    outer = events.listening(lambda _event: order.append("outer"))
    inner = events.listening(lambda _event: order.append("inner"))
    with outer, inner:
        events.note("x")
    events.note("nobody hears this")
    assert order == ["inner", "outer"]


def test_where_nobody_listens_warnings_go_to_the_logger(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "whatsit"):
        events.warn("Odd")
        events.note("Going")
        with events.progress("Counting", 1) as advance:
            advance(1)
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("WARNING", "Odd"),
        ("INFO", "Going"),
    ]


def test_a_listener_that_raises_is_shown_once_and_the_work_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_event: events.Event) -> None:
        raise ValueError("a listener's own fault")

    others: list[events.Event] = []
    with events.listening(others.append), events.listening(broken):
        events.note("one")
        events.note("two")
    assert others == [events.Note("one"), events.Note("two")]
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "a listener's own fault" in caplog.text


def test_a_stop_is_honoured_after_the_step_that_was_running() -> None:
    steps: list[int] = []

    def listener(event: events.Event) -> None:
        if isinstance(event, events.Step):
            steps.append(event.count)
            if len(steps) == 3:
                events.stop()

    with events.listening(listener), pytest.raises(events.Stopped, match="the same call goes on"):
        count(100)
    assert steps == [1, 1, 1]


def test_a_stop_from_another_thread_ends_the_work() -> None:
    steps = itertools.count()
    reached = threading.Event()

    def listener(event: events.Event) -> None:
        if isinstance(event, events.Step) and next(steps) == 3:
            reached.set()

    def stop_when_reached() -> None:
        reached.wait(10)
        ear.stop()

    with events.listening(listener) as ear:
        other = threading.Thread(target=stop_when_reached)
        other.start()
        with pytest.raises(events.Stopped):
            count(100_000_000)
        other.join()
    assert next(steps) > 3


def test_a_stop_asked_for_by_an_outer_listener_ends_the_work_too() -> None:
    outer, inner = events.listening(lambda _event: events.stop()), events.listening(lambda _event: None)
    with outer, inner, pytest.raises(events.Stopped):
        count(1)


def test_work_that_fails_is_told_to_have_ended() -> None:
    heard: list[events.Event] = []
    with pytest.raises(ZeroDivisionError), events.listening(heard.append), events.progress("Dividing", None):
        1 // 0  # noqa: B018
    assert isinstance(heard[-1], events.End)


def test_no_broad_except_swallows_a_stop() -> None:
    assert not issubclass(events.Stopped, Exception)


def test_events_can_be_written_as_json() -> None:
    assert events.as_dict(events.Note("Going")) == {"event": "note", "text": "Going"}
    assert events.as_dict(events.Begin(1, "Counting", None, "sheep")) == {
        "event": "begin",
        "work": 1,
        "what": "Counting",
        "total": None,
        "unit": "sheep",
    }
    row = {"epoch": 1, "loss": 0.5}
    assert events.as_dict(events.Epoch(row, 3.0, 10))["row"] == row


def test_a_training_that_a_listener_stops_goes_on_to_the_undisturbed_bytes(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from whatsit.road.train import train
    from whatsit.training.options import NetOptions, TrainOptions

    options = TrainOptions(recipe="cnn", net=NetOptions(net="simple", epochs=3))
    undisturbed = train("digits", options, "same", tmp_path / "a")

    def stop_after(batches: int) -> events.Listener:
        training: set[int] = set()
        seen = itertools.count(1)

        def listener(event: events.Event) -> None:
            if isinstance(event, events.Begin) and event.what == "Training":
                training.add(event.work)
            if isinstance(event, events.Step) and event.work in training and next(seen) == batches:
                events.stop()

        return listener

    for batches in (5, 60):  # within the first epoch, which is begun anew, and within the second
        with events.listening(stop_after(batches)), pytest.raises(events.Stopped):
            train("digits", options, "same", tmp_path / "b")
    again = train("digits", options, "same", tmp_path / "b")
    for name in ("model.onnx", "weights.safetensors", "predictions.csv", "split.csv"):
        assert (again.folder / name).read_bytes() == (undisturbed.folder / name).read_bytes(), name
