"""What a process of a cluster does with a shard, and what becomes of it on the way back."""

from __future__ import annotations

import functools
import pickle
import subprocess
import sys

import numpy as np
import pytest

from whatsit.engine.shard import Done, do_shard, explain_difference, list_versions
from whatsit.errors import UserError


def halves(item):
    if item == 3:
        raise UserError("three has no half", hint="Give an even number.")
    return {"half": np.full((1000, item), item / 2), "of": item}


def raises(error, _item):
    raise error


class Stubborn(Exception):
    def __reduce__(self):
        raise TypeError("it stays")


def done(work, items) -> Done:
    content = np.frombuffer(pickle.dumps(work), np.uint8)
    return do_shard(repr(work).encode(), content, pickle.dumps(items))


def test_results_come_back_as_they_were_their_arrays_apart():
    found = done(halves, [2, 0, 4])
    results, error = pickle.loads(pickle.dumps(found)).open()
    assert error is None
    assert [one["of"] for one in results] == [2, 0, 4]
    assert [one["half"].shape for one in results] == [(1000, 2), (1000, 0), (1000, 4)]
    assert np.array_equal(results[2]["half"], np.full((1000, 4), 2.0))
    assert len(found.content) < 1000
    assert found.bytes > 48_000


def test_an_exception_comes_after_the_results_before_it_and_ends_the_shard():
    results, error = done(halves, [2, 3, 4]).open()
    assert len(results) == 1
    assert isinstance(error, UserError)
    assert (error.sentence, error.hint) == ("three has no half", "Give an even number.")


def test_an_exception_of_ours_says_where_it_was_raised():
    _, error = done(functools.partial(raises, ValueError("no")), [1]).open()
    assert isinstance(error, ValueError)
    assert any("test_shard.py" in note for note in error.__notes__)


def test_an_exception_that_cannot_travel_comes_in_words():
    _, error = done(functools.partial(stay, 1), [1]).open()
    assert type(error) is RuntimeError
    assert "Stubborn" in str(error)


def stay(_number, _item):
    raise Stubborn


def test_a_library_that_is_missing_there_is_a_sentence():
    _, error = done(functools.partial(raises, ModuleNotFoundError("no", name="cv2")), [1]).open()
    assert isinstance(error, UserError)
    assert "has no 'cv2'" in error.sentence


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ({"whatsit": "0.0.1"}, "has whatsit 0.0.1"),
        ({"numpy": "1.0"}, "has numpy 1.0"),
        ({"onnxruntime": "none"}, "has no onnxruntime"),
        ({"whatsit": "none"}, "has no whatsit"),
    ],
)
def test_a_machine_with_another_version_is_refused_by_name(there, said):
    here = list_versions()
    problem = explain_difference(here, here | there, "b")
    assert problem is not None
    assert said in problem.sentence
    assert "'b'" in problem.sentence


def test_a_machine_with_the_same_versions_takes_part():
    assert explain_difference(list_versions(), list_versions(), "b") is None


def test_a_process_of_a_cluster_needs_no_ray_for_its_shards():
    code = "import sys; from whatsit.engine import shard; assert 'ray' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
