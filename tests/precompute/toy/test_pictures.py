"""Training sees crops that keep their class, and never a held-out picture."""

import pytest
import torch

from precompute.stimuli import CLASSES
from precompute.toy.pictures import Pictures, held_out, training


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    return training(1)


def test_every_class_is_drawn(pictures: Pictures) -> None:
    assert pictures.images.shape == (len(CLASSES), 256, 256, 3)
    assert pictures.labels.tolist() == list(range(len(CLASSES)))


def test_held_out_pictures_are_others(pictures: Pictures) -> None:
    assert not any(
        torch.equal(one, other)
        for one, other in zip(pictures.images, held_out(1).images, strict=True)
    )


def test_centred_batches_are_the_middle_of_every_picture_in_order(pictures: Pictures) -> None:
    batches = list(pictures.centred(20))
    assert torch.equal(torch.cat([labels for _, labels in batches]), pictures.labels)
    first = batches[0][0]
    assert first.shape == (20, 3, 224, 224)
    middle = pictures.images[3, 16:240, 16:240].permute(2, 0, 1).float() / 255.0
    assert torch.equal(first[3], middle)


def test_shuffled_batches_show_each_picture_once_and_unmirrored() -> None:
    # Each picture is a ramp to the right and downward in a brightness of its own.
    ramp = torch.arange(256, dtype=torch.uint8)
    images = torch.stack([ramp.expand(256, 256), ramp.expand(256, 256).T, ramp.expand(256, 256)])
    pictures = Pictures(images.permute(1, 2, 0).expand(9, 256, 256, 3), torch.arange(9))
    seen = []
    for batch, labels in pictures.shuffled(3, torch.Generator().manual_seed(0)):
        seen += labels.tolist()
        assert (batch[:, 0, :, 1:] >= batch[:, 0, :, :-1]).all()
        assert (batch[:, 1, 1:] >= batch[:, 1, :-1]).all()
    assert sorted(seen) == list(range(9))


def test_what_is_left_over_of_an_epoch_is_dropped(pictures: Pictures) -> None:
    batches = list(pictures.shuffled(20, torch.Generator().manual_seed(0)))
    assert [len(labels) for _, labels in batches] == [20] * (len(CLASSES) // 20)


def test_a_number_of_pictures_that_reaches_the_held_out_seeds_is_refused() -> None:
    with pytest.raises(ValueError, match="it takes 1 to 1000000"):
        training(1_000_001)
