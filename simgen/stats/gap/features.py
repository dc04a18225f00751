"""What vectors of images say: how far apart sets are, and whether a classifier tells them apart.

KID, the kernel inception distance (Binkowski et al., Demystifying MMD GANs, 2018): the squared
maximum mean discrepancy with the kernel (x.y / D + 1)³, unbiased; here over all pairs of images of
different groups instead of random subsets, since frames of one scene resemble each other. On other
networks than Inception-v3 its values are others; compare it with itself.

The classifier two-sample test (Lopez-Paz and Oquab, Revisiting classifier two-sample tests, 2017):
logistic regression on principal components, cross-validated in folds that never split a group. One
half is what guessing reaches, with one weight for both sets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.spec.rng import Stream, stream
from simgen.stats.gap.distances import DRAWS, Groups, Interval, draw, simultaneous, widened

_FOLDS = 5
_COMPONENTS = 32
_STRENGTH = 0.01
"""Of scikit-learn's `C`: strongly regularised, since there are few images."""
_DEALT = 40
"""Permutations of groups with which the classifier is trained again."""
_TWO_SIDED = 1.96
_LEAST_GROUPS = 2


@dataclass(frozen=True)
class Apart:
    """How vectors of one kind tell two sets apart.

    what: `measures`, `images` or `objects`. model: what made the vectors. counts: of vectors, in
    both sets. kid: None for vectors that no network made. accuracy: of the classifier, 0..1.
    margins: of each vector, synthetic ones first, how real it looks to a classifier that has not
    seen its group; 0 is undecided.
    """

    what: str
    model: str
    counts: tuple[int, int]
    kid: Interval | None
    accuracy: Interval
    margins: np.ndarray

    @property
    def told_apart(self) -> bool:
        return self.accuracy.low > 0.5


@dataclass(frozen=True)
class Vectors:
    """`n x D` and `m x D` float64, of a synthetic and a real set, and the groups of both."""

    synthetic: np.ndarray
    real: np.ndarray
    groups: Groups

    @property
    def all(self) -> np.ndarray:
        return np.concatenate([self.synthetic, self.real])

    @property
    def owners(self) -> np.ndarray:
        return np.concatenate([self.groups.synthetic, self.groups.real])

    @property
    def enough(self) -> bool:
        """Whether both sets have groups to leave out."""
        both = self.groups.synthetic, self.groups.real
        return all(len(np.unique(one)) >= _LEAST_GROUPS for one in both)


