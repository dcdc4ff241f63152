"""Judging, results of evaluations, fusion profiles, and the loop of training."""

from service.evaluation.controller import EvaluationController
from service.evaluation.judging import JudgmentPools
from service.evaluation.live_controller import LiveTestController
from service.evaluation.profiles_controller import ComparisonController, ProfilesController
from service.evaluation.proof_controller import ProofController
from service.evaluation.runs_controller import EvaluationRunController
from service.evaluation.sets_controller import QuerySetController
from service.evaluation.training_controller import TrainingController
from service.features import Context, Feature
from service.search.deps import searcher


def feature(context: Context) -> Feature:
    """Build the pooling of items to judge, whose searches are not logged: nobody asked them."""
    return Feature(
        handlers=[
            EvaluationController,
            ProofController,
            EvaluationRunController,
            TrainingController,
            ProfilesController,
            ComparisonController,
            QuerySetController,
            LiveTestController,
        ],
        provides={"pools": JudgmentPools(searcher(context))},
    )
