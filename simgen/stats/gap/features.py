"""Compares sets by the vectors of their images: kernel inception distance and a classifier.

KID, the kernel inception distance (Binkowski et al., Demystifying MMD GANs, 2018), is the unbiased
squared maximum mean discrepancy with the kernel (x.y / D + 1)³, here over all pairs of images of
different groups instead of random subsets, since frames of one scene are similar. Its values depend
on the network, so those of networks other than Inception-v3 compare only with each other.

The classifier two-sample test (Lopez-Paz and Oquab, Revisiting classifier two-sample tests, 2017)
is a logistic regression on principal components, cross-validated in folds that never split a group.
Accuracy is balanced between the two sets, so guessing reaches 0.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.spec.rng import Stream, stream
from simgen.stats.gap.distances import DRAWS, Groups, Interval, draw, simultaneous, widened

_FOLDS = 5
_COMPONENTS = 32
_STRENGTH = 0.01
"""Scikit-learn's `C`: strong regularization, since there are few images."""
_DEALT = 40
"""Number of permutations of groups for which the classifier is retrained."""
_TWO_SIDED = 1.96
_LEAST_GROUPS = 2


@dataclass(frozen=True)
class Apart:
    """How well two sets can be told apart by one kind of vector.

    what: `measures`, `images` or `objects`. model: source of the vectors. counts: of vectors, in
    both sets. kid: None for vectors that are not from a network. accuracy: of the classifier, 0..1.
    margins: for each vector, synthetic ones first, the decision value of a classifier that has not
    seen its group; positive is real, 0 undecided.
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
    """Vectors of a synthetic and a real set, `n x D` and `m x D` float64, and their groups."""

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
        """Return whether both sets have enough groups for cross-validation."""
        both = self.groups.synthetic, self.groups.real
        return all(len(np.unique(one)) >= _LEAST_GROUPS for one in both)


def apart(what: str, model: str, vectors: Vectors, *, with_kid: bool) -> Apart:
    """Compare the sets of `vectors`, which must be `enough`."""
    # scikit-learn takes a second to load, and other commands do not need it.
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    counts = len(vectors.synthetic), len(vectors.real)
    plain = StandardScaler().fit_transform(vectors.all)
    components = max(1, min(_COMPONENTS, plain.shape[1], sum(counts) // 4))
    # PCA uses no labels, so it may include the test folds. Components are not whitened: scaled up,
    # minor ones would separate one street from the next instead of the sets.
    with np.errstate(invalid="ignore"):  # equal images have no variance
        reduced = PCA(components, svd_solver="full").fit_transform(plain)
    accuracy, margins = _classified(reduced, vectors)
    kid = kernel_distance(vectors) if with_kid else None
    return Apart(what, model, counts, kid, accuracy, margins)


def kernel_distance(vectors: Vectors, seed: int = 0) -> Interval:
    """Return KID with its interval."""
    # scikit-learn takes a second to load, and other commands do not need it.
    from sklearn.metrics.pairwise import polynomial_kernel

    owners = vectors.owners
    pairs = (owners[:, None] != owners[None]).astype(float)
    drawn = draw(vectors.groups, seed)
    weights = drawn.first[:, owners], drawn.second[:, owners]
    kernel = polynomial_kernel(vectors.all, degree=3, coef0=1)  # gamma is 1 / D
    values = _discrepancy(kernel, pairs, *weights)
    # As for distances, the null hypothesis is two sets with equal means.
    level = vectors.real - vectors.real.mean(axis=0) + vectors.synthetic.mean(axis=0)
    kernel = polynomial_kernel(np.concatenate([vectors.synthetic, level]), degree=3, coef0=1)
    dealt = slice(1, 1 + DRAWS)
    found = _discrepancy(kernel, pairs, weights[0][dealt], weights[1][dealt])
    values[dealt] = widened(found, vectors.groups)
    return simultaneous(values[None])[0]


def _discrepancy(
    kernel: np.ndarray, pairs: np.ndarray, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """Return the squared discrepancy for each row of weights, `R` float64.

    kernel, pairs: `n x n`; `pairs` is 1 for pairs that count. first, second: `R x n` weights.
    """

    def mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        total, count = (np.einsum("ri,ri->r", a @ one, b) for one in (kernel * pairs, pairs))
        return np.divide(total, count, out=np.full(len(a), np.nan), where=count > 0)

    found = mean(first, first) + mean(second, second) - 2 * mean(first, second)
    # A bootstrap sample of few groups may contain a single group, which has no pairs.
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
    """Return the decision value of each point, from classifiers trained without its group. real:
    for each group."""
    # scikit-learn takes a second to load, and other commands do not need it.
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
    """Assign each group to a test fold, with both sets spread evenly."""
    fewest = min(int(real.sum()), int((~real).sum()))
    folds = np.zeros(len(real), np.int64)
    for side in (real, ~real):
        places = rng.permutation(np.flatnonzero(side))
        folds[places] = np.arange(len(places)) % max(2, min(_FOLDS, fewest))
    return folds


def _balanced(margins: np.ndarray, real: np.ndarray) -> float:
    """Return the balanced accuracy; undecided points count half."""
    right = np.where(margins == 0, 0.5, (margins > 0) == real)
    return float((right[real].mean() + right[~real].mean()) / 2)


def _redrawn(margins: np.ndarray, vectors: Vectors) -> float:
    """Return the standard deviation of the balanced accuracy under resampled groups."""
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