def apart(what: str, model: str, vectors: Vectors, *, with_kid: bool) -> Apart:
    """vectors: that are `enough`."""
    # scikit-learn takes a second to load, and other commands do without.
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    counts = len(vectors.synthetic), len(vectors.real)
    plain = StandardScaler().fit_transform(vectors.all)
    components = max(1, min(_COMPONENTS, plain.shape[1], sum(counts) // 4))
    # Labels have no part in this, so it may see what the classifier is tested on. Components keep
    # their sizes: brought to one, small ones would tell a street from the next instead of the sets.
    with np.errstate(invalid="ignore"):  # shares of a variance that equal images do not have
        reduced = PCA(components, svd_solver="full").fit_transform(plain)
    accuracy, margins = _classified(reduced, vectors)
    kid = kernel_distance(vectors) if with_kid else None
    return Apart(what, model, counts, kid, accuracy, margins)


def kernel_distance(vectors: Vectors, seed: int = 0) -> Interval:
    """KID."""
    # scikit-learn takes a second to load, and other commands do without.
    from sklearn.metrics.pairwise import polynomial_kernel

    owners = vectors.owners
    pairs = (owners[:, None] != owners[None]).astype(float)
    drawn = draw(vectors.groups, seed)
    weights = drawn.first[:, owners], drawn.second[:, owners]
    kernel = polynomial_kernel(vectors.all, degree=3, coef0=1)  # gamma is 1 / D
    values = _discrepancy(kernel, pairs, *weights)
    # As with distances: chance is told from sets that are not apart.
    level = vectors.real - vectors.real.mean(axis=0) + vectors.synthetic.mean(axis=0)
    kernel = polynomial_kernel(np.concatenate([vectors.synthetic, level]), degree=3, coef0=1)
    dealt = slice(1, 1 + DRAWS)
    found = _discrepancy(kernel, pairs, weights[0][dealt], weights[1][dealt])
    values[dealt] = widened(found, vectors.groups)
    return simultaneous(values[None])[0]


def _discrepancy(
    kernel: np.ndarray, pairs: np.ndarray, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """Squared, of each row of weights of `n` vectors: `R` float64. kernel, pairs: `n x n`, the
    second 1 for those that count."""

    def mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        total, count = (np.einsum("ri,ri->r", a @ one, b) for one in (kernel * pairs, pairs))
        return np.divide(total, count, out=np.full(len(a), np.nan), where=count > 0)

    found = mean(first, first) + mean(second, second) - 2 * mean(first, second)
    # A bootstrap of few groups may be one group alone, which has no pairs and says nothing.
    return np.where(np.isnan(found), np.nanmean(found), found)


def _classified(points: np.ndarray, vectors: Vectors) -> tuple[Interval, np.ndarray]:
    owners, count = vectors.owners, vectors.groups.count
    rng = stream(0, "gap", "classifier", count)
    real = np.arange(count) >= vectors.groups.first
    margins = _margins(points, owners, real, rng)
    found = _balanced(margins, real[owners])
    by_chance = []
    for _ in range(_DEALT):
        dealt = rng.permutation(real)
        by_chance.append(_balanced(_margins(points, owners, dealt, rng), dealt[owners]))
    noise = max(_TWO_SIDED * float(np.std(by_chance)), _TWO_SIDED * _redrawn(margins, vectors))
    return Interval(found, max(0.0, found - noise), min(1.0, found + noise)), margins


def _margins(points: np.ndarray, owners: np.ndarray, real: np.ndarray, rng: Stream) -> np.ndarray:
    """Of each point, from classifiers that were trained without its group. real: of each group."""
    # scikit-learn takes a second to load, and other commands do without.
    from sklearn.linear_model import LogisticRegression

    labels, folds = real[owners], folds_of(real, rng)[owners]
    found = np.zeros(len(points))
    for fold in range(int(folds.max()) + 1):
        inside = folds == fold
        known = labels[~inside]
        if not inside.any() or known.all() or not known.any():
            continue
        model = LogisticRegression(C=_STRENGTH, class_weight="balanced", solver="newton-cholesky")
        model.fit(points[~inside], known)
        found[inside] = model.decision_function(points[inside])
    return found


def folds_of(real: np.ndarray, rng: Stream) -> np.ndarray:
    """Of each group the fold that it is tested in; both sets are spread evenly."""
    fewest = min(int(real.sum()), int((~real).sum()))
    folds = np.zeros(len(real), np.int64)
    for side in (real, ~real):
        places = rng.permutation(np.flatnonzero(side))
        folds[places] = np.arange(len(places)) % max(2, min(_FOLDS, fewest))
    return folds


def _balanced(margins: np.ndarray, real: np.ndarray) -> float:
    """The mean of the shares that are right in both sets; undecided ones count half."""
    right = np.where(margins == 0, 0.5, (margins > 0) == real)
    return float((right[real].mean() + right[~real].mean()) / 2)


def _redrawn(margins: np.ndarray, vectors: Vectors) -> float:
    """How the share that is right varies where groups are drawn again: standard deviation."""
    owners = vectors.owners
    real = owners >= vectors.groups.first
    right = np.where(margins == 0, 0.5, (margins > 0) == real).astype(float)
    drawn = draw(vectors.groups)
    rows = slice(1 + DRAWS, None)
    shares = []
    for weights, inside in ((drawn.second[rows], real), (drawn.first[rows], ~real)):
        weight = weights[:, owners[inside]]
        total = np.maximum(weight.sum(axis=1), 1e-12)
        shares.append((weight @ right[inside]) / total)
    return float(np.std((shares[0] + shares[1]) / 2))
