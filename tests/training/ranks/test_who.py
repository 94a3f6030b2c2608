"""Which part of the work is a rank's own: together all of it, and nothing twice."""

from __future__ import annotations

import pytest

from whatsit.errors import UserError
from whatsit.training.ranks.who import (
    LAUNCHED,
    LEAST_PHOTOS,
    deal,
    leads,
    name_gpu,
    own_draws,
    part_of,
    rank,
    world,
)


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    for name in (LAUNCHED, "WORLD_SIZE", "RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def be(monkeypatch):
    def be(own: int, ranks: int, here: int | None = None) -> None:
        monkeypatch.setenv(LAUNCHED, "some")
        for name, value in {
            "RANK": own,
            "LOCAL_RANK": own,
            "WORLD_SIZE": ranks,
            "LOCAL_WORLD_SIZE": here or ranks,
        }.items():
            monkeypatch.setenv(name, str(value))

    return be


def test_who_was_not_started_by_torchrun_does_all(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "4")  # some queue's own
    monkeypatch.setenv("RANK", "3")
    assert (world(), rank(), leads(), own_draws()) == (1, 0, True, ())
    assert name_gpu(0) == "cuda"
    part = part_of(1)
    assert part.is_whole
    assert (part.first, part.end, part.whole) == (0, 1, 1)
    assert deal("abc") == "abc"


def test_who_was_started_by_torchrun_without_others_does_all(monkeypatch):
    monkeypatch.setenv(LAUNCHED, "some")
    monkeypatch.setenv("RANK", "3")
    assert (world(), rank()) == (1, 0)


def test_rank_0_leads_and_draws_as_one_alone(be):
    be(0, 2)
    assert (world(), rank(), leads(), own_draws()) == (2, 0, True, ())
    be(1, 2)
    assert (world(), rank(), leads(), own_draws()) == (2, 1, False, (1,))


@pytest.mark.parametrize("ranks", [2, 3, 5])
@pytest.mark.parametrize("photos", [10, 11, 13, 64])
def test_a_batch_is_shared_out_whole_and_evenly(be, ranks, photos):
    rows = []
    for own in range(ranks):
        be(own, ranks)
        part = part_of(photos)
        assert not part.is_whole
        assert part.whole == photos
        assert part.end - part.first in (photos // ranks, -(-photos // ranks))
        rows += list(range(photos))[part.rows]
    assert rows == list(range(photos))


def test_a_batch_too_small_to_be_shared_out_is_refused(be):
    be(1, 3)
    assert part_of(3 * LEAST_PHOTOS).rows == slice(2, 4)
    with pytest.raises(UserError, match="A batch of 5 photos is too small for 3 ranks") as caught:
        part_of(3 * LEAST_PHOTOS - 1)
    assert "2 photos or more" in caught.value.hint


def test_pieces_of_work_are_dealt_in_turn(be):
    found = []
    for own in range(3):
        be(own, 3)
        found.append(list(deal("abcdefgh")))
    assert found == [list("adg"), list("beh"), list("cf")]


def test_each_rank_has_a_gpu_of_its_machine(be):
    be(1, 4, here=2)
    assert name_gpu(2) == "cuda:1"


@pytest.mark.parametrize(("gpus", "told"), [(1, "with 1 GPU."), (0, "with 0 GPU"), (2, "with 2 GPUs.")])
def test_more_ranks_than_gpus_are_refused(be, gpus, told):
    be(1, 3)
    with pytest.raises(UserError, match=f"3 ranks were started on a machine {told}") as caught:
        name_gpu(gpus)
    assert caught.value.hint.endswith(f"--nproc-per-node {gpus}")
