"""Nothing is judged by what learned from it, neither by a stack, a band nor a baseline."""

import numpy as np
import pytest
from scipy.special import expit

from ganfake.train.detector import LEFT_OUT
from ganfake.train.evaluation import evaluate
from ganfake.train.evaluation_baselines import Extras, cross_fitted, left_out_thumbnails
from ganfake.train.evaluation_measures import auc
from ganfake.train.evaluation_rows import hold, rows_of
from ganfake.train.stack import fit_stack, judge_rows
from tests.made_up_scores import synthetic


def test_an_expert_that_only_knows_its_family_is_exposed_when_it_is_left_out():
    """StyleGAN is seen through wherever a network met it, and looks real where it is left out."""
    table = synthetic(scale=0.5)
    rng = np.random.default_rng(6)
    planted = (table["family"] == "StyleGAN") & ~table["left_out"]
    naive = (table["family"] == "StyleGAN") & table["left_out"]
    table["mobilenet"][planted] = 0.999
    table["mobilenet"][naive] = expit(2 * (rng.normal(size=naive.sum()) - 1.0))
    found = evaluate(table, draws=50)
    assert found["sets"]["stylegan256"]["judges"]["ensemble"]["auc"]["value"] > 0.97
    one = found["left_out"]["families"]["StyleGAN"]["counted"]["judges"]
    assert one["ensemble"]["value"] == pytest.approx(0.5, abs=0.08)
    assert one["mobilenet"]["value"] == pytest.approx(0.5, abs=0.08)
    assert found["left_out"]["judges"]["ensemble"]["least"] < 0.6
    goal = next(g for g in found["goals"] if "least AUC" in g["what"])
    assert not goal["reached"]
    passes = {f: e["counted"]["passes"] for f, e in found["left_out"]["families"].items()}
    assert passes.pop("StyleGAN") > 0.5 > 0.2 > max(passes.values())


def test_a_stack_never_judges_the_fold_that_it_learned():
    """In fold 4, told by its size of crop, the expert's word is turned round.

    A stack that had seen fold 4 would know and put it right; ours must be wrong there.
    """
    table = synthetic(scale=0.6)
    odd = table["fold"] == 4
    table["crop_px"] = np.where(odd, 256.0, 128.0)
    table["mobilenet"] = np.where(odd, 1 - table["mobilenet"], table["mobilenet"])
    held = hold(table)
    rows = rows_of(table, "ciplab160")
    own = rows[table["fold"][rows] == 4]
    assert auc(held.scores["ensemble"][own], table["fake"][own]) < 0.3
    cheat = judge_rows(fit_stack(table), table)
    assert auc(cheat[own], table["fake"][own]) > 0.8


def test_the_band_of_a_fold_comes_from_the_others():
    table = synthetic(scale=0.6)
    before = hold(table).bands
    changed = dict(table, mobilenet=table["mobilenet"].copy())
    own = (table["fold"] == 3) & ~table["left_out"]
    changed["mobilenet"][own] = np.random.default_rng(7).random(own.sum())
    after = hold(changed).bands
    assert after[3] == before[3]
    assert after[0] != before[0]


def test_a_baseline_never_sees_its_own_fold():
    """Each column tells the truth in one fold alone; out of that fold nothing can be learned."""
    fold = np.repeat(np.arange(5), 40)
    fake = np.tile(np.arange(40) % 2 == 1, 5)
    features = (fold[:, None] == np.arange(5)) * np.where(fake, 1.0, -1.0)[:, None]
    p = cross_fitted(features, fake, fold)
    assert auc(p[fold == 2], fake[fold == 2]) == 0.5


def test_the_left_out_thumbnail_regression_never_meets_the_family():
    table = synthetic(scale=0.6)
    thumbs = np.zeros((len(table["fake"]), 192), np.float32)
    for number, family in enumerate(LEFT_OUT):
        thumbs[table["family"] == family, number] = 1.0
    found = left_out_thumbnails(hold(table), Extras(thumbs))
    assert set(found) == set(LEFT_OUT)
    assert all(value == 0.5 for value in found.values())


def test_small_faces_are_uncertain():
    table = synthetic(scale=0.3)
    table["crop_px"] = np.where(table["source"] == "attributes", 39.0, 128.0)
    held = hold(table)
    assert (held.verdict[table["source"] == "attributes"] == 0).all()
    assert (held.verdict[table["source"] == "lfw"] != 0).any()
