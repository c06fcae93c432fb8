"""Steps of a pipeline such as lenders write themselves."""

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler


class Mapper(BaseEstimator, TransformerMixin):
    """Adds or replaces columns by looking another one up."""

    def __init__(self, maps=None):
        self.maps = maps  # new column: (column, its values' values)

    def fit(self, X, y=None):
        self.columns_ = list(X.columns)
        return self

    def transform(self, X):
        return X.assign(**{new: X[old].map(values) for new, (old, values) in self.maps.items()})


class StateDefaultRateTargetEncoder(BaseEstimator, TransformerMixin):
    """Adds the rate of defaults in the applicant's state."""

    def fit(self, X, y):
        self.default_rate_by_state_ = X.assign(target=y.to_numpy()).groupby("state")["target"].mean()
        return self

    def transform(self, X):
        return X.assign(state_default_rate=X["state"].map(self.default_rate_by_state_))


class FeatureSelector(BaseEstimator, TransformerMixin):
    """Keeps some columns, in an order of its own."""

    def __init__(self, columns=None):
        self.columns = columns

    def fit(self, X, y=None):
        self.kept_ = list(self.columns)
        return self

    def transform(self, X):
        return X[self.kept_]


class RobustStandardScaler(StandardScaler):
    """A scaler by another name."""


class RobustOneHotEncoder(OneHotEncoder):
    """An encoder by another name."""


class RobustOrdinalEncoder(OrdinalEncoder):
    """An encoder by another name."""
