"""Training pictures are disturbed, but not beyond recognition."""

import pytest
import torch

from precompute.toy.augment import Augmentation, augmentation, lit


@pytest.fixture(scope="module")
def change() -> Augmentation:
    return augmentation(torch.Generator().manual_seed(0), 64, fields=6)


def test_the_noise_fields_have_unit_deviation_and_no_mean(change: Augmentation) -> None:
    assert change.fields.shape == (6, 64, 64)
    torch.testing.assert_close(change.fields.std((1, 2)), torch.ones(6))
    torch.testing.assert_close(change.fields.mean((1, 2)), torch.zeros(6), atol=1e-5, rtol=0.0)


def test_the_fields_slopes_go_from_white_to_natural(change: Augmentation) -> None:
    steps = (change.fields[:, :, 1:] - change.fields[:, :, :-1]).std((1, 2))
    assert float(steps[0]) == pytest.approx(2**0.5, rel=0.05)  # white: neighbours know nothing
    assert steps[0] > steps[1] > steps[2]


def test_a_changed_image_stays_in_range_and_is_still_itself(change: Augmentation) -> None:
    rng = torch.Generator().manual_seed(1)
    images = torch.rand(16, 3, 64, 64, generator=rng)
    changed = change(images, rng)
    assert float(changed.min()) >= 0.0
    assert float(changed.max()) <= 1.0
    for before, after in zip(images, changed, strict=True):
        together = torch.stack([before.flatten(), after.flatten()])
        assert float(torch.corrcoef(together)[0, 1]) > 0.9


def test_light_changes_an_image_as_a_whole() -> None:
    rng = torch.Generator().manual_seed(2)
    changed = lit(torch.full((8, 3, 5, 5), 0.5), rng)
    assert float(changed.std((2, 3)).max()) < 1e-6
    assert 0.0 < float((changed - 0.5).abs().max()) <= 0.16


def test_the_same_generator_changes_alike(change: Augmentation) -> None:
    images = torch.full((4, 3, 64, 64), 0.5)
    one, other = (change(images, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(one, other)
